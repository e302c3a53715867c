"""What an erasure leaves on the disk: a whole index of what stays, and no word of what went."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import knowledge_base.change as change
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.erasure import ERASING
from knowledge_base.errors import ErasureUnfinished, ErasureUnreadable
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import DOCUMENTS, VERSIONS
from knowledge_base.passages import Document
from knowledge_base.records import dump_lines
from knowledge_base.storage import only_writer
from tests.knowledge_base.changing import manifest_of, whole_only

EMBEDDER = HashingEmbedder(32)
WORDS = ("quetzalcoatlus", "鹦鹉螺壳")
SECRET = Document(
    "one", "Who keeps the quetzalcoatlus?", "谁养鹦鹉螺壳，请致电。", "", language="en"
)
OTHERS = [Document(f"d{n}", f"Question {n}?", f"Answer number {n}.") for n in range(24)]


@pytest.fixture
def shop(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "shop")


def holding(root: Path) -> list[str]:
    """Files that hold one of the words, as they are or as JSON escapes them."""
    wanted = [form for word in WORDS for form in (word.encode(), json.dumps(word)[1:-1].encode())]
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and any(word in path.read_bytes() for word in wanted)
    ]


def begin(collection: Collection, *ids: str) -> None:
    with only_writer(collection.root):
        there = {document.id for document in collection.documents()}
        erasing = collection.note.begin(ids, there)
    collection.remove(erasing.ids)
    collection.forget(erasing.ids)


def finish(collection: Collection) -> None:
    collection.sweep(lambda: EMBEDDER)
    erasing = collection.note.read()
    with only_writer(collection.root):
        collection.note.strike(erasing.ids if erasing else ())


def erase(collection: Collection, *ids: str) -> None:
    begin(collection, *ids)
    finish(collection)


def _one_version(collection: Collection) -> list[Document]:
    """The second of them changes the article, so that its former words are in the history."""
    before = Document("one", "Who?", f"{WORDS[0]} {WORDS[1]}")
    collection.merge([*OTHERS, before])
    collection.merge([SECRET])
    collection.build(EMBEDDER)
    return [*OTHERS]


def _in_the_base(collection: Collection) -> list[Document]:
    new = Document("new", "Anything new?", "Yes.")
    left = _one_version(collection)
    collection.remove(["one"])
    collection.merge([new])
    collection.build(EMBEDDER)
    return [*left, new]


def _in_the_change(collection: Collection) -> list[Document]:
    collection.merge(OTHERS)
    collection.build(EMBEDDER)
    collection.merge([SECRET])
    collection.build(EMBEDDER)
    return OTHERS


def _as_a_draft(collection: Collection) -> list[Document]:
    left = _one_version(collection)
    collection.withdraw(["one"])
    collection.build(EMBEDDER)
    return left


PLACES = [_one_version, _in_the_base, _in_the_change, _as_a_draft]
Place = Callable[[Collection], list[Document]]


@pytest.mark.parametrize("place", PLACES)
def test_no_file_holds_the_words_afterwards_and_the_others_answer(
    shop: Collection, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    left = place(shop)
    assert any(name.startswith(VERSIONS) for name in holding(shop.root))
    erase(shop, "one")
    assert holding(shop.root) == []
    assert shop.documents() == left
    assert [*shop.load(EMBEDDER).documents.values()] == left
    assert "base" not in manifest_of(shop)


def test_what_killed_processes_left_half_written_goes_too(shop: Collection) -> None:
    _one_version(shop)
    for name in (".documents.jsonl.1.draft", "history/.000001.jsonl.1.draft"):
        (shop.root / name).write_text(WORDS[1], "utf-8")
    draft = shop.root / VERSIONS / ".draft-20260101T000000Z-00000000"
    draft.mkdir()
    (draft / "passages.jsonl").write_text(WORDS[0], "utf-8")
    erase(shop, "one")
    assert holding(shop.root) == []


def test_an_index_without_the_words_is_not_built_again(shop: Collection) -> None:
    _one_version(shop)
    shop.remove(["one"])
    with whole_only():
        version = shop.build(EMBEDDER)
    swept = shop.sweep(lambda: EMBEDDER)
    assert (swept.version, swept.versions) == (version, 1)


def test_the_last_article_takes_the_index_with_it(shop: Collection) -> None:
    shop.merge([SECRET])
    shop.build(EMBEDDER)
    erase(shop, "one")
    assert holding(shop.root) == []
    assert not [*(shop.root / VERSIONS).iterdir()]


def test_where_nothing_was_built_no_encoder_is_asked_for(shop: Collection) -> None:
    def none() -> Embedder:
        raise AssertionError

    shop.merge([*OTHERS, SECRET])
    begin(shop, "one")
    assert shop.sweep(none).version is None
    assert holding(shop.root) == []


def test_what_is_being_erased_cannot_come_back_before_it_is_gone(shop: Collection) -> None:
    _one_version(shop)
    begin(shop, "one")
    with pytest.raises(ErasureUnfinished, match="kefu kb forget --collection shop"):
        shop.merge([SECRET])
    finish(shop)
    shop.merge([SECRET])
    assert shop.documents()[-1] == SECRET


def test_a_rollback_leaves_out_what_was_erased_and_can_say_so(shop: Collection) -> None:
    shop.merge(OTHERS)
    _one_version(shop)
    shop.remove(["d1"])
    erase(shop, "one")
    assert shop.rollback(2) == 1
    assert shop.has_lost(2)
    assert not shop.has_lost(1)
    assert holding(shop.root) == []


def test_a_build_that_waited_for_the_erasure_does_not_bring_the_words_back(
    shop: Collection,
) -> None:
    _one_version(shop)
    waiting = Collection(shop.root)
    builder = threading.Thread(target=lambda: waiting.build(EMBEDDER))
    with only_writer(shop.root):
        builder.start()
        # Past whatever it reads before its turn comes.
        builder.join(0.3)
        assert builder.is_alive()
        (shop.root / DOCUMENTS).write_bytes(dump_lines(OTHERS))
    builder.join()
    assert "one" not in shop.load(EMBEDDER).documents


def test_two_erasures_at_once_do_not_strike_out_one_another(shop: Collection) -> None:
    shop.merge([*OTHERS, SECRET])
    begin(shop, "d1")
    begin(Collection(shop.root), "one")
    with only_writer(shop.root):
        shop.note.strike(["d1"])
    found = shop.note.read()
    assert found is not None
    assert found.ids == ("one",)


def test_a_damaged_note_says_what_to_do(shop: Collection) -> None:
    shop.merge([SECRET])
    (shop.root / ERASING).write_text("{", "utf-8")
    with pytest.raises(ErasureUnreadable, match="shop: an erasure is unfinished"):
        shop.note.read()


# --- killed


class Killed(BaseException):
    """No handler of the product's own catches it."""


@contextmanager
def _killed_at(step: int) -> Iterator[None]:
    """From that step on, nothing on the disk changes its name or goes any more."""
    left = step

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left <= 0:
                raise Killed
            left -= 1
            return real(*arguments, **named)

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "rename", "unlink", "rmdir"):
            patch.setattr(os, name, dying(getattr(os, name)))
        yield


def test_killed_at_any_moment_it_is_told_searches_go_on_and_the_same_call_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    before = Collection(tmp_path / "before" / "shop")
    left = _in_the_base(before)
    step, done = 0, False
    while not done:
        root = tmp_path / str(step) / "shop"
        shutil.copytree(before.root, root)
        shop = Collection(root)
        try:
            with _killed_at(step):
                erase(shop, "one")
            done = True
        except Killed:
            # At the first step not even the note was written: nothing was begun.
            assert shop.note.is_there or step == 0 or not holding(root)
        assert shop.load(EMBEDDER).documents["d7"] == OTHERS[7]
        erase(Collection(root), *(["one"] if step == 0 else []))
        assert holding(root) == []
        assert shop.documents() == left
        assert not shop.note.is_there
        assert [*shop.load(EMBEDDER).documents.values()] == left
        shutil.rmtree(root)
        # The first steps one by one; the many files of old versions go alike.
        step += 1 if step < 25 else 9
    assert step > 40
