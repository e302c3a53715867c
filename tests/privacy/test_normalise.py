from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from privacy.normalise import normalise


@given(st.text())
def test_every_offset_survives(text: str) -> None:
    assert len(normalise(text)) == len(text)


def test_full_width_digits_foreign_dashes_and_spaces_become_plain() -> None:
    assert normalise("１３８—\u3000٣") == "138- 3"
