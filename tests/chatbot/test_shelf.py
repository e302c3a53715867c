from __future__ import annotations

import threading
import weakref
from pathlib import Path

import pytest

from chatbot.intent_home import current_intents, promote_intents
from chatbot.shelf import Shelf, pointer_text


def test_a_value_is_loaded_once_and_again_when_its_version_changes() -> None:
    versions = {"a": "1"}
    loads: list[tuple[str, str]] = []
    shelf = Shelf(lambda name: versions[name], lambda *key: loads.append(key) or key)
    assert shelf.get("a") == shelf.get("a") == ("a", "1")
    versions["a"] = "2"
    assert shelf.get("a") == ("a", "2")
    assert loads == [("a", "1"), ("a", "2")]


def test_memory_is_given_back_after_an_exchange_when_nothing_holds_the_value_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Model:
        pass

    loaded: list[weakref.ref[Model]] = []
    alive: list[list[bool]] = []

    def load(_name: str, _version: str) -> Model:
        model = Model()
        loaded.append(weakref.ref(model))
        return model

    def look() -> None:
        alive.append([model() is not None for model in loaded])

    monkeypatch.setattr("chatbot.shelf.give_back", look)
    version = "1"
    shelf = Shelf(lambda _name: version, load)
    shelf.get("a")
    assert alive == []
    version = "2"
    shelf.get("a")
    shelf.get("a")
    assert alive == [[False, True]]


def test_a_version_that_does_not_load_leaves_the_one_before_and_is_not_tried_again() -> None:
    versions = {"a": "good"}
    tried: list[str] = []

    def load(_name: str, version: str) -> str:
        tried.append(version)
        if version == "bad":
            raise ValueError
        return version

    shelf = Shelf(lambda name: versions[name], load, broken=(ValueError,))
    assert shelf.get("a") == "good"
    versions["a"] = "bad"
    assert shelf.get("a") == shelf.get("a") == "good"
    assert tried == ["good", "bad"]


def test_without_an_older_copy_the_error_is_the_callers() -> None:
    def load(_name: str, _version: str) -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        Shelf(lambda _name: "1", load, broken=(ValueError,)).get("a")


def test_many_at_once_load_one_copy() -> None:
    loads: list[str] = []
    gate = threading.Barrier(8)
    shelf = Shelf(lambda _name: "1", lambda name, _version: loads.append(name) or name)

    def visit() -> None:
        gate.wait()
        shelf.get("a")

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == ["a"]


def test_a_promoted_model_is_the_current_one(tmp_path: Path) -> None:
    assert current_intents(tmp_path, "demo") is None
    (tmp_path / "demo" / "v1").mkdir(parents=True)
    promote_intents(tmp_path, "demo", "v1")
    assert current_intents(tmp_path, "demo") == tmp_path / "demo" / "v1"
    assert pointer_text(tmp_path / "demo" / "CURRENT") == "v1"
    assert pointer_text(tmp_path / "nobody" / "CURRENT") == ""
