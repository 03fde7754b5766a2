"""The application for an ASGI server, and the server that `voltagraph serve` starts."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from threading import Thread
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.bootstrap import Services

_log = structlog.get_logger("server")


def create_app(services: Services | None = None) -> FastAPI:
    """The application: API and pages over one set of services.

    Args:
        services: From `app.bootstrap`; ``None`` reads the settings from the environment
            (``uvicorn --factory app.asgi:create_app``).
    """
    from access.sessions import Sessions
    from api import ask, corrections, datasets, saved_queries, saved_searches, searching, sessions, snapshots
    from api.app import create_api
    from api.limits import RateLimit, ValidationLimits, networks
    from api.services import ApiServices
    from api.sparql import add_sparql
    from api.validate import add_validation
    from app.bootstrap import build_services
    from app.logs import configure_logs
    from app.settings import load_settings
    from shapes.finding_pages import FindingPages
    from ui.curation_view import add_curation_pages
    from ui.pages import add_pages
    from ui.query_pages import add_query_pages
    from ui.saved_search_pages import add_saved_search_pages
    from ui.session_pages import add_session_pages
    from ui.validate_pages import add_validation_pages

    if services is None:
        settings = load_settings()
        configure_logs(settings.log_level, settings.log_format)
        services = build_services(settings)
    settings = services.settings
    services.probe_graph()  # a damaged store is told now, and not in the middle of an answer
    api_services = ApiServices(
        identity=services.identity,
        sessions=Sessions(settings.session_hours * 3600, now=time.monotonic),
        logins=RateLimit(settings.logins_per_minute, "tries a minute to log in are allowed"),
        search=services.search,
        asking=services.asking,
        similar=services.similar,
        lookup=services.lookup,
        concepts=services.concepts,
        bookkeeping=services.bookkeeping,
        ledger=services.ledger,
        payloads=services.payloads,
        curation=services.curation,
        base_iri=settings.base_iri,
        max_question_chars=settings.max_question_chars,
        check=services.checking.ask,
        validation=ValidationLimits(
            settings.max_validation_bytes, settings.validations_per_minute, networks(settings.trusted_proxies or "")
        ),
        profiles={profile.name: f"{profile.title}: {profile.description}" for profile in services.profiles},
        finding_pages=FindingPages(),
        queries=services.queries,
        allowance_of=services.allowance_of,
        snapshots=services.snapshots,
        datasets=services.datasets,
        saved_queries=services.saved_queries,
        watching=services.watching,
        webhook_origins=settings.webhook_origins,
        max_query_bytes=settings.max_query_bytes,
        cors_origins=settings.cors_origins,
        problems=lambda: problems(services),
    )
    app = create_api(api_services)
    add_validation(app, api_services)
    add_sparql(app, api_services)
    app.include_router(searching.router)
    app.include_router(ask.router)
    app.include_router(corrections.router)
    app.include_router(sessions.router)
    app.include_router(saved_queries.router)
    app.include_router(saved_searches.router)
    app.include_router(snapshots.router)
    app.include_router(datasets.router)
    add_pages(app)
    add_curation_pages(app)
    add_query_pages(app)
    add_saved_search_pages(app)
    add_session_pages(app)
    add_validation_pages(app)
    return app


def problems(services: Services) -> list[str]:
    """What keeps the service from answering, as plain sentences; empty when it is ready."""
    from access.identity import ANONYMOUS
    from records.errors import VoltagraphError
    from records.rights import PUBLIC

    found = []
    checks = (
        lambda: services.index.generation,
        lambda: services.index.get("", PUBLIC),
        lambda: services.ledger.get("", PUBLIC),
        lambda: services.corrections.get(""),
        lambda: services.query_store.versions("", "", ANONYMOUS),
        lambda: services.watching.store.of_owner(""),
        lambda: services.concepts,
        lambda: services.probe_graph(),
    )
    for check in checks:
        try:
            check()
        except VoltagraphError as error:
            found.append(str(error))
    return found


def run_server(services: Services, *, as_json: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        services: From `app.bootstrap`.
        as_json: Print the address as one JSON object instead of a sentence.

    Raises:
        SettingsError: The address is taken or cannot be used.
    """
    import uvicorn

    from app.warming import warm_up
    from records.errors import SettingsError

    settings = services.settings
    try:
        # The family follows from the address, so that an IPv6 host works too.
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"Cannot serve on {settings.host}:{settings.port}: {error.strerror}.",
            "Choose another port with --port (0 takes a free one).",
        ) from error
    # An answer is sent in two pieces; without this the second waits 40 ms for the reader to acknowledge the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}/"
    # The server sends itself a signal again after it has shut down; SIGTERM too shall end in order, with exit code 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    warming = Thread(target=warm_up, args=(services,), name="warm-up", daemon=True)
    try:
        services.queries.warm()
        services.watcher.start()
        config = uvicorn.Config(
            create_app(services),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe is a setting of ours
            timeout_graceful_shutdown=5,
        )
        sys.stdout.write((json.dumps({"url": address}) if as_json else f"Serving {address} until Ctrl-C.") + "\n")
        sys.stdout.flush()
        warming.start()
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
        if warming.is_alive():
            warming.join(1)
        services.watcher.close()
        services.checking.close()
        services.datasets.close()
        services.queries.close()
        services.index.close()
        _log.info("server stopped", url=address)
