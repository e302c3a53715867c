"""A conversation goes on where it was after the server has gone and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import Server, start_server
from tests.e2e.console_page import (
    ENGLISH_AGENT,
    ask_for_a_person,
    heard,
    open_accounts,
    said,
    sign_in,
    take,
    write,
)
from tests.e2e.widget_page import ENGLISH, OpenPage, ask, field, picture, start

pytestmark = pytest.mark.browser

RETURN_MS = 40_000


@pytest.fixture
def servers(demo_home: Path, tmp_path: Path) -> Iterator[list[Server]]:
    """The one that runs is the last."""
    database = f"sqlite:///{tmp_path / 'kefu.db'}"
    running = [start_server(demo_home, KEFU_DATABASE_URL=database)]
    open_accounts(database)
    yield running
    running[-1].stop()


@pytest.fixture
def live_server(servers: list[Server]) -> str:
    return servers[0].url


@pytest.fixture
def restart(servers: list[Server], demo_home: Path, tmp_path: Path) -> Callable[[], None]:
    def come_back() -> None:
        port = int(servers[-1].url.rpartition(":")[2])
        database = f"sqlite:///{tmp_path / 'kefu.db'}"
        servers.append(start_server(demo_home, port=port, KEFU_DATABASE_URL=database))

    return come_back


def test_no_message_is_lost_or_doubled_when_the_server_restarts(
    open_page: OpenPage, servers: list[Server], restart: Callable[[], None]
) -> None:
    shopper = open_page("/?lang=en")
    start(shopper)
    ask(shopper, ENGLISH)
    ask_for_a_person(shopper)
    desk = open_page("/console")
    sign_in(desk, ENGLISH_AGENT)
    take(desk, shopper)
    write(desk, "Before the restart.")
    expect(heard(shopper, "Before the restart.")).to_have_count(1)

    servers[-1].stop()
    expect(desk.locator(".strip")).to_be_visible(timeout=RETURN_MS)
    write(desk, "In between.")
    expect(desk.locator(".message .failed")).to_be_visible()
    field(shopper).fill("Are you still there?")
    field(shopper).press("Enter")
    expect(shopper.locator("kefu-chat .failed")).to_be_visible()
    picture(desk, "console-server-gone-en-desktop")

    restart()
    expect(desk.locator(".strip")).to_be_hidden(timeout=RETURN_MS)
    desk.locator(".message .failed button").click()
    shopper.locator("kefu-chat .failed button").click()
    expect(said(desk, "customer").last).to_have_text("Are you still there?", timeout=RETURN_MS)
    write(desk, "After the restart.")
    spoken = ["Before the restart.", "In between.", "After the restart."]
    for text in spoken:
        expect(heard(shopper, text)).to_have_count(1, timeout=RETURN_MS)
    expect(said(desk, "agent")).to_have_text(spoken)
    expect(said(desk, "customer")).to_have_text([ENGLISH, "Are you still there?"])
