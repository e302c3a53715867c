"""The demo shop with its chat, in the words of somebody who uses it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

OpenPage = Callable[..., Page]

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
ENGLISH = "How long do I have to send something back?"
CHINESE = "多少天之内可以退货？"
MESSAGES = re.compile(r"/v1/conversations/[^/]+/messages$")


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("KEFU_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def launcher(page: Page) -> Locator:
    return page.locator("kefu-chat .launcher")


def field(page: Page) -> Locator:
    return page.locator("kefu-chat textarea")


def replies(page: Page) -> Locator:
    """What the assistant said; its welcome, before the first question, has no `data-action`."""
    return page.locator("kefu-chat .message.reply[data-action]:not([data-action=''])")


def start(page: Page) -> None:
    launcher(page).click()
    expect(page.locator("kefu-chat .disclosure .text")).not_to_be_empty()


def ask(page: Page, question: str) -> Locator:
    """Sends the question and waits for the whole reply to it."""
    before = replies(page).count()
    field(page).fill(question)
    field(page).press("Enter")
    expect(replies(page)).to_have_count(before + 1)
    return replies(page).nth(before)


def posted(page: Page) -> list[dict[str, str]]:
    """Bodies of the messages the page sends from now on."""
    bodies: list[dict[str, str]] = []
    page.on(
        "request",
        lambda request: (
            bodies.append(request.post_data_json)
            if MESSAGES.search(request.url) and request.method == "POST"
            else None
        ),
    )
    return bodies


def fail_once(page: Page, answer: Callable[[Route], None]) -> None:
    page.route(MESSAGES, answer, times=1)


def reply_with(**changes: object) -> Callable[[Route], None]:
    body = {
        "message_id": "m-1",
        "text": "Here is what I found.",
        "language": "en",
        "action": "answer",
        "intent": {"name": "return_window", "confidence": 0.9},
        "citations": [],
        "suggestions": [],
        "author": "bot",
        "versions": {},
        "latency_ms": {},
        **changes,
    }
    return lambda route: route.fulfill(json=body)


def focused(page: Page) -> str:
    """Tag and label of the element that has the keyboard, inside the chat too."""
    return page.evaluate(
        """() => {
          let element = document.activeElement;
          while (element.shadowRoot && element.shadowRoot.activeElement) {
            element = element.shadowRoot.activeElement;
          }
          return `${element.tagName} ${element.getAttribute('aria-label') || element.textContent}`;
        }"""
    )


def tab_to(page: Page, wanted: str, key: str = "Tab") -> None:
    for _ in range(60):
        if wanted in focused(page):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never reaches {wanted!r}")
