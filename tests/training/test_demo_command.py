from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatbot.adapters.name_model import MANIFEST
from training.demo_command import _names, _shown_by
from training.errors import BaseModelUnavailable
from training.names.model import NameOrder
from training.progress import RichWatch, SilentWatch, Watch


class Listener(SilentWatch):
    def __init__(self) -> None:
        self.heard: dict[str, int] = {}
        self.totals: dict[str, int] = {}

    def stage(self, name: str, total: int) -> None:
        self.heard[name], self.totals[name] = 0, total

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        *_, latest = self.heard
        self.heard[latest] += steps


def _watch() -> RichWatch:
    return RichWatch(Console(quiet=True))


@given(st.dictionaries(st.text(min_size=1), st.lists(st.integers(0, 50), min_size=1), max_size=4))
def test_the_watch_of_an_index_is_as_far_as_the_index(stages: dict[str, list[int]]) -> None:
    heard = Listener()
    show = _shown_by(heard)
    for name, seen in stages.items():
        for done in sorted(seen):
            show(name, done, 50)
    assert heard.heard == {name: max(seen) for name, seen in stages.items()}
    assert set(heard.totals.values()) <= {50}


def test_two_jobs_at_once_have_a_bar_each() -> None:
    watch = _watch()
    watch.stage("intents", 10)
    other = watch.another()
    other.stage("names", 20)
    watch.advance(3)
    other.advance(7)
    bars = {bar.description: (bar.completed, bar.total) for bar in watch._progress.tasks}
    assert bars == {"intents": (3, 10), "names": (7, 20)}


def test_a_name_model_that_is_there_is_looked_at_without_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, Path]] = []

    def look(order: NameOrder, *, models_home: Path, watch: Watch) -> None:
        asked.append((os.getpid(), models_home))

    monkeypatch.setattr("training.names.model.train_names", look)
    (tmp_path / MANIFEST).touch()
    with _names(NameOrder(tmp_path), tmp_path / "models", _watch()) as names:
        assert asked == []
        assert names() is None
    assert asked == [(os.getpid(), tmp_path / "models")]


def test_what_stops_the_first_name_model_in_its_process_is_said_in_this_one(
    tmp_path: Path,
) -> None:
    with (
        _names(NameOrder(tmp_path / "names"), tmp_path / "models", _watch()) as names,
        pytest.raises(BaseModelUnavailable, match="kefu models pull e5"),
    ):
        names()
    assert not (tmp_path / "names").exists()
