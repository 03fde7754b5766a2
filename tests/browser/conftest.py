"""A real server and a real browser; whoever uses them says with `address` over what."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.environment import plain_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Serve = Callable[..., AbstractContextManager[str]]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no Chromium on this machine")
    return found


@pytest.fixture(scope="module")
def serve(chromium: str, repository: Path) -> Serve:
    """Starts the server over a home, after other commands; gives its address, and stops it."""

    @contextmanager
    def served(home: Path, *before: list[str], **settings: str) -> Iterator[str]:
        environment = plain_environment() | settings
        command = [sys.executable, "-m", "app.cli", "--home", str(home)]
        for arguments in before:
            subprocess.run([*command, *arguments], check=True, capture_output=True, env=environment, cwd=repository, timeout=120)
        with subprocess.Popen(
            [*command, "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=repository,
        ) as process:
            assert process.stdout is not None
            try:
                yield json.loads(process.stdout.readline())["url"].rstrip("/")
            finally:
                process.terminate()

    return served


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A page, with and without scripts; the test fails on any console error and any request to elsewhere."""
    yield from _watched(browser, address, bool(request.param))


@pytest.fixture
def scripted(browser: Browser, address: str) -> Iterator[Page]:
    """A page with scripts, for what only they do."""
    yield from _watched(browser, address, True)


def _watched(browser: Browser, address: str, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=scripts, base_url=address, accept_downloads=True)
    context.set_default_timeout(15_000)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(f"{message.type}: {message.text}") if message.type != "log" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    # Leaving a page ends what it was still fetching.
    opened.on("requestfailed", lambda request: wrong.append(request.url) if request.failure != "net::ERR_ABORTED" else None)
    opened.on("response", lambda response: wrong.append(f"{response.status}: {response.url}") if response.status >= 500 else None)
    opened.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith((address + "/", "blob:")) else None
    )
    yield opened
    context.close()
    assert wrong == []
