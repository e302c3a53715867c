from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.difference import Fate, Piece, changed_fields, differing, word_diff
from knowledge_base.passages import DRAFT, Document

TEXTS = st.text(alphabet="ab 退货天\n7\u2028.", max_size=60) | st.text(max_size=40)
RETURNS = Document("returns", "Can I return it?", "Within 7 days.", tags=("a", "b"))


def test_a_latin_word_changes_as_a_whole() -> None:
    assert word_diff("within seven days", "within fifteen days") == (
        Piece(Fate.SAME, "within "),
        Piece(Fate.GONE, "seven"),
        Piece(Fate.NEW, "fifteen"),
        Piece(Fate.SAME, " days"),
    )


def test_a_han_character_changes_alone() -> None:
    assert word_diff("七天内可以退货", "七天内可以换货") == (
        Piece(Fate.SAME, "七天内可以"),
        Piece(Fate.GONE, "退"),
        Piece(Fate.NEW, "换"),
        Piece(Fate.SAME, "货"),
    )


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_pieces_put_both_texts_together_again(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(one.text for one in pieces if one.fate is not Fate.NEW) == before
    assert "".join(one.text for one in pieces if one.fate is not Fate.GONE) == after
    assert all(one.text for one in pieces)


@settings(deadline=None)
@given(TEXTS)
def test_nothing_differs_from_itself(text: str) -> None:
    assert all(piece.fate is Fate.SAME for piece in word_diff(text, text))


def test_a_very_long_text_is_compared_line_by_line() -> None:
    line = "几天 " * 30 + "\n"
    pieces = word_diff(line * 500, line * 500 + "new\n")
    assert [piece.fate for piece in pieces] == [Fate.SAME, Fate.NEW]
    assert pieces[-1].text == "new\n"


def test_only_the_fields_that_differ_are_told() -> None:
    changed = replace(RETURNS, answer="Within 9 days.", tags=("a",), status=DRAFT)
    assert [change.field for change in changed_fields(RETURNS, changed)] == [
        "answer",
        "tags",
        "status",
    ]
    assert changed_fields(RETURNS, RETURNS) == ()


def test_documents_that_came_went_and_changed_are_told_apart() -> None:
    other, new = replace(RETURNS, id="other"), replace(RETURNS, id="new")
    changed = replace(RETURNS, answer="No.")
    found = differing({"returns": RETURNS, "other": other}, {"returns": changed, "new": new})
    assert [(one.id, one.added, one.removed) for one in found] == [
        ("returns", False, False),
        ("other", False, True),
        ("new", True, False),
    ]
