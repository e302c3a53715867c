"""The console's knowledge page: an article's life in a browser, in both languages.

Set KEFU_SCREENSHOTS to a folder to keep pictures of what was seen.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect

from chatbot.adapters.store_sql import SqlStore
from chatbot.bootstrap import Kefu, build, open_office
from chatbot.clock import SystemClock
from chatbot.fakes import KeywordIntents, OverlapRetriever
from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.passages import DRAFT, Document
from privacy.keyring_memory import MemoryKeyRing
from tests.databases import sqlite_database
from tests.e2e.console_page import ADMIN, CHINESE_ADMIN, open_accounts, sign_in
from tests.e2e.widget_page import DESKTOP, PHONE, picture
from web.app import create_app
from web.server import Server

pytestmark = pytest.mark.browser

ARTICLES = [
    Document("window", "How long may I return it?", "Within 7 days.", "Returns", language="en"),
    Document("配送", "多久能送达？", "包裹三天内送达。", "配送时效", language="zh"),
    Document("offer", "Any sale?", "Half.", language="en", valid_until="2001-01-31"),
    Document("data", "Whom?", "身份证号11010519491231002X", "Data", language="zh", status=DRAFT),
]


@dataclass
class Shop:
    url: str
    articles: Collection


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    settings = Settings(home=tmp_path, _env_file=None)
    engine, keys = sqlite_database(tmp_path / "kefu.db"), MemoryKeyRing()
    open_accounts(settings.sqlalchemy_url)
    kefu: Kefu = build(
        settings,
        store=SqlStore(engine, keys),
        intents=lambda _name: KeywordIntents({}),
        retriever=lambda _name: OverlapRetriever(()),
        office=open_office(settings, engine, keys=keys, clock=SystemClock()),
    )
    articles = kefu.collection("demo")
    articles.merge(ARTICLES)
    server = Server(uvicorn.Config(create_app(kefu), port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    (socket,) = server.servers[0].sockets
    yield Shop(f"http://127.0.0.1:{socket.getsockname()[1]}", articles)
    server.handle_exit(signal.SIGTERM, None)
    thread.join(5)
    engine.dispose()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def row(page: Page, words: str) -> Locator:
    return page.locator(".knowledge tbody tr").filter(has_text=words)


def opened(page: Page, shop: Shop, *, chinese: bool = False) -> Page:
    page.goto(f"{shop.url}/console")
    sign_in(page, CHINESE_ADMIN if chinese else ADMIN)
    page.goto(f"{shop.url}/console#/knowledge")
    expect(row(page, "window")).to_be_visible()
    return page


def press(place: Page | Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def test_an_article_is_withdrawn_published_deleted_and_restored(page: Page, shop: Shop) -> None:
    opened(page, shop)
    press(row(page, "window"), "Withdraw")
    expect(row(page, "window").locator(".badge").last).to_have_text("Draft")
    press(row(page, "window"), "Publish")
    expect(row(page, "window").locator(".badge").last).to_have_text("Published")
    press(row(page, "window"), "Delete")
    press(page.locator("dialog"), "Delete")
    expect(row(page, "window")).to_have_count(0)
    page.get_by_label("State").select_option("deleted")
    press(row(page, "window"), "Restore")
    expect(row(page, "window")).to_have_count(0)
    assert {document.id for document in shop.articles.serving()} == {"window", "配送"}
    assert shop.articles.revisions(limit=1)[0].by == ADMIN.email


def test_personal_data_is_told_before_an_article_is_published(page: Page, shop: Shop) -> None:
    opened(page, shop)
    press(row(page, "data"), "Publish")
    expect(page.locator("dialog")).to_contain_text("data · Answer: CN_RESIDENT_ID 1")
    picture(page, "knowledge-publish-en")
    press(page.locator("dialog"), "Publish")
    expect(row(page, "data").locator(".badge").last).to_have_text("Published")


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
def test_the_history_shows_changes_and_leads_back(page: Page, shop: Shop, chinese: bool) -> None:
    shop.articles.merge([replace(ARTICLES[0], answer="Within 14 days.")])
    shop.articles.merge([replace(ARTICLES[1], answer="包裹五天内送达。")])
    opened(page, shop, chinese=chinese)
    name = "zh" if chinese else "en"
    picture(page, f"knowledge-{name}")
    history = "历史" if chinese else "History"
    press(row(page, "window"), history)
    page.locator(".history summary").first.click()
    expect(page.locator(".history del")).to_have_text("7")
    expect(page.locator(".history ins")).to_have_text("14")
    picture(page, f"knowledge-article-history-{name}")
    page.locator("dialog button[type=submit]").click()
    press(page.locator(".page > header"), history)
    page.locator(".history summary").nth(0).click()
    expect(page.locator(".history ins")).to_have_text("五")
    picture(page, f"knowledge-history-{name}")
    page.locator(".history summary").nth(2).click()
    press(page.locator(".history li").nth(2), "回到此版本" if chinese else "Go back to here")
    page.locator("dialog").last.locator("button[type=submit]").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert shop.articles.documents() == ARTICLES


def test_a_file_is_uploaded_and_its_report_is_read(page: Page, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "id,question,answer\nnew,Open?,At nine.\nid,Who?,身份证号11010519491231002X\n", "utf-8"
    )
    opened(page, shop)
    press(page.locator(".page > header"), "Upload")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("input[type=checkbox]").check()
    picture(page, "knowledge-upload-en")
    press(page.locator("dialog"), "Upload")
    expect(page.locator("dialog")).to_contain_text("2 added, 0 changed, 0 unchanged.")
    expect(page.locator("dialog")).to_contain_text("id · Answer: CN_RESIDENT_ID 1")
    picture(page, "knowledge-report-en")
    page.locator("dialog button[type=submit]").click()
    expect(row(page, "Open?").locator(".badge").last).to_have_text("Published")
    expect(row(page, "Who?").locator(".badge").last).to_have_text("Draft")


def test_the_page_fits_a_phone(page: Page, shop: Shop) -> None:
    opened(page, shop, chinese=True)
    page.set_viewport_size(PHONE)
    expect(row(page, "offer").locator(".badge").last).to_have_text("已过期")
    expect(row(page, "offer")).to_contain_text(re.compile("至 2001-01-31"))
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    picture(page, "knowledge-phone-zh")
