from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.errors import EncoderUnusable
from knowledge_base.passages import Passage
from knowledge_base.rerank_onnx import HEAD, RerankerOnnx
from tests.training.retriever.conftest import ASKED
from training.pairs.reading import Pair
from training.progress import SilentWatch
from training.retriever.contrastive import EncoderRecipe, teach_encoder
from training.retriever.folder import write_encoder, write_reranker
from training.retriever.lessons import Lessons, text_of
from training.retriever.reranking import Reranker, RerankerRecipe, teach_reranker
from training.retriever.tower import Tower

ENCODER = EncoderRecipe(alone=1, epochs=20, questions=12, learning_rate=1e-2)
RERANKER = RerankerRecipe(epochs=15, questions=8, learning_rate=5e-3, head_learning_rate=1e-2)


@pytest.fixture(scope="module")
def lessons(pairs: list[Pair]) -> Lessons:
    return Lessons.of(pairs, held=False)


def _first(tower: Tower, lessons: Lessons) -> float:
    """How often the right article of its trade and language is the nearest."""
    texts = [f"passage: {text_of(article)}" for article in lessons.articles]
    asked = [question for question in lessons.questions if question.answered]
    with torch.no_grad():
        articles = tower.vectors(tower.read_alone(texts))
        questions = tower.vectors(tower.read_alone([f"query: {each.text}" for each in asked]))
    right = 0
    for question, vector in zip(asked, questions, strict=True):
        article = lessons.articles[question.article]
        shelf = lessons.shelves[article.trade, article.language]
        nearest = shelf[int((articles[list(shelf)] @ vector).argmax())]
        right += nearest == question.article
    return right / len(asked)


@pytest.fixture(scope="module")
def taught(base: Path, lessons: Lessons) -> tuple[Tower, list[float]]:
    tower = Tower(base, alone=ENCODER.alone)
    return tower, teach_encoder(tower, lessons, ENCODER, seed=1, watch=SilentWatch())


def test_the_encoder_learns_which_article_is_asked_for(
    base: Path, lessons: Lessons, taught: tuple[Tower, list[float]]
) -> None:
    tower, curve = taught
    assert curve[-1] < curve[0] / 2
    assert _first(tower, lessons) > max(0.9, _first(Tower(base, alone=1), lessons))


def test_layers_that_stay_alone_do_not_change(
    base: Path, taught: tuple[Tower, list[float]]
) -> None:
    before, after = Tower(base, alone=1).bert.state_dict(), taught[0].bert.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("encoder.layer.1.") for name in changed)


def test_the_written_encoder_gives_the_vectors_that_were_taught(
    base: Path, taught: tuple[Tower, list[float]], tmp_path: Path
) -> None:
    tower = taught[0]
    write_encoder(tmp_path, tower, base)
    served = EncoderOnnx(tmp_path, query_prefix="query: ", passage_prefix="passage: ", name="e")
    texts = [f"my {word}" for word in ASKED.values()]
    with torch.no_grad():
        vectors = tower.vectors(tower.read_alone([f"query: {text}" for text in texts])).numpy()
    assert np.vecdot(served.encode_queries(texts), vectors).min() > 0.99


@pytest.fixture(scope="module")
def reranker(base: Path, lessons: Lessons) -> Reranker:
    reranker = Reranker(Tower(base, alone=1))
    teach_reranker(reranker, lessons, RERANKER, seed=1, watch=SilentWatch())
    return reranker


@pytest.fixture(scope="module")
def written(
    base: Path, reranker: Reranker, tmp_path_factory: pytest.TempPathFactory
) -> RerankerOnnx:
    folder = tmp_path_factory.mktemp("reranker")
    write_encoder(folder, reranker.tower, base)
    write_reranker(folder, reranker, base)
    return RerankerOnnx(folder)


def _passages(lessons: Lessons) -> list[Passage]:
    shelf = lessons.shelves["bakery", "en"]
    articles = [lessons.articles[place] for place in shelf]
    return [
        Passage(a.article, a.article, a.answer, a.title, "", "en", (a.question,)) for a in articles
    ]


@pytest.mark.parametrize("name", list(ASKED))
def test_the_reranker_puts_the_article_first_that_answers(
    written: RerankerOnnx, lessons: Lessons, name: str
) -> None:
    passages = _passages(lessons)
    logits = written.logits(f"please {ASKED[name]}", passages)
    assert passages[int(logits.argmax())].document_id == f"bakery-{name}"


def test_a_question_beside_the_article_gets_less_than_one_it_answers(
    written: RerankerOnnx, lessons: Lessons
) -> None:
    passages = _passages(lessons)
    assert written.logits("my box", passages).max() > written.logits("my shipping", passages).max()


def test_remembered_passages_give_the_same_scores(written: RerankerOnnx, lessons: Lessons) -> None:
    passages = _passages(lessons)
    first = written.logits("where is my box", passages)
    np.testing.assert_allclose(written.logits("where is my box", passages), first, atol=1e-5)


def test_nothing_to_read_gives_no_scores(written: RerankerOnnx) -> None:
    assert written.logits("box", []).shape == (0,)


def test_a_reranker_with_another_head_than_was_written_is_refused(
    base: Path, reranker: Reranker, tmp_path: Path
) -> None:
    write_encoder(tmp_path, reranker.tower, base)
    write_reranker(tmp_path, reranker, base)
    (tmp_path / HEAD).write_bytes((tmp_path / HEAD).read_bytes() + b"x")
    with pytest.raises(EncoderUnusable, match="not those that were exported"):
        RerankerOnnx(tmp_path)
