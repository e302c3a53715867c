"""Whatever agents try in whatever order: one of them holds it, and closed stays closed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.conversation import State
from chatbot.errors import HandoffRefused
from chatbot.handoff import Move, Standing, close, give_back, take

AGENTS = ("anna", "bob")
MOVES = st.builds(
    lambda make, agent: (make(agent), agent),
    st.sampled_from([take, give_back, close]),
    st.sampled_from(AGENTS),
)
STANDINGS = st.one_of(
    st.builds(Standing, st.sampled_from([State.BOT, State.WAITING]), st.none()),
    st.builds(Standing, st.just(State.HELD), st.sampled_from(AGENTS)),
)


def tried(standing: Standing, move: Move) -> Standing:
    try:
        return move(standing)
    except HandoffRefused:
        return standing


@given(STANDINGS, st.lists(MOVES, max_size=12))
def test_a_holder_is_only_displaced_by_their_own_move(
    standing: Standing, moves: list[tuple[Move, str]]
) -> None:
    for move, agent in moves:
        after = tried(standing, move)
        assert (after.state is State.HELD) == (after.holder is not None)
        if standing.state is State.HELD and standing.holder != agent:
            assert after == standing
        if standing.closed:
            assert after == standing
        standing = after


@given(STANDINGS, st.sampled_from(AGENTS))
def test_a_move_made_twice_is_made_once(standing: Standing, agent: str) -> None:
    for move in (take(agent), close(agent)):
        once = tried(standing, move)
        assert tried(once, move) == once


def test_who_may_close_any_closes_what_another_holds() -> None:
    held = Standing(State.HELD, "anna")
    assert close("bob", whoever_holds=True)(held).closed
    with pytest.raises(HandoffRefused, match="take it over first"):
        close("bob")(held)
