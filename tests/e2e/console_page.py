"""The console in the words of an agent, and accounts to sign in with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from chatbot.adapters.database import connect
from chatbot.adapters.store_users import SqlUsers
from chatbot.clock import SystemClock
from chatbot.people import Role, add_user

PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Account:
    name: str
    role: Role
    language: Literal["en", "zh"]

    @property
    def email(self) -> str:
        return f"{self.role.value}-{self.language}@example.com"


ENGLISH_AGENT = Account("Mei Lin", Role.AGENT, "en")
CHINESE_AGENT = Account("李伟", Role.AGENT, "zh")
ADMIN = Account("Ana Ruiz", Role.ADMIN, "en")
CHINESE_ADMIN = Account("王芳", Role.ADMIN, "zh")
AUDITOR = Account("Tom Berg", Role.AUDITOR, "en")
ACCOUNTS = (ENGLISH_AGENT, CHINESE_AGENT, ADMIN, CHINESE_ADMIN, AUDITOR)


def open_accounts(database_url: str) -> None:
    """In a database that is migrated already."""
    engine = connect(database_url)
    for account in ACCOUNTS:
        add_user(
            SqlUsers(engine),
            SystemClock(),
            email=account.email,
            password=PASSWORD,
            role=account.role,
            name=account.name,
            language=account.language,
        )
    engine.dispose()


def sign_in(page: Page, account: Account) -> None:
    page.locator("input[type=email]").fill(account.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("input[type=password]").press("Enter")
    expect(page.locator(".rail")).to_be_visible()


def conversation_of(shopper: Page) -> str:
    """What the chat of a customer has kept in its tab."""
    kept = "Object.values(sessionStorage).map(JSON.parse).find((one) => one.conversation)"
    return str(shopper.evaluate(f"{kept}.conversation.id"))


def in_queue(desk: Page, shopper: Page) -> Locator:
    return desk.locator(f".rows a[href='#/live/{conversation_of(shopper)}']")


def take(desk: Page, shopper: Page) -> None:
    in_queue(desk, shopper).click()
    desk.locator(".talk > .head .primary").click()
    expect(composer(desk)).to_be_focused()


def composer(page: Page) -> Locator:
    return page.locator(".composer textarea")


def said(page: Page, author: str) -> Locator:
    return page.locator(f".message.{author} > .text")


def write(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def heard(shopper: Page, text: str) -> Locator:
    """Bubbles on the company's side of the chat, without what a screen reader is told."""
    return shopper.locator("kefu-chat .message.reply .bubble .text").filter(has_text=text)


def ask_for_a_person(shopper: Page) -> None:
    """The assistant may have asked for one already."""
    button = shopper.locator("kefu-chat .person")
    if button.get_attribute("aria-disabled") != "true":
        button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
