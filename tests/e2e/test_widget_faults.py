"""The chat on a bad day: hostile text, a failing server, a page reloaded half-way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.widget_page import (
    CHINESE,
    ENGLISH,
    OpenPage,
    ask,
    fail_once,
    field,
    launcher,
    posted,
    replies,
    reply_with,
    start,
)

pytestmark = pytest.mark.browser

CLOSE_BEHIND_ITS_BACK = """async () => {
  const key = Object.keys(sessionStorage).find((name) => name.startsWith('kefu:'));
  const { id, token } = JSON.parse(sessionStorage.getItem(key)).conversation;
  await fetch(`/v1/conversations/${id}/close`, {
    method: 'POST', headers: { Authorization: `Bearer ${token}` },
  });
}"""

# Safety


def test_no_request_leaves_the_origin(open_page: OpenPage, live_server: str) -> None:
    page = open_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    start(page)
    ask(page, ENGLISH)
    page.locator("kefu-chat .person").click()
    expect(replies(page)).to_have_count(2)
    assert addresses
    assert [url for url in addresses if not url.startswith((live_server, "data:"))] == []


def test_markup_in_a_message_is_shown_as_it_was_typed(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    text = "<img src=x onerror=alert(1)><b>return</b> {{7*7}}"
    ask(page, text)
    expect(page.locator("kefu-chat .customer .text")).to_have_text(text)
    expect(page.locator("kefu-chat .log img, kefu-chat .log b")).to_have_count(0)


def test_only_web_addresses_become_links(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    urls = ["javascript:alert(1)", "data:text/html,x", "", "/help/a", "https://example.org/b"]
    citations = [
        {"document_id": "d", "passage_id": "d#0", "title": "<i>T</i>", "url": url, "quote": "<u>"}
        for url in urls
    ]
    fail_once(page, reply_with(citations=citations))
    reply = ask(page, "hello")
    expect(reply.locator(".source .title")).to_have_text(["<i>T</i>"] * len(urls))
    links = reply.locator("a.source").evaluate_all("links => links.map((a) => a.pathname)")
    assert links == ["/help/a", "/b"]


def test_a_message_over_the_limit_is_not_sent(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    bodies = posted(page)
    field(page).fill("退" * 4001)
    expect(page.locator("kefu-chat .send")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("kefu-chat .count")).to_contain_text("4,001")
    field(page).press("Enter")
    assert bodies == []


# When things go wrong


def test_a_reload_keeps_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    answer = ask(page, ENGLISH).locator(".bubble .text").text_content() or ""
    field(page).fill("half a thought")
    page.reload()
    expect(page.locator("kefu-chat .panel")).to_be_visible()
    expect(replies(page).locator(".bubble .text")).to_have_text([answer])
    expect(field(page)).to_have_value("half a thought")
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.url))
    ask(page, CHINESE)
    assert not [url for url in opened if url.endswith("/v1/conversations")]


@pytest.mark.parametrize(
    "fault",
    [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=503, json={"title": "down", "status": 503}),
        lambda route: route.fulfill(
            content_type="text/event-stream", body='event: token\ndata: {"text": "You ha"}\n\n'
        ),
        lambda route: route.fulfill(
            content_type="text/event-stream",
            body='event: error\ndata: {"title": "failed", "status": 500}\n\n',
        ),
    ],
    ids=["no connection", "server error", "stream cut off", "error in the stream"],
)
def test_a_failed_message_is_tried_again_under_the_same_id(
    open_page: OpenPage, fault: Callable[[Route], None]
) -> None:
    page = open_page()
    start(page)
    bodies = posted(page)
    fail_once(page, fault)
    field(page).fill(ENGLISH)
    field(page).press("Enter")
    failed = page.locator("kefu-chat .failed")
    expect(failed).to_be_visible()
    expect(replies(page)).to_have_count(0)
    failed.get_by_role("button").click()
    expect(replies(page)).to_have_count(1)
    expect(failed).to_have_count(0)
    expect(page.locator("kefu-chat .customer")).to_have_count(1)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


def test_an_answer_cut_off_by_a_reload_is_fetched_again(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    bodies = posted(page)
    held: list[Route] = []
    fail_once(page, lambda route: held.append(route))
    field(page).fill(ENGLISH)
    field(page).press("Enter")
    expect(page.locator("kefu-chat .dots")).to_be_visible()
    page.reload()
    expect(replies(page)).to_have_count(1)
    assert bodies[0] == bodies[1]


def test_a_conversation_the_server_lost_is_begun_anew_with_the_same_question(
    open_page: OpenPage,
) -> None:
    page = open_page()
    start(page)
    ask(page, ENGLISH)
    bodies = posted(page)
    page.evaluate(CLOSE_BEHIND_ITS_BACK)
    ask(page, CHINESE)
    assert [body["text"] for body in bodies] == [CHINESE, CHINESE]
    expect(page.locator("kefu-chat .disclosure")).to_have_count(2)
    expect(page.locator("kefu-chat .notice")).to_have_count(1)
    expect(page.locator("kefu-chat .customer .text")).to_have_text([ENGLISH, CHINESE])


def test_a_server_that_is_down_when_the_chat_opens_can_be_tried_again(
    open_page: OpenPage,
) -> None:
    page = open_page()
    page.route("**/v1/conversations", lambda route: route.abort(), times=1)
    launcher(page).click()
    bar = page.locator("kefu-chat .bar")
    expect(bar).to_contain_text("cannot be reached")
    bar.get_by_role("button").click()
    expect(page.locator("kefu-chat .disclosure")).to_have_count(1)
    expect(bar).to_be_hidden()


def test_being_offline_is_said_and_ends_by_itself(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    page.context.set_offline(True)
    expect(page.locator("kefu-chat .bar")).to_contain_text("offline")
    page.context.set_offline(False)
    expect(page.locator("kefu-chat .bar")).to_be_hidden()


def test_a_new_conversation_is_begun_only_after_asking(open_page: OpenPage) -> None:
    page = open_page()
    start(page)
    ask(page, ENGLISH)
    page.get_by_role("button", name="New conversation").click()
    page.keyboard.press("Escape")
    expect(replies(page)).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    with page.expect_response(re.compile("/close$")) as closed:
        page.get_by_role("button", name="Start new").click()
    assert closed.value.status == 204
    expect(replies(page)).to_have_count(0)
    expect(page.locator("kefu-chat .disclosure")).to_have_count(1)


def test_a_reply_that_arrives_behind_a_closed_panel_is_counted(
    open_page: OpenPage,
) -> None:
    page = open_page()
    start(page)
    held: list[Route] = []
    fail_once(page, lambda route: held.append(route))
    field(page).fill(ENGLISH)
    field(page).press("Enter")
    expect(page.locator("kefu-chat .dots")).to_be_visible()
    page.keyboard.press("Escape")
    held[0].continue_()
    expect(page.locator("kefu-chat .unread")).to_have_text("1")
    launcher(page).click()
    expect(replies(page)).to_have_count(1)
    expect(page.locator("kefu-chat .unread")).to_be_hidden()


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_events_are_read_however_the_network_cuts_them(open_page: OpenPage, size: int) -> None:
    page = open_page()
    stream = (
        '\ufeff: comment\r\n\r\nevent: token\r\ndata: {"text": "退货"}\r\n\r\n'
        'id: 7\ndata:[1,\ndata: 2]\n\nevent: done\rdata: {}\r\rdata: "cut'
    )
    events = page.evaluate(
        """async ([text, size]) => {
          const { readEvents } = await import('/widget/client.js');
          const bytes = new TextEncoder().encode(text);
          const stream = new ReadableStream({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) {
                controller.enqueue(bytes.slice(at, at + size));
              }
              controller.close();
            },
          });
          const events = [];
          for await (const event of readEvents(stream, { renew() {} })) events.push(event);
          return JSON.stringify(events);
        }""",
        [stream, size],
    )
    assert json.loads(events) == [
        {"event": "token", "data": {"text": "退货"}},
        {"event": "message", "id": "7", "data": [1, 2]},
        {"event": "done", "data": {}},
    ]
