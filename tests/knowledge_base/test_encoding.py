"""No text is encoded twice: not by the next build, and not by the one after a killed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import knowledge_base.encoding as encoding
from knowledge_base.collection import Collection
from knowledge_base.encoding import Stock, Unfinished, encode
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import VERSIONS
from knowledge_base.passages import Document, Passage
from knowledge_base.vault import PLAIN
from tests.knowledge_base.changing import CountingEmbedder, article, manifest_of

ROOT = Path(__file__).parent.parent.parent


def _many(count: int) -> list[Document]:
    draw = np.random.default_rng(1)
    return [article(f"d{number}", draw) for number in range(count)]


def test_a_changed_article_costs_its_own_texts_alone(
    collection: Collection, documents: list[Document]
) -> None:
    embedder = CountingEmbedder()
    collection.build(embedder)
    assert len(embedder.encoded) == 13
    embedder.encoded.clear()
    collection.merge([Document("bulbs", "Which bulbs fit?", "Only E14.")])
    collection.build(embedder)
    assert embedder.encoded == ["Which bulbs fit?\nOnly E14."]
    assert manifest_of(collection)["texts"] == {"new": 1, "reused": 12, "resumed": 0}


def test_vectors_that_were_taken_over_are_those_of_their_texts(
    collection: Collection, tmp_path: Path
) -> None:
    embedder = CountingEmbedder()
    collection.build(embedder)
    collection.remove(["delivery-en"])
    collection.merge([Document("new", "退款多久到账？", "Parcels arrive within three days.")])
    collection.build(embedder)
    fresh = Collection(tmp_path / "fresh")
    fresh.merge(collection.documents())
    fresh.build(embedder)
    numbers = np.arange(10)
    here, there = (each.load(embedder).dense for each in (collection, fresh))
    np.testing.assert_array_equal(here.fetch(numbers), there.fetch(numbers))


def test_another_encoder_takes_nothing_over(collection: Collection) -> None:
    collection.build(CountingEmbedder(64))
    other = CountingEmbedder(32)
    collection.build(other)
    assert len(other.encoded) == 13
    assert manifest_of(collection)["texts"]["reused"] == 0


def test_the_progress_says_how_much_was_taken_over(collection: Collection) -> None:
    seen: list[tuple[str, int, int]] = []
    collection.build(CountingEmbedder(), progress=lambda *step: seen.append(step))
    assert "reuse" not in {stage for stage, _, _ in seen}
    collection.merge([Document("bulbs", "Which bulbs fit?", "Only E14.")])
    collection.build(CountingEmbedder(), progress=lambda *step: seen.append(step))
    assert ("reuse", 12, 12) in seen
    assert seen[-3:] == [("index", 0, 2), ("index", 1, 2), ("index", 2, 2)]


def test_a_question_and_a_text_of_the_same_words_are_two_texts(tmp_path: Path) -> None:
    class Sided(CountingEmbedder):
        def encode_passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override,type-arg]
            return -super().encode_passages(texts)

    passage = Passage("d#0", "d", "b", "a", "", "", questions=("a\nb",))
    unfinished = Unfinished(tmp_path / "left", HashingEmbedder(64), PLAIN)
    found = encode(
        [passage], Sided(), stock=Stock(), unfinished=unfinished, progress=lambda *_: None
    )
    np.testing.assert_array_equal(found.vectors[0], -found.vectors[1])


def test_long_texts_are_encoded_beside_long_ones(tmp_path: Path) -> None:
    texts = ["word " * (number % 50 + 1) for number in range(1000)]
    passages = [Passage(f"{n}#0", str(n), text, str(n), "", "") for n, text in enumerate(texts)]
    steps: list[list[int]] = []

    class Watching(CountingEmbedder):
        def encode_passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override,type-arg]
            steps.append([len(text) for text in texts])
            return super().encode_passages(texts)

    unfinished = Unfinished(tmp_path / "left", HashingEmbedder(64), PLAIN)
    encode(passages, Watching(), stock=Stock(), unfinished=unfinished, progress=lambda *_: None)
    assert len(steps) == 4
    assert all(min(one) >= max(next_one) for one, next_one in pairwise(steps))


KILLED = """
import os, signal, sys
from itertools import pairwise
from pathlib import Path
from knowledge_base.collection import Collection
from tests.knowledge_base.changing import CountingEmbedder

class Killed(CountingEmbedder):
    def encode_passages(self, texts):
        if len(self.encoded) >= 600:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(texts)

Collection(Path(sys.argv[1])).build(Killed())
"""


def test_what_a_killed_build_had_encoded_is_not_encoded_again(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "many")
    collection.merge(_many(1000))
    call = [sys.executable, "-c", KILLED, str(collection.root)]
    killed = subprocess.run(call, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert killed.returncode == -signal.SIGKILL
    embedder, whole = CountingEmbedder(), CountingEmbedder()
    collection.build(embedder)
    assert manifest_of(collection)["texts"]["resumed"] == 768
    fresh = Collection(tmp_path / "fresh")
    fresh.merge(_many(1000))
    fresh.build(whole)
    assert len(embedder.encoded) == len(whole.encoded) - 768
    numbers = np.arange(1000)
    here, there = (each.load(HashingEmbedder(64)).dense for each in (collection, fresh))
    np.testing.assert_array_equal(here.fetch(numbers), there.fetch(numbers))
    assert not list((collection.root / VERSIONS).glob(".*"))


class _Stopped(RuntimeError):
    pass


class _Stopping(CountingEmbedder):
    def encode_passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override,type-arg]
        if self.encoded:
            raise _Stopped
        return super().encode_passages(texts)


@pytest.fixture
def stopped(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what a build left that stopped after two of its texts."""
    monkeypatch.setattr(encoding, "_TEXTS_A_STEP", 2)
    with pytest.raises(_Stopped):
        collection.build(_Stopping())
    [folder] = (collection.root / VERSIONS).glob(".draft-encoded-*")
    return folder


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: b"x" * len(data)])
def test_damaged_remains_are_encoded_again(
    collection: Collection, stopped: Path, spoil: object
) -> None:
    [file] = stopped.iterdir()
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]
    embedder = CountingEmbedder()
    collection.build(embedder)
    assert len(embedder.encoded) == 13


def test_remains_of_another_encoder_are_removed_and_not_used(
    collection: Collection, stopped: Path
) -> None:
    other = CountingEmbedder(32)
    collection.build(other)
    assert len(other.encoded) == 13
    assert not stopped.exists()


def test_remains_that_nobody_needs_any_more_do_not_stay(
    collection: Collection, documents: list[Document]
) -> None:
    collection.build(CountingEmbedder())
    collection.merge([Document("new", "Who?", "We."), Document("other", "What?", "Lamps.")])
    with pytest.raises(_Stopped):
        collection.build(_StoppingLate())
    assert list((collection.root / VERSIONS).glob(".draft-encoded-*"))
    collection.remove(["new", "other"])
    collection.build(CountingEmbedder())
    assert not list((collection.root / VERSIONS).glob(".*"))


class _StoppingLate(CountingEmbedder):
    def encode_queries(self, texts: list[str]) -> np.ndarray:  # type: ignore[override,type-arg]
        raise _Stopped
