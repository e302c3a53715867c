"""Consent and attributes in the chat of a page that knows who its customer is."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.widget_page import (
    ENGLISH,
    PHONE,
    OpenPage,
    ask,
    picture,
    start,
    tab_to,
)

pytestmark = pytest.mark.browser


def _signed_in(page: Page, server: str) -> Page:
    """A page of the company's that names its customer, another one at each call."""
    html = (
        f'<!doctype html><html lang="en"><body><kefu-chat data-customer="c-{uuid4()}"></kefu-chat>'
        '<script type="module" src="/widget.js"></script></body></html>'
    )
    page.unroute("**/account")
    page.route("**/account", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{server}/account")
    start(page)
    return page


def _answer(page: Page, question: str, word: str) -> Locator:
    group = page.get_by_role("group", name=re.compile(question))
    return group.get_by_role("radio", name=word)


def test_a_customer_agrees_tells_and_takes_it_back(open_page: OpenPage, live_server: str) -> None:
    page = _signed_in(open_page(), live_server)
    tab_to(page, "Privacy", "Shift+Tab")
    page.keyboard.press("Enter")
    radios = page.locator("kefu-chat .privacy input")
    expect(radios).to_have_count(6)
    expect(page.locator("kefu-chat .privacy input:checked")).to_have_count(0)
    expect(page.locator("kefu-chat .privacy select")).to_have_count(0)

    tab_to(page, "INPUT")
    for _ in ("improve", "audit"):
        page.keyboard.press("Tab")
    with page.expect_response(re.compile("/consent$")) as stated:
        page.keyboard.press("Space")
    assert stated.value.status == 204
    statement = stated.value.request.post_data_json
    assert statement == {"audit": True, "wording_version": "consent-2", "language": "en"}
    expect(_answer(page, "treated fairly", "Yes")).to_be_checked()
    expect(_answer(page, "treated fairly", "Yes")).to_be_focused()

    age = page.get_by_label("Age")
    with page.expect_response(re.compile("/attributes/age_band$")) as told:
        age.select_option(label="60 or older")
    assert (told.value.status, told.value.request.method) == (204, "PUT")
    assert told.value.request.post_data_json == {"value": "60_plus"}
    expect(age).to_have_value("60_plus")
    picture(page, "widget-privacy-en")

    page.reload()
    page.locator("kefu-chat .privacy summary").click()
    expect(age).to_have_value("60_plus")
    with page.expect_response(re.compile("/attributes/age_band$")) as unsaid:
        age.select_option(label="Rather not say")
    assert unsaid.value.request.post_data_json == {"value": None}
    with page.expect_response(re.compile("/consent$")):
        _answer(page, "treated fairly", "No").check()
    expect(age).to_have_count(0)
    expect(_answer(page, "treated fairly", "No")).to_be_checked()


def test_a_customer_may_refuse_to_be_counted_in_either_language(
    open_page: OpenPage, live_server: str
) -> None:
    page = _signed_in(open_page(), live_server)
    page.locator("kefu-chat .privacy summary").click()
    with page.expect_response(re.compile("/consent$")) as stated:
        _answer(page, "in its reports", "No").check()
    assert stated.value.status == 204
    statement = stated.value.request.post_data_json
    assert statement == {"analytics": False, "wording_version": "consent-2", "language": "en"}
    with page.expect_response(re.compile("/consent$")):
        _answer(page, "treated fairly", "No").check()
    expect(_answer(page, "in its reports", "No")).to_be_checked()
    page.locator("kefu-chat .switch").click()
    page.locator("kefu-chat .privacy summary", has_text="隐私").click()
    with page.expect_response(re.compile("/consent$")) as stated:
        _answer(page, "统计报告", "是").check()
    statement = stated.value.request.post_data_json
    assert statement == {"analytics": True, "wording_version": "consent-2", "language": "zh-Hans"}


def test_privacy_is_asked_in_both_languages_and_on_a_phone(
    open_page: OpenPage, live_server: str
) -> None:
    page = _signed_in(open_page(viewport=PHONE), live_server)
    page.locator("kefu-chat .privacy summary").click()
    expect(page.locator("kefu-chat .privacy p").first).to_contain_text("You decide")
    page.locator("kefu-chat .switch").click()
    page.locator("kefu-chat .privacy summary", has_text="隐私").click()
    expect(page.locator("kefu-chat .privacy p").first).to_contain_text("由您决定")
    picture(page, "widget-privacy-zh-phone")


def test_an_answer_that_does_not_arrive_is_not_shown_as_given(
    open_page: OpenPage, live_server: str
) -> None:
    page = _signed_in(open_page(), live_server)
    page.locator("kefu-chat .privacy summary").click()
    page.route("**/consent", lambda route: route.abort(), times=1)
    _answer(page, "improve its answers", "Yes").click()
    expect(page.locator("kefu-chat .bar")).to_be_visible()
    expect(page.locator("kefu-chat .privacy input:checked")).to_have_count(0)


def test_the_next_customer_in_the_tab_meets_an_empty_chat(
    open_page: OpenPage, live_server: str
) -> None:
    page = _signed_in(open_page(), live_server)
    page.locator("kefu-chat .privacy summary").click()
    _answer(page, "improve its answers", "Yes").check()
    ask(page, ENGLISH)
    _signed_in(page, live_server)
    expect(page.locator("kefu-chat .disclosure")).to_have_count(1)
    expect(page.locator("kefu-chat .customer")).to_have_count(0)
    page.locator("kefu-chat .privacy summary").click()
    expect(page.locator("kefu-chat .privacy input")).to_have_count(6)
    expect(page.locator("kefu-chat .privacy input:checked")).to_have_count(0)


def test_a_page_that_names_nobody_asks_nothing(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    expect(page.locator("kefu-chat .privacy")).to_have_count(0)
