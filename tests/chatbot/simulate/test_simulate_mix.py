from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.errors import FileInvalid
from chatbot.simulate.mix import DEFAULT_MIX, UNFAIR_FACTOR, Plot, read_mix


def test_the_unfairly_treated_language_asks_for_a_person_three_times_as_often() -> None:
    mix = read_mix().unfair("zh")
    fair, unfair = mix.plots_of("en"), mix.plots_of("zh")
    assert unfair[Plot.PERSON] == pytest.approx(UNFAIR_FACTOR * fair[Plot.PERSON])


def test_what_else_the_unfairly_treated_ask_keeps_its_proportions() -> None:
    mix = read_mix().unfair("zh")
    fair, unfair = mix.plots_of("en"), mix.plots_of("zh")
    ratio = unfair[Plot.QUESTION] / fair[Plot.QUESTION]
    assert unfair[Plot.ANGRY] / fair[Plot.ANGRY] == pytest.approx(ratio)


@settings(deadline=None)
@given(share=st.floats(0.0, 0.95), language=st.sampled_from(["en", "zh", None]))
def test_shares_always_add_up_to_one(share: float, language: str | None) -> None:
    shares = read_mix().with_extra(share).unfair(language).plots_of("zh")
    assert sum(shares.values()) == pytest.approx(1)


def test_extra_questions_get_the_share_that_was_asked_for() -> None:
    assert read_mix().with_extra(0.25).plots_of("en")[Plot.EXTRA] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("question = 40", "question = -1|no number of 0 or more"),
        ("question = 40", "quiz = 40|quiz is unknown"),
        ("rating = 0.5", "rating = 1.5|a chance is 0 to 1"),
        ("rating = 0.5", "|lacks rating"),
        ("[channels]", "[canals]|unknown tables: canals"),
        ("en = 1\nzh = 1", "en = 0|at least one weight above 0"),
        ("[languages]", "[languages|it is not TOML"),
    ],
)
def test_a_wrong_mix_is_told_where_it_is_wrong(tmp_path: Path, wrong: str, told: str) -> None:
    replacement, reason = told.split("|")
    path = tmp_path / "mix.toml"
    path.write_text(DEFAULT_MIX.read_text("utf-8").replace(wrong, replacement), "utf-8")
    with pytest.raises(FileInvalid, match=reason):
        read_mix(path)
