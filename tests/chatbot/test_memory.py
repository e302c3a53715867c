from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from chatbot.memory import MOODS, FormState, Memory, Pending, read_memory

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_what_is_written_comes_back_through_json() -> None:
    memory = Memory(
        topic="How long for a return?",
        documents=("window-en",),
        intent="return",
        language="en",
        moods=(0.1, -0.5),
        failures=2,
        pending=Pending.PERSON,
        form=FormState("order_status", {"order_number": "ME20260101"}, "verifier", 1),
    )
    assert read_memory(json.loads(json.dumps(memory.dump()))) == memory
    assert read_memory({}) == Memory()


@given(st.dictionaries(st.sampled_from(list(Memory().dump())), _json))
def test_a_memory_of_another_shape_is_forgotten_and_no_error(row: dict[str, object]) -> None:
    json.dumps(read_memory(row).dump())


def test_only_the_last_moods_are_kept() -> None:
    memory = Memory()
    for place in range(MOODS + 3):
        memory = memory.feeling(place / 10)
    assert len(memory.moods) == MOODS
    assert memory.moods[-1] == (MOODS + 2) / 10
