"""The chat as a customer meets it: a real browser, the real server.

Set KEFU_SCREENSHOTS to a folder to keep pictures of what was seen.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.widget_page import (
    CHINESE,
    DESKTOP,
    ENGLISH,
    PHONE,
    OpenPage,
    ask,
    fail_once,
    field,
    launcher,
    picture,
    posted,
    replies,
    start,
    tab_to,
)

pytestmark = pytest.mark.browser

UNKNOWN = "Who won the football world cup in 1998?"

# What a customer gets


@pytest.mark.parametrize(
    ("language", "question", "tag"),
    [("en", ENGLISH, "en"), ("zh", CHINESE, "zh-Hans")],
    ids=["english", "chinese"],
)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_question_is_answered_with_a_link_to_its_source(
    open_page: OpenPage,
    language: str,
    question: str,
    tag: str,
    size: dict[str, int],
) -> None:
    page = open_page(f"/?lang={language}", viewport=size)
    name = f"{language}-{'phone' if size is PHONE else 'desktop'}"
    picture(page, f"shop-{name}")
    start(page)
    picture(page, f"widget-open-{name}")
    reply = ask(page, question)
    expect(reply).to_have_attribute("data-action", "answer")
    expect(reply.locator(".bubble .text")).to_have_attribute("lang", tag)
    source = reply.locator("a.source").first
    assert "/help" in (source.get_attribute("href") or "")
    expect(source.locator(".title")).not_to_be_empty()
    picture(page, f"widget-answer-{name}")


def test_the_disclosure_is_the_first_thing_said(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    first = page.locator("kefu-chat .log > *").first
    expect(first).to_have_class(re.compile("disclosure"))


def test_a_question_nobody_has_written_an_answer_to_offers_a_person(
    open_page: OpenPage,
) -> None:
    page = open_page()
    start(page)
    reply = ask(page, UNKNOWN)
    expect(reply.locator("a.source")).to_have_count(0)
    expect(reply.locator(".offer")).to_be_visible()
    picture(page, "widget-refusal-en-desktop")


def test_a_person_can_be_asked_for_at_any_time(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    page.locator("kefu-chat .person").click()
    expect(replies(page).last).to_have_attribute("data-action", "handoff")
    expect(page.locator("kefu-chat .person")).to_have_attribute("aria-disabled", "true")


def test_a_thumb_is_sent_and_stays_pressed(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    thumb = ask(page, ENGLISH).locator(".thumb").nth(1)
    with page.expect_response(re.compile("/feedback$")) as answer:
        thumb.click()
    assert answer.value.status == 204
    expect(thumb).to_have_attribute("aria-pressed", "true")


def test_a_quick_reply_is_a_button_that_asks_its_question(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    chip = page.locator("kefu-chat .quick button").first
    question = chip.inner_text()
    chip.click()
    expect(replies(page)).to_have_count(1)
    expect(page.locator("kefu-chat .customer .text")).to_have_text(question)
    expect(page.locator("kefu-chat .quick")).to_have_count(0)


def test_the_language_can_be_switched_in_the_header(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    page.locator("kefu-chat .switch").click()
    expect(page.locator("kefu-chat h2")).to_have_text("在线客服")
    disclosure = page.locator("kefu-chat .disclosure .text")
    expect(disclosure).to_have_count(1)
    expect(disclosure).to_have_text(re.compile("[一-鿿]"))


def test_a_page_can_place_the_element_itself(open_page: OpenPage, live_server: str) -> None:
    page = open_page()
    html = (
        '<html lang="en"><body><kefu-chat data-collection="demo" data-language="zh"></kefu-chat>'
        '<script type="module" src="/widget.js" data-collection="demo"></script></body></html>'
    )
    page.route("**/by-hand", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{live_server}/by-hand")
    expect(page.locator("kefu-chat")).to_have_count(1)
    expect(launcher(page)).to_contain_text("在线咨询")


# Keyboard and screen reader


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page()
    tab_to(page, "Open the customer support chat")
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    page.keyboard.type("How long do I have")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("to send something back?")
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(1)
    expect(page.locator("kefu-chat .customer .text")).to_have_text(
        "How long do I have\nto send something back?"
    )
    title = replies(page).locator("a.source .title").first.inner_text()
    tab_to(page, title, "Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(replies(page).locator("blockquote").first).to_be_visible()


def test_escape_closes_and_gives_the_focus_back(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("kefu-chat .panel")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


def test_on_a_phone_the_focus_stays_in_the_panel(open_page: OpenPage) -> None:
    page = open_page(viewport=PHONE)
    start(page)
    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "KEFU-CHAT"


def test_enter_does_not_send_while_an_input_method_composes(
    open_page: OpenPage,
) -> None:
    page = open_page("/?lang=zh")
    start(page)
    bodies = posted(page)
    field(page).focus()
    page.context.new_cdp_session(page).send(
        "Input.imeSetComposition", {"text": "tui", "selectionStart": 3, "selectionEnd": 3}
    )
    composing = field(page).evaluate(
        """(field) => field.dispatchEvent(new KeyboardEvent('keydown', {
          key: 'Enter', isComposing: true, bubbles: true, cancelable: true,
        }))"""
    )
    assert composing, "the Enter that chooses a word was taken away from the input method"
    expect(field(page)).to_have_value("tui")
    assert bodies == []


def test_a_streamed_answer_is_announced_once_and_whole(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    page.evaluate(
        """() => {
          const root = document.querySelector('kefu-chat').shadowRoot;
          const announcer = root.querySelector('.spoken[aria-live=polite]');
          window.said = [];
          new MutationObserver(() => window.said.push(announcer.textContent))
            .observe(announcer, { childList: true, characterData: true, subtree: true });
        }"""
    )
    log = page.locator("kefu-chat [role=log]")
    expect(log).to_have_attribute("aria-live", "off")
    text = ask(page, ENGLISH).locator(".bubble .text").text_content()
    page.wait_for_function("text => window.said.includes(text)", arg=text)
    said = page.evaluate("window.said")
    # A server quicker than the announcer's pause has nothing left to announce at the start.
    assert said in ([text], ["The assistant is answering", text])


def test_targets_are_large_and_text_stands_out(open_page: OpenPage) -> None:
    measure = """() => {
      const root = document.querySelector('kefu-chat').shadowRoot;
      const part = (value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      };
      const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
      const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const [r, g, b, a = 1] = channels(getComputedStyle(at).backgroundColor);
          if (a === 1) return [r, g, b];
        }
        return [255, 255, 255];
      };
      const faults = [];
      for (const element of root.querySelectorAll('.panel *')) {
        const box = element.getBoundingClientRect();
        if (!box.width || element.closest('.spoken, svg')) continue;
        if (element.matches('button, a, summary') && (box.width < 24 || box.height < 24)) {
          faults.push(`${element.className || element.tagName}: ${box.width} x ${box.height}`);
        }
        const hasText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
        if (![...element.childNodes].some(hasText)) continue;
        const [a, b] = [channels(getComputedStyle(element).color), ground(element)].map(light);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) faults.push(`${element.textContent}: ${contrast.toFixed(2)}`);
      }
      return faults;
    }"""
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        start(page)
        ask(page, ENGLISH).locator(".thumb").nth(1).click()
        page.locator("kefu-chat summary").first.click()
        fail_once(page, lambda route: route.abort())
        field(page).fill(ENGLISH)
        field(page).press("Enter")
        expect(page.locator("kefu-chat .failed")).to_be_visible()
        picture(page, f"widget-{scheme}")
        assert page.evaluate(measure) == []
