"""A browser with the demo shop in it, and models for commands that run in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chatbot import bootstrap
from chatbot.ports import IntentModel
from chatbot.settings import Settings
from knowledge_base.embedding import Embedder
from knowledge_base.vault import Vault
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
def live_server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real server with real models, a database of its own and accounts for the
    console; what is tested there needs no worker."""
    database = f"sqlite:///{tmp_path_factory.mktemp('live') / 'kefu.db'}"
    server = start_server(demo_home, KEFU_DATABASE_URL=database)
    open_accounts(database)
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def loaded_once() -> Iterator[None]:
    """Every command loads its models, which takes longer than its work: those that a module runs
    in this process share them."""
    load_embedder, load_intents = bootstrap.load_embedder, bootstrap.load_intents
    embedders: dict[Path, Embedder] = {}
    intents: dict[Path, IntentModel] = {}

    def embedder(settings: Settings) -> Embedder:
        home = settings.models_home.resolve()
        if home not in embedders:
            embedders[home] = load_embedder(settings)
        return embedders[home]

    def intent_model(
        directory: Path, settings: Settings, *, vault: Vault | None = None
    ) -> IntentModel:
        version = directory.resolve()
        if version not in intents:
            intents[version] = load_intents(directory, settings, vault=vault)
        return intents[version]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "load_embedder", embedder)
        patch.setattr(bootstrap, "load_intents", intent_model)
        yield


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
