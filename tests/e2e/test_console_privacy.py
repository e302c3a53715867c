"""Customers' rights, the ledger and agents' masks in the console, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from chatbot.people import Role
from tests.e2e.console_page import (
    ADMIN,
    AUDITOR,
    CHINESE_ADMIN,
    CHINESE_AGENT,
    ENGLISH_AGENT,
    Account,
    ask_for_a_person,
    conversation_of,
    in_queue,
    said,
    sign_in,
)
from tests.e2e.test_console_access import FAULTS, settled
from tests.e2e.widget_page import DESKTOP, PHONE, OpenPage, ask, field, picture, start

pytestmark = pytest.mark.browser

PHONE_NUMBER = "138 1234 5678"
PURPOSE = "the customer asked for it"


@dataclass(frozen=True)
class Words:
    account: Account
    export: str
    consents: str
    nothing_stated: str
    erase: str
    verify: str
    download: str
    unlike: str
    unknown: str
    holds: str
    holds_not: str
    ledger: str
    ledger_holds: str
    erased: str
    says: str


ENGLISH = Words(
    ADMIN,
    "Export",
    "Show",
    "This customer has stated nothing.",
    "Erase",
    "Verify",
    "Download",
    "The two references are not the same.",
    "Nothing is kept under this reference.",
    "It holds",
    "It does not hold",
    "Audit log",
    "The log holds",
    "Erased",
    f"Please call me on {PHONE_NUMBER}",
)
CHINESE = Words(
    CHINESE_ADMIN,
    "导出",
    "显示",
    "该客户没有作过任何声明。",
    "删除数据",
    "验证",
    "下载",
    "两次输入的客户标识不一致。",
    "该标识下没有任何数据。",
    "有效",
    "无效",
    "审计日志",
    "日志完整",
    "删除",
    f"请回电{PHONE_NUMBER}",
)
BOTH = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["english", "chinese"])


def shopper_of(open_page: OpenPage, words: Words) -> Page:
    page = open_page(f"/?lang={words.account.language}")
    start(page)
    ask(page, words.says)
    return page


def privacy_page(open_page: OpenPage, account: Account, **options: object) -> Page:
    page = open_page("/console", **options)
    sign_in(page, account)
    page.locator(".rail a[href='#/privacy']").click()
    settled(page)
    return page


def begin(page: Page, deed: str) -> Locator:
    """The dialog of one of the cards."""
    page.locator(".rights").get_by_role("button", name=deed, exact=True).click()
    return page.locator("dialog")


def name(dialog: Locator, *references: str) -> None:
    """Whom it is about, once more where that is asked for, and why."""
    inputs = dialog.locator("input:not([type=file])")
    for place, text in enumerate((*references, PURPOSE)):
        inputs.nth(place).fill(text)


def confirm(dialog: Locator) -> None:
    dialog.locator("[type=submit]").click()


@pytest.mark.parametrize(
    ("words", "form", "begins"),
    [(ENGLISH, "html", "<!doctype html>"), (CHINESE, "json", "{")],
    ids=["english-page", "chinese-json"],
)
def test_a_copy_of_a_customer_s_data_is_downloaded(
    open_page: OpenPage, tmp_path: Path, words: Words, form: str, begins: str
) -> None:
    reference = conversation_of(shopper_of(open_page, words))
    page = privacy_page(open_page, words.account)
    dialog = begin(page, words.export)
    name(dialog, reference)
    dialog.locator("select").first.select_option(form)
    with page.expect_download() as started:
        confirm(dialog)
    assert started.value.suggested_filename == f"kefu-export.{form}"
    started.value.save_as(tmp_path / "export")
    text = (tmp_path / "export").read_text("utf-8")
    assert text.startswith(begins)
    assert PHONE_NUMBER in text
    assert reference not in page.url


@BOTH
def test_an_erasure_is_typed_twice_and_gives_a_certificate_that_verifies(
    open_page: OpenPage, tmp_path: Path, words: Words
) -> None:
    reference = conversation_of(shopper_of(open_page, words))
    page = privacy_page(open_page, words.account)
    dialog = begin(page, words.erase)
    name(dialog, reference, reference[:-1])
    confirm(dialog)
    again = dialog.locator("input").nth(1)
    assert again.evaluate("one => one.validationMessage") == words.unlike
    again.fill(reference)
    picture(page, f"console-erase-{words.account.language}")
    assert page.evaluate(FAULTS) == []
    confirm(dialog)
    proof = page.locator("dialog .proof")
    expect(proof).to_be_visible()
    picture(page, f"console-certificate-{words.account.language}")
    assert page.evaluate(FAULTS) == []
    with page.expect_download() as started:
        page.locator("dialog").get_by_role("button", name=words.download).click()
    file = tmp_path / "certificate.json"
    started.value.save_as(file)
    certificate = json.loads(file.read_text("utf-8"))
    assert certificate["key_destroyed"]
    expect(proof).to_contain_text(certificate["erasure_id"])
    confirm(page.locator("dialog"))

    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**certificate, "done_at": "2020"}), "utf-8")
    for given, verdict in ((file, words.holds), (forged, words.holds_not)):
        dialog = begin(page, words.verify)
        dialog.locator("input[type=file]").set_input_files(given)
        confirm(dialog)
        expect(page.locator("dialog .badge")).to_have_text(verdict)
        confirm(page.locator("dialog"))
    page.goto(page.url.partition("#")[0] + "#/privacy/erasures")
    row = page.locator("tbody tr").filter(has_text=certificate["erasure_id"])
    expect(row.locator(".badge.good")).to_be_visible()


@BOTH
def test_an_unknown_customer_and_one_who_stated_nothing_are_told_apart(
    open_page: OpenPage, words: Words
) -> None:
    reference = conversation_of(shopper_of(open_page, words))
    page = privacy_page(open_page, words.account)
    dialog = begin(page, words.consents)
    name(dialog, "nobody-of-this-name")
    confirm(dialog)
    expect(dialog.locator(".wrong")).to_contain_text(words.unknown)
    name(dialog, reference)
    confirm(dialog)
    expect(page.locator("dialog")).to_contain_text(words.nothing_stated)


def test_a_file_that_is_no_certificate_is_refused_in_the_dialog(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = privacy_page(open_page, AUDITOR)
    for number, text in enumerate(("not json", "[]", "5")):
        file = tmp_path / f"{number}.json"
        file.write_text(text, "utf-8")
        dialog = begin(page, "Verify")
        dialog.locator("input[type=file]").set_input_files(file)
        confirm(dialog)
        expect(dialog.locator(".wrong")).to_contain_text("no certificate")
        dialog.get_by_role("button", name="Cancel").click()


@BOTH
def test_the_ledger_shows_the_newest_first_and_says_whether_it_holds(
    open_page: OpenPage, words: Words
) -> None:
    reference = conversation_of(shopper_of(open_page, words))
    page = privacy_page(open_page, words.account)
    dialog = begin(page, words.export)
    name(dialog, reference)
    with page.expect_download():
        confirm(dialog)
    page.get_by_role("button", name=words.ledger, exact=True).click()
    settled(page)
    first = page.locator("tbody tr").first
    expect(first).to_contain_text(words.account.name)
    expect(first).to_contain_text(words.export)
    expect(first).to_contain_text(PURPOSE)
    expect(page.locator("tbody")).not_to_contain_text(reference)
    numbers = [int(one) for one in page.locator("tbody th").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    page.locator(".ledger .primary").click()
    expect(page.locator(".ledger .badge")).to_have_text(words.ledger_holds)


def test_the_ledger_is_turned_page_by_page(open_page: OpenPage) -> None:
    page = privacy_page(open_page, AUDITOR)

    def entries(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        limit = int(query["limit"][0])
        after = int(query["after"][0]) if "after" in query else 120 - limit
        items = [
            {
                "sequence": number,
                "at": "2026-03-04T05:06:07Z",
                "actor": "worker",
                "actor_name": None,
                "role": "system",
                "action": "purge",
                "subject": "originals=0",
                "purpose": "retention",
                "hash": "0" * 64,
            }
            for number in range(after + 1, after + limit + 1)
        ]
        route.fulfill(json={"newest": 120, "items": items})

    page.route("**/v1/admin/ledger?*", entries)
    page.get_by_role("button", name="Audit log", exact=True).click()
    seen = []
    for deed in ("Older", "Older", "Newer", "Newer"):
        settled(page)
        numbers = page.locator("tbody th").all_inner_texts()
        seen.append((int(numbers[0]), int(numbers[-1])))
        with page.expect_response(re.compile("/v1/admin/ledger")):
            page.get_by_role("button", name=deed).click()
        expect(page.locator("tbody th").first).not_to_have_text(numbers[0])
    assert seen == [(120, 71), (70, 21), (20, 1), (70, 21)]
    expect(page.locator("tbody th").first).to_have_text("120")
    expect(page.get_by_role("button", name="Newer")).to_be_disabled()


def test_an_auditor_may_hand_out_and_verify_but_not_erase(open_page: OpenPage) -> None:
    page = privacy_page(open_page, AUDITOR)
    expect(page.locator(".rights .card")).to_have_count(3)
    expect(page.get_by_role("button", name="Erase")).to_have_count(0)
    expect(page.get_by_role("button", name="Export")).to_be_visible()


@pytest.mark.parametrize(
    ("account", "size", "scheme"),
    [(ADMIN, DESKTOP, "light"), (CHINESE_ADMIN, PHONE, "dark")],
    ids=["english-desktop", "chinese-phone"],
)
def test_every_part_is_readable_named_and_fits(
    open_page: OpenPage, account: Account, size: dict[str, int], scheme: str
) -> None:
    page = privacy_page(open_page, account, viewport=size, color_scheme=scheme)
    for place, part in enumerate(("requests", "erasures", "ledger", "retention")):
        page.locator(".privacy .segments button").nth(place).click()
        expect(page).to_have_url(re.compile(f"#/privacy/{part}$"))
        settled(page)
        if part == "ledger":
            page.locator(".ledger .primary").click()
            expect(page.locator(".ledger .badge")).to_be_visible()
        picture(page, f"console-privacy-{part}-{account.language}-{scheme}")
        assert page.evaluate(FAULTS) == [], part


# Agents' masks


@pytest.mark.parametrize(
    ("account", "words", "title"),
    [
        (ENGLISH_AGENT, ENGLISH, "Personal data, masked"),
        (CHINESE_AGENT, CHINESE, "个人信息，已遮盖"),
    ],
    ids=["english", "chinese"],
)
def test_who_holds_the_conversation_sees_a_mask_in_the_placeholder_s_place(
    open_page: OpenPage, account: Account, words: Words, title: str
) -> None:
    assert account.role is Role.AGENT
    shopper = shopper_of(open_page, words)
    ask_for_a_person(shopper)
    desk = open_page("/console")
    sign_in(desk, account)
    in_queue(desk, shopper).click()
    mark = said(desk, "customer").first.locator("mark")
    expect(mark).to_have_text("phone number 1")
    expect(mark).to_have_attribute("title", title)
    desk.locator(".talk > .head .primary").click()
    expect(mark).to_have_text("138****5678")
    expect(mark).to_have_attribute("title", "<PHONE_NUMBER_1>")
    picture(desk, f"console-masks-{account.language}")
    # What comes live has its mask at once.
    field(shopper).fill("139 8765 4321")
    field(shopper).press("Enter")
    expect(said(desk, "customer").last.locator("mark")).to_have_text("139****4321")
    desk.locator(".talk > .head .actions .button:not(.help)").first.click()
    expect(mark).to_have_text("phone number 1")
    assert "138****5678" not in desk.content()
