"""A browser, and the demo shop opened in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import start_server
from tests.e2e.console_page import open_accounts
from tests.e2e.widget_page import DESKTOP, OpenPage

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is not installed")
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def console_server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with accounts for the console; what is tested there needs no worker."""
    database = f"sqlite:///{tmp_path_factory.mktemp('console') / 'kefu.db'}"
    server = start_server(demo_home, KEFU_DATABASE_URL=database)
    open_accounts(database)
    yield server.url
    server.stop()


@pytest.fixture
def open_page(browser: Browser, live_server: str) -> Iterator[OpenPage]:
    """Opens the shop; the test fails if the page throws or shows a dialog."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_shop(path: str = "/?lang=en", **options: object) -> Page:
        options.setdefault("viewport", DESKTOP)
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(live_server + path)
        pages.append(page)
        return page

    yield open_shop
    for page in pages:
        page.context.close()
    assert faults == []
