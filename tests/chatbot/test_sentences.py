from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.sentences import cited_sentences, clauses, narrow_clauses, sentences, without_marks


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Two days [1]. It is free [2].", [("Two days.", (1,)), ("It is free.", (2,))]),
        ("Two days.[1] It is free.[2]", [("Two days.", (1,)), ("It is free.", (2,))]),
        ("需要两天[1]。免费【2】。", [("需要两天。", (1,)), ("免费。", (2,))]),
        ("需要两天。[1]免费。［2］", [("需要两天。", (1,)), ("免费。", (2,))]),
        ("Both [1][3] say [1, 2] so.", [("Both say so.", (1, 3, 2))]),
        ("First. Second [2]. Third.", [("First.", (2,)), ("Second.", (2,)), ("Third.", (2,))]),
        ("No mark at all.", [("No mark at all.", ())]),
        ("1. Open it [1]\n2) Tap it [1]", [("Open it", (1,)), ("Tap it", (1,))]),
        ("- Open it.\n- Tap it.", [("Open it.", ()), ("Tap it.", ())]),
        ("[1]", []),
    ],
)  # fmt: skip
def test_each_sentence_has_its_marks_or_inherits_them(
    answer: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(each.text, each.cited) for each in cited_sentences(answer)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "It costs 1.5 yuan for 3.8 kg.",
        "Open from 9 a.m. to 5 p.m. daily.",
        "Bring papers, e.g. an ID.",
        "版本3.0可以升级。",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert sentences(text) == [text]


@given(st.text(max_size=80))
def test_no_character_but_spaces_is_lost_between_sentences(text: str) -> None:
    joined = "".join("".join(sentences(text)).split())
    assert joined == "".join(text.split())


def test_marks_are_taken_out_with_the_space_before_them() -> None:
    assert without_marks("Two days [1]. Free [2, 3]!") == "Two days. Free!"
    assert without_marks("array[0] stays") == "array stays"
    assert without_marks("[note] stays") == "[note] stays"


def test_a_list_stays_with_what_is_said_of_it() -> None:
    assert clauses("Drops, liquids and normal wear are not included") == [
        "Drops, liquids and normal wear are not included"
    ]


def test_a_sentence_and_its_opposite_are_cut_alike() -> None:
    without = clauses("If code arrives, check your spam folder for the message")
    assert len(without) == len(
        clauses("If no code arrives, check your spam folder for the message")
    )


def test_contrasts_part_clauses_and_every_and_parts_narrow_ones() -> None:
    text = "express delivery costs 18 yuan and standard is cheaper but large items cost extra money"
    assert len(clauses(text)) == 2
    assert len(narrow_clauses(text)) == 3
