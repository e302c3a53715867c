from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.envelope import Context, Sealed, open_sealed, seal
from privacy.errors import SealBroken
from privacy.keyring import DataKey

KEY = DataKey("ab" * 16, bytes(range(32)))
CONTEXT = Context("turns", "42", "original")
ANY_TEXT = st.text(st.characters(), max_size=100)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_what_was_sealed_opens_in_its_place(text: str, table: str, row: str, field: str) -> None:
    context = Context(table, row, field)
    stored = seal(text, KEY, context=context).to_bytes()
    assert open_sealed(Sealed.from_bytes(stored), KEY, context=context) == text


def test_a_lone_surrogate_survives() -> None:
    assert open_sealed(seal("\ud83d", KEY, context=CONTEXT), KEY, context=CONTEXT) == "\ud83d"


@given(st.text(max_size=20), st.data())
def test_any_flipped_bit_is_refused(text: str, data: st.DataObject) -> None:
    stored = bytearray(seal(text, KEY, context=CONTEXT).to_bytes())
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        open_sealed(Sealed.from_bytes(bytes(stored)), KEY, context=CONTEXT)


@pytest.mark.parametrize("text", ["", "x", "我的电话是 13800138000"])
def test_a_change_of_any_one_byte_is_refused(text: str) -> None:
    """Every place, every other value of the byte there."""
    stored = seal(text, KEY, context=CONTEXT).to_bytes()
    for place in range(len(stored)):
        for change in range(1, 256):
            altered = bytearray(stored)
            altered[place] ^= change
            with pytest.raises(SealBroken):
                open_sealed(Sealed.from_bytes(bytes(altered)), KEY, context=CONTEXT)


def test_a_value_with_something_behind_it_is_refused() -> None:
    stored = seal("text", KEY, context=CONTEXT).to_bytes()
    with pytest.raises(SealBroken):
        open_sealed(Sealed.from_bytes(stored + b"\0"), KEY, context=CONTEXT)


@given(st.integers(0, 50))
def test_a_value_cut_short_is_refused(length: int) -> None:
    stored = seal("x" * 4, KEY, context=CONTEXT).to_bytes()
    with pytest.raises(SealBroken):
        open_sealed(Sealed.from_bytes(stored[: min(length, len(stored) - 1)]), KEY, context=CONTEXT)


@pytest.mark.parametrize("change", [{"table": "x"}, {"row": "43"}, {"field": "redacted"}])
def test_a_value_moved_elsewhere_does_not_open(change: dict[str, str]) -> None:
    sealed = seal("text", KEY, context=CONTEXT)
    with pytest.raises(SealBroken, match="moved"):
        open_sealed(sealed, KEY, context=replace(CONTEXT, **change))


def test_contexts_do_not_run_together() -> None:
    sealed = seal("text", KEY, context=Context("ab", "c", "d"))
    with pytest.raises(SealBroken):
        open_sealed(sealed, KEY, context=Context("a", "bc", "d"))


def test_another_key_does_not_open_it_even_under_the_same_id() -> None:
    sealed = seal("text", KEY, context=CONTEXT)
    with pytest.raises(SealBroken):
        open_sealed(sealed, replace(KEY, secret=bytes(32)), context=CONTEXT)


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert seal("x", KEY, context=CONTEXT) != seal("x", KEY, context=CONTEXT)


def test_neither_text_nor_key_shows_when_printed() -> None:
    sealed = seal("secret words", KEY, context=CONTEXT)
    assert str(sealed) == repr(sealed) == f"{sealed}" == "<sealed>"
    assert repr([sealed]) == "[<sealed>]"
    assert "\\x00" not in repr(KEY)
