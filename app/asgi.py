"""The application for an ASGI server, and the server that `voltagraph serve` starts."""

from __future__ import annotations

import json
import signal
import socket
import sys
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
    from api import corrections
    from api.app import create_api
    from api.limits import ValidationLimits, networks
    from api.services import ApiServices
    from api.validate import add_validation
    from app.bootstrap import build_services
    from app.logs import configure_logs
    from app.settings import load_settings
    from shapes.finding_pages import FindingPages
    from ui.curation_view import add_curation_pages
    from ui.pages import add_pages
    from ui.validate_pages import add_validation_pages

    if services is None:
        settings = load_settings()
        configure_logs(settings.log_level, settings.log_format)
        services = build_services(settings)
    settings = services.settings
    api_services = ApiServices(
        identity=services.identity,
        search=services.search,
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
        problems=lambda: problems(services),
    )
    app = create_api(api_services)
    add_validation(app, api_services)
    app.include_router(corrections.router)
    add_pages(app)
    add_curation_pages(app)
    add_validation_pages(app)
    return app


def problems(services: Services) -> list[str]:
    """What keeps the service from answering, as plain sentences; empty when it is ready."""
    from records.errors import VoltagraphError
    from records.rights import PUBLIC

    found = []
    checks = (
        lambda: services.index.get("", PUBLIC),
        lambda: services.ledger.get("", PUBLIC),
        lambda: services.corrections.get(""),
        lambda: services.concepts,
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
    sys.stdout.write((json.dumps({"url": address}) if as_json else f"Serving {address} until Ctrl-C.") + "\n")
    sys.stdout.flush()
    # The server sends itself a signal again after it has shut down; SIGTERM too shall end in order, with exit code 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        config = uvicorn.Config(
            create_app(services),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe is a setting of ours
            timeout_graceful_shutdown=5,
        )
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
        services.checking.close()
        _log.info("server stopped", url=address)
