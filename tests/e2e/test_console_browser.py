"""Two browsers, one server: a customer in the shop and an agent in the console.

Set KEFU_SCREENSHOTS to a folder to keep pictures of what was seen.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.console_page import (
    ADMIN,
    AUDITOR,
    CHINESE_AGENT,
    ENGLISH_AGENT,
    Account,
    ask_for_a_person,
    composer,
    heard,
    in_queue,
    said,
    sign_in,
    take,
    write,
)
from tests.e2e.widget_page import (
    CHINESE,
    DESKTOP,
    ENGLISH,
    PHONE,
    OpenPage,
    ask,
    field,
    picture,
    replies,
    start,
)

pytestmark = pytest.mark.browser


def agent(open_page: OpenPage, account: Account, **options: object) -> Page:
    page = open_page("/console", **options)
    sign_in(page, account)
    return page


def customer(open_page: OpenPage, language: str, **options: object) -> Page:
    """Someone with the chat open."""
    page = open_page(f"/?lang={language}", **options)
    start(page)
    return page


def tell(page: Page, text: str) -> None:
    """Writes without waiting for an answer: a person may take their time."""
    field(page).fill(text)
    field(page).press("Enter")


WORDS = {
    "en": (ENGLISH_AGENT, "My parcel has a dent", "Hello, I am looking into it.", ENGLISH),
    "zh": (CHINESE_AGENT, "我的包裹压坏了", "您好，我来帮您看一下。", CHINESE),
}


@pytest.mark.parametrize(
    ("language", "size"), [("en", DESKTOP), ("zh", PHONE)], ids=["english-desktop", "chinese-phone"]
)
def test_customer_and_agent_chat_through_handover_and_back(
    open_page: OpenPage, language: str, size: dict[str, int]
) -> None:
    account, worry, hello, question = WORDS[language]
    desk = agent(open_page, account, viewport=size)
    shopper = customer(open_page, language)
    ask(shopper, worry)
    ask_for_a_person(shopper)
    expect(in_queue(desk, shopper)).to_have_class(re.compile("waiting"))
    name = f"{language}-{'phone' if size is PHONE else 'desktop'}"
    picture(desk, f"console-queue-{name}")
    in_queue(desk, shopper).click()
    expect(said(desk, "customer").filter(has_text=worry)).to_be_visible()
    picture(desk, f"console-waiting-{name}")
    desk.locator(".talk > .head .primary").click()

    write(desk, hello)
    expect(heard(shopper, hello).last).to_be_visible()
    tell(shopper, f"{worry}!")
    expect(said(desk, "customer").last).to_have_text(f"{worry}!")
    write(desk, f"{hello} 2")
    expect(heard(shopper, f"{hello} 2").last).to_be_visible()
    picture(desk, f"console-held-{name}")
    picture(shopper, f"widget-agent-{name}")
    expect(said(desk, "agent")).to_have_text([hello, f"{hello} 2"])
    expect(heard(shopper, hello)).to_have_text([hello, f"{hello} 2"])

    desk.locator(".talk > .head .actions .button:not(.help)").first.click()
    expect(composer(desk)).to_have_count(0)
    tell(shopper, question)
    expect(replies(shopper).last).to_have_attribute("data-action", "answer")
    expect(said(desk, "customer").last).to_have_text(question)
    expect(desk.locator(".message.bot").last).to_contain_text(
        replies(shopper).last.locator(".bubble .text").inner_text()[:20]
    )


def test_a_suggested_reply_is_inserted_changed_and_sent(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    ask(shopper, ENGLISH)
    ask_for_a_person(shopper)
    desk = agent(open_page, ENGLISH_AGENT)
    take(desk, shopper)
    suggestion = desk.locator(".suggested .suggestion").first
    expect(suggestion.locator("a").first).to_be_visible()
    with desk.expect_response(re.compile("/v1/console/suggestions/")) as judged:
        suggestion.get_by_role("button", name="Insert").click()
    assert judged.value.status == 204
    expect(composer(desk)).not_to_have_value("")
    composer(desk).press("End")
    composer(desk).type(" Does this help?")
    with desk.expect_response(re.compile("/reply$")) as sent:
        composer(desk).press("Enter")
    assert sent.value.request.post_data_json["suggestion_id"]
    expect(heard(shopper, "Does this help?").last).to_be_visible()


def test_an_original_is_shown_only_with_a_purpose(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    ask(shopper, "Please call me on 138 1234 5678 about my parcel")
    ask_for_a_person(shopper)
    desk = agent(open_page, ENGLISH_AGENT)
    in_queue(desk, shopper).click()
    expect(said(desk, "customer").first).not_to_contain_text("5678")
    # An agent may look only while holding the conversation.
    expect(desk.get_by_role("button", name="Show original")).to_have_count(0)
    desk.locator(".talk > .head .primary").click()
    desk.get_by_role("button", name="Show original").first.click()
    picture(desk, "console-unseal-en-desktop")
    desk.locator("dialog [type=submit]").click()
    expect(desk.locator("dialog blockquote")).to_contain_text("138 1234 5678")


def test_what_a_customer_writes_never_becomes_markup(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    hostile = "<img src=x onerror=alert(1)><b>my order is late</b>"
    ask(shopper, hostile)
    ask_for_a_person(shopper)
    desk = agent(open_page, ADMIN)
    in_queue(desk, shopper).click()
    expect(said(desk, "customer").first).to_have_text(hostile)
    assert desk.locator("main img, main b").count() == 0


# Roles


def test_a_page_that_a_role_may_not_see_is_not_there(open_page: OpenPage) -> None:
    shown = {}
    for account in (ENGLISH_AGENT, AUDITOR, ADMIN):
        page = agent(open_page, account)
        shown[account.role.value] = [
            link.rpartition("/")[2]
            for link in page.locator(".rail a").evaluate_all("all => all.map((one) => one.hash)")
        ]
    for_all = ["live", "knowledge", "retrieval"]
    everything = [*for_all, "review", "models", "jobs", "audits", "privacy", "users"]
    assert shown == {
        "agent": for_all,
        "auditor": everything[:-1],
        "admin": everything,
    }


def test_an_auditor_reads_and_does_not_take_part(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    ask(shopper, ENGLISH)
    ask_for_a_person(shopper)
    page = agent(open_page, AUDITOR)
    in_queue(page, shopper).click()
    expect(said(page, "customer").first).to_be_visible()
    expect(page.locator(".talk > .head .actions .button:not(.help)")).to_have_count(0)
    for name, button in (("knowledge", "Add article"), ("jobs", "Start a job")):
        page.goto(page.url.partition("#")[0] + f"#/{name}")
        expect(page.locator("main h1")).to_be_visible()
        expect(page.get_by_role("button", name=button)).to_have_count(0)


def test_two_agents_cannot_hold_one_conversation(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    ask(shopper, "The box was wet when it came")
    ask_for_a_person(shopper)
    first, second = agent(open_page, ENGLISH_AGENT), agent(open_page, ADMIN)
    for page in (first, second):
        in_queue(page, shopper).click()
        expect(page.locator(".talk > .head .primary")).to_be_visible()
    second.route("**/events*", lambda route: route.abort())
    first.locator(".talk > .head .primary").click()
    expect(composer(first)).to_be_visible()
    expect(second.locator(".talk h2")).to_contain_text(ENGLISH_AGENT.name)
    expect(composer(second)).to_have_count(0)


# When something is missing


def test_a_wrong_password_is_said_and_nothing_else_happens(open_page: OpenPage) -> None:
    page = open_page("/console")
    page.locator("input[type=email]").fill(ADMIN.email)
    page.locator("input[type=password]").fill("not the password")
    page.locator("input[type=password]").press("Enter")
    expect(page.locator(".wrong")).to_be_visible()
    expect(page.locator("input[type=password]")).to_be_focused()


def test_a_page_that_cannot_be_read_says_so_and_can_be_tried_again(open_page: OpenPage) -> None:
    page = agent(open_page, ADMIN)
    page.route("**/v1/admin/users", lambda route: route.abort(), times=1)
    page.locator(".rail a[href='#/users']").click()
    failure = page.locator("main .failed")
    expect(failure).to_be_visible()
    failure.get_by_role("button").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_an_ended_session_leads_to_the_door_and_back(open_page: OpenPage) -> None:
    page = agent(open_page, ADMIN)
    page.context.clear_cookies()
    page.locator(".rail a[href='#/users']").click()
    expect(page.locator(".door")).to_be_visible()
    sign_in(page, ADMIN)
    expect(page.locator("main h1")).to_have_text("Users")


def test_a_reply_that_was_not_sent_stays_and_is_sent_once(open_page: OpenPage) -> None:
    shopper = customer(open_page, "en")
    ask(shopper, "Nobody answers my mails")
    ask_for_a_person(shopper)
    desk = agent(open_page, ENGLISH_AGENT)
    take(desk, shopper)

    def lose_the_answer(route: Route) -> None:
        # The server has it; only its answer never arrives.
        route.fetch()
        route.abort()

    desk.route(re.compile("/reply$"), lose_the_answer, times=1)
    write(desk, "I do, now.")
    expect(desk.locator(".message .failed")).to_be_visible()
    desk.locator(".message .failed button").click()
    expect(desk.locator(".message.pending")).to_have_count(0)
    expect(said(desk, "agent")).to_have_text(["I do, now."])
    expect(heard(shopper, "I do, now.")).to_have_count(1)
