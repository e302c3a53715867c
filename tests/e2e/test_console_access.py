"""The console without a mouse, on a small screen, and for weak eyes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console_page import (
    ADMIN,
    CHINESE_ADMIN,
    ENGLISH_AGENT,
    PASSWORD,
    Account,
    ask_for_a_person,
    composer,
    in_queue,
    said,
    sign_in,
    take,
)
from tests.e2e.widget_page import DESKTOP, ENGLISH, PHONE, OpenPage, ask, picture, start

pytestmark = pytest.mark.browser

PAGES = ("live", "knowledge", "review", "models", "jobs", "audits", "privacy", "users")
FAULTS = """() => {
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
  const name = (element) => element.getAttribute('aria-label') || element.textContent.trim()
    || [...(element.labels || [])].map((label) => label.textContent).join('');
  const faults = [];
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) faults.push(`an id twice: ${ids}`);
  if (document.querySelectorAll('main h1').length !== 1) faults.push('not one heading');
  if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the screen');
  for (const element of document.querySelectorAll('body *')) {
    const box = element.getBoundingClientRect();
    const hidden = getComputedStyle(element).visibility !== 'visible';
    if (!box.width || hidden || element.closest('.spoken, .skip, svg, caption, thead')) continue;
    const control = element.matches('button, a, summary, input, select, textarea');
    if (control && !name(element)) faults.push(`no name: ${element.outerHTML.slice(0, 80)}`);
    const inline = element.matches('a:not(.button)') && !element.closest('.rail');
    if (control && !inline && (box.width < 24 || box.height < 24)) {
      faults.push(`${element.className || element.tagName}: ${box.width} x ${box.height}`);
    }
    const hasText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
    if (!element.disabled && [...element.childNodes].some(hasText)) {
      const [a, b] = [channels(getComputedStyle(element).color), ground(element)].map(light);
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) faults.push(`${element.textContent}: ${contrast.toFixed(2)}`);
    }
  }
  return faults;
}"""


def settled(page: Page) -> None:
    expect(page.locator(".bones")).to_have_count(0)


@pytest.mark.parametrize(
    ("account", "size", "scheme"),
    [
        (ADMIN, DESKTOP, "light"),
        (ADMIN, PHONE, "dark"),
        (CHINESE_ADMIN, DESKTOP, "dark"),
        (CHINESE_ADMIN, PHONE, "light"),
    ],
    ids=["english-desktop", "english-phone", "chinese-desktop", "chinese-phone"],
)
def test_every_page_is_readable_named_and_fits(
    open_page: OpenPage, account: Account, size: dict[str, int], scheme: str
) -> None:
    page = open_page("/console", viewport=size, color_scheme=scheme)
    form = f"{account.language}-{'phone' if size is PHONE else 'desktop'}-{scheme}"
    expect(page.locator(".door")).to_be_visible()
    assert page.evaluate(FAULTS) == []
    sign_in(page, account)
    for name in PAGES:
        page.locator(f".rail a[href='#/{name}']").click()
        settled(page)
        picture(page, f"console-{name}-{form}")
        assert page.evaluate(FAULTS) == [], name


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_a_conversation_is_readable_named_and_fits(
    open_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    shopper = open_page("/?lang=en")
    start(shopper)
    ask(shopper, ENGLISH)
    ask(shopper, "Call me on 138 1234 5678")
    ask_for_a_person(shopper)
    page = open_page("/console", viewport=size, color_scheme=scheme)
    sign_in(page, ADMIN)
    take(page, shopper)
    page.locator(".message details").evaluate_all(
        "all => all.forEach((one) => { one.open = true })"
    )
    expect(page.locator(".suggestion").first).to_be_attached()
    assert page.evaluate(FAULTS) == []
    if size is PHONE:
        page.locator(".button.help").click()
        assert page.evaluate(FAULTS) == []
        page.locator(".shut").click()
    page.get_by_role("button", name="Show original").first.click()
    assert page.evaluate(FAULTS) == []


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    shopper = open_page("/?lang=en")
    start(shopper)
    ask(shopper, ENGLISH)
    ask_for_a_person(shopper)
    page = open_page("/console")
    expect(page.locator("input[type=email]")).to_be_focused()
    page.keyboard.type(ENGLISH_AGENT.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    line = in_queue(page, shopper)
    expect(line).to_be_visible()
    tab_until(page, ".rows a")
    while not line.evaluate("line => line === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".talk")).to_be_visible()
    tab_until(page, ".talk .primary")
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("One line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("and another")
    page.keyboard.press("Enter")
    expect(said(page, "agent")).to_have_text("One line\nand another")
    tab_until(page, ".suggestion button")


def tab_until(page: Page, wanted: str) -> None:
    for _ in range(80):
        if page.evaluate(f"document.activeElement.matches({wanted!r})"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {wanted!r}")
