from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.errors import FileInvalid
from chatbot.simulate.mix import Mix, Plot, read_mix
from chatbot.simulate.phrases import Repertoire, load_repertoire
from chatbot.simulate.script import Script, write_script

MIX = read_mix()
REPERTOIRE = load_repertoire()


def _scripts(count: int, mix: Mix = MIX, repertoire: Repertoire = REPERTOIRE) -> list[Script]:
    return [write_script(n, seed=7, mix=mix, repertoire=repertoire) for n in range(count)]


@settings(deadline=None)
@given(number=st.integers(0, 10**6), seed=st.integers(0, 1000))
def test_the_same_seed_and_number_give_the_same_script(number: int, seed: int) -> None:
    one, two = (write_script(number, seed=seed, mix=MIX, repertoire=REPERTOIRE) for _ in range(2))
    assert one == two


@settings(deadline=None)
@given(number=st.integers(0, 10**6))
def test_every_canary_of_a_script_is_said(number: int) -> None:
    script = write_script(number, seed=7, mix=MIX, repertoire=REPERTOIRE)
    said = " ".join(line.text for line in script.lines)
    assert all(canary.value in said for canary in script.canaries)
    assert "{" not in said


def test_another_seed_says_something_else() -> None:
    one, two = (write_script(3, seed=seed, mix=MIX, repertoire=REPERTOIRE).lines for seed in (1, 2))
    assert one != two


def test_languages_and_plots_come_in_their_shares() -> None:
    scripts = _scripts(2000)
    plots = Counter(script.plot for script in scripts)
    for plot, share in MIX.plots_of("en").items():
        assert plots[plot] / 2000 == pytest.approx(share, abs=0.04)
    chinese = sum(script.language == "zh" for script in scripts)
    assert chinese / 2000 == pytest.approx(0.5, abs=0.04)


def test_whoever_asks_for_a_person_says_so_or_presses_the_button() -> None:
    asking = [script for script in _scripts(500) if script.plot is Plot.PERSON]
    assert {script.presses_button for script in asking} == {True, False}
    for script in asking:
        said = any(line.intent == "request_human" for line in script.lines)
        assert said != script.presses_button


def test_some_like_to_tell_about_themselves_and_what_they_tell_differs() -> None:
    tells = [script.tells for script in _scripts(1000)]
    told = [one for one in tells if one is not None]
    assert len(told) / 1000 == pytest.approx(MIX.chances.attribute, abs=0.05)
    assert sum(one < 0.5 for one in told) / len(told) == pytest.approx(0.5, abs=0.06)


def test_what_is_said_does_not_depend_on_what_is_told() -> None:
    silent = replace(MIX, chances=replace(MIX.chances, attribute=0.0))
    for one, other in zip(_scripts(50), _scripts(50, silent), strict=True):
        assert other.tells is None
        assert replace(one, tells=None) == other


def test_extra_questions_come_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "extra.csv"
    path.write_text("text,intent,language\nwrap it up,wrapping,en\n包一下,wrapping,zh\n", "utf-8")
    scripts = _scripts(200, MIX.with_extra(0.5), load_repertoire(path))
    asked = [line.text for script in scripts if script.plot is Plot.EXTRA for line in script.lines]
    assert any("wrap it up" in text for text in asked)
    assert any("包一下" in text for text in asked)


@pytest.mark.parametrize("row", ["wrap it,wrapping,fr", ",wrapping,en", "wrap it,,en"])
def test_a_wrong_row_of_extra_questions_is_told_with_its_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "extra.csv"
    path.write_text(f"text,intent,language\n{row}\n", "utf-8")
    with pytest.raises(FileInvalid, match="line 2"):
        load_repertoire(path)
