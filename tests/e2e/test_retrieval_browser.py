"""The console's retrieval test in a browser, on a real index, with an encoder without weights.

Set KEFU_SCREENSHOTS to a folder to keep pictures of what was seen.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from chatbot.adapters.job_locks import FileJobLocks
from chatbot.adapters.store_unanswered import SqlUnanswered
from chatbot.bootstrap import Kefu
from chatbot.clock import SystemClock
from chatbot.conversation import Action, Language
from chatbot.job_kinds import load_kinds
from chatbot.job_run import Shop, run_job
from chatbot.jobs import Job, Queue
from chatbot.office import Office
from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from privacy.keyring_file import FileKeyRing
from tests.e2e.console_page import (
    ADMIN,
    CHINESE_ADMIN,
    ENGLISH_AGENT,
    Account,
    open_accounts,
    sign_in,
)
from tests.e2e.small_company import build_index, open_company
from tests.e2e.widget_page import DESKTOP, PHONE, OpenPage, picture
from tests.training.logged_conversations import Said, log_conversation
from web.app import create_app
from web.server import Server

pytestmark = pytest.mark.browser

AGAIN = Document("again", "How long may I return it?", "15  Days!", "Returns (old)", language="en")
CSV = """query,expected_id
How long may I return it?,en
"几天内
可以退货？",zh
Where is the <b>moon</b>?,en
"""


class InThisProcess:
    """A worker without a broker."""

    def __init__(self, settings: Settings, office: Office) -> None:
        locks = FileJobLocks(settings.home / "locks")
        self._shop = Shop(settings, office.jobs, SystemClock(), locks)

    def send(self, job: Job) -> None:
        threading.Thread(target=run_job, args=(job, load_kinds()[job.name], self._shop)).start()

    def waiting(self, queue: Queue) -> int:
        return 0


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    settings = Settings(home=tmp_path_factory.mktemp("shop"), _env_file=None)
    build_index(settings)
    collection = Collection.within(settings.collections_home, settings.collection)
    collection.merge([AGAIN])
    collection.build(HashingEmbedder())
    kefu, engine = open_company(settings)
    open_accounts(settings.sqlalchemy_url)
    assert kefu.office is not None
    queue = InThisProcess(settings, kefu.office)
    for customer, text in (("a", "Any gift vouchers?"), ("b", "any gift voucher"), ("c", "礼品卡")):
        said = Said(
            text, Action.REFUSE, language=Language.ZH_HANS if customer == "c" else Language.EN
        )
        keys = FileKeyRing(settings.keys_home)
        log_conversation(engine, keys, said, customer=customer, at=datetime.now(UTC))
    yield replace(
        kefu,
        office=replace(kefu.office, queue=lambda: queue),
        unanswered=SqlUnanswered(engine),
        encoder=HashingEmbedder,
    )
    engine.dispose()


@pytest.fixture(scope="module")
def live_server(company: Kefu) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        measurement = "training.evaluation.retrieval.measurement"
        patch.setattr(f"{measurement}.load_embedder", lambda _settings: HashingEmbedder())
        server = Server(uvicorn.Config(create_app(company), port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            sleep(0.01)
        (socket,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        server.handle_exit(signal.SIGTERM, None)
        thread.join(5)
        assert not thread.is_alive()


def console(open_page: OpenPage, account: Account, part: str, **options: object) -> Page:
    page = open_page(f"/console#/retrieval/{part}", **options)
    sign_in(page, account)
    return page


def search(page: Page, question: str) -> None:
    page.locator("input[name=query]").fill(question)
    page.locator("input[name=query]").press("Enter")
    expect(page.locator(".outcome")).to_be_visible()


@pytest.mark.parametrize(
    ("account", "question", "best", "size"),
    [
        (ADMIN, "How long may I return it?", re.compile("en|again"), DESKTOP),
        (CHINESE_ADMIN, "几天内可以退货", "zh", PHONE),
    ],
    ids=["english-desktop", "chinese-phone"],
)
def test_every_candidate_of_a_question_is_shown_with_its_stages(
    open_page: OpenPage, account: Account, question: str, best: str, size: dict[str, int]
) -> None:
    page = console(open_page, account, "one", viewport=size)
    search(page, question)
    candidates = page.locator(".candidate")
    expect(candidates).to_have_count(3)
    expect(candidates.first).to_have_attribute("data-id", best)
    assert candidates.first.locator(".stages meter").count() >= 4
    expect(page.locator(".candidates > .threshold")).to_have_count(1)
    picture(page, f"retrieval-one-{account.language}")
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wide) is False


def test_what_says_the_same_stands_behind_the_other(open_page: OpenPage) -> None:
    page = console(open_page, ADMIN, "one")
    search(page, "How long may I return it?")
    behind = page.locator(".candidate.behind")
    expect(behind).to_have_count(1)
    expect(behind.locator(".badge.info")).to_have_text(re.compile("Says the same as (en|again)"))


def test_the_list_may_be_confined_to_one_language(open_page: OpenPage) -> None:
    page = console(open_page, ADMIN, "one")
    search(page, "How long may I return it?")
    page.get_by_role("button", name="Chinese", exact=True).click()
    expect(page.locator(".candidate")).to_have_count(1)
    expect(page.locator(".candidate")).to_have_attribute("data-id", "zh")


@pytest.mark.parametrize("account", [ADMIN, CHINESE_ADMIN], ids=["english", "chinese"])
def test_many_questions_are_measured_and_the_run_is_listed(
    open_page: OpenPage, company: Kefu, account: Account
) -> None:
    page = console(open_page, account, "many")
    page.locator("textarea").fill(CSV)
    page.locator(".batch .primary").click()
    expect(page.locator(".figures dd").first).to_have_text("3")
    mistakes = page.locator("section", has=page.locator(".badge, tbody")).first
    expect(mistakes).to_contain_text("<b>moon</b>")
    expect(page.locator("section").last.locator("tbody tr").first).to_contain_text("queries.csv")
    picture(page, f"retrieval-many-{account.language}")
    assert not list((company.settings.home / "evaluations" / "asked").iterdir())


def test_a_file_is_read_and_what_is_wrong_in_it_is_said_with_its_line(
    open_page: OpenPage, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("query,expected_id\nwhere,nowhere\n", encoding="utf-8-sig")
    page = console(open_page, ADMIN, "many")
    page.locator("input[type=file]").set_input_files(wrong)
    expect(page.locator("textarea")).to_have_value(re.compile("nowhere"))
    page.locator(".batch .primary").click()
    expect(page.locator("[role=alert]")).to_contain_text("line 2")
    expect(page.locator(".batch .primary")).to_be_enabled()


def test_who_may_not_write_knowledge_starts_no_run(open_page: OpenPage) -> None:
    page = console(open_page, ENGLISH_AGENT, "many")
    expect(page.locator("p.batch")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)


@pytest.mark.parametrize("account", [ADMIN, CHINESE_ADMIN], ids=["english", "chinese"])
def test_an_unanswered_question_becomes_an_article(
    open_page: OpenPage, company: Kefu, account: Account
) -> None:
    page = console(open_page, account, "gaps")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(re.compile("gift voucher"))
    picture(page, f"retrieval-gaps-{account.language}")
    rows.first.locator("button").click()
    page.locator("dialog textarea").first.fill(f"Yes ({account.language}).")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("dialog")).to_have_count(0)
    written = {document.id: document for document in company.articles()}
    (article,) = (one for name, one in written.items() if name.startswith("gap-"))
    assert article.answer == f"Yes ({account.language})."
    assert "gift voucher" in article.question


def test_who_may_not_review_does_not_see_what_customers_asked(open_page: OpenPage) -> None:
    page = console(open_page, ENGLISH_AGENT, "gaps")
    expect(page.locator("input[name=query]")).to_be_visible()
    expect(page.get_by_role("button", name="Unanswered")).to_have_count(0)
