from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from training.corpus import Utterance
from training.splits import split

TEXTS = st.lists(
    st.tuples(st.text("ab !?", min_size=1, max_size=4), st.sampled_from("xyz")), max_size=40
)
SHARES = (0.7, 0.1, 0.2)


def _rows(pairs: list[tuple[str, str]]) -> list[Utterance]:
    return [Utterance(text, intent, "en", line) for line, (text, intent) in enumerate(pairs)]


@given(TEXTS, st.integers(0, 5))
def test_every_row_lands_in_exactly_one_part(pairs: list[tuple[str, str]], seed: int) -> None:
    rows = _rows(pairs)
    lines = [row.line for part in split(rows, SHARES, seed=seed) for row in part]
    assert sorted(lines) == [row.line for row in rows]


@given(TEXTS, st.integers(0, 5))
def test_texts_that_say_the_same_share_a_part(pairs: list[tuple[str, str]], seed: int) -> None:
    parts = split(_rows(pairs), SHARES, seed=seed)
    homes = {(row.key, number) for number, part in enumerate(parts) for row in part}
    assert len(homes) == len({key for key, _ in homes})


def test_every_intent_and_language_gives_its_share() -> None:
    rows = [
        Utterance(f"{intent} {language} {n}", intent, language)
        for intent in "abc"
        for language in ("en", "zh")
        for n in range(20)
    ]
    train, validation, test = split(rows, SHARES, seed=1)
    for part, count in ((train, 14), (validation, 2), (test, 4)):
        assert set(Counter((row.intent, row.language) for row in part).values()) == {count}


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does() -> None:
    rows = [Utterance(f"text {n}", "a", "en") for n in range(50)]
    shuffled = random.Random(3).sample(rows, len(rows))
    first = {row.text for row in split(rows, SHARES, seed=1)[0]}
    assert first == {row.text for row in split(shuffled, SHARES, seed=1)[0]}
    assert first != {row.text for row in split(rows, SHARES, seed=2)[0]}


def test_a_lone_example_goes_where_the_largest_first_share_is() -> None:
    assert [len(part) for part in split([Utterance("only", "a")], SHARES, seed=1)] == [1, 0, 0]
