from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.late import HEAD, LateReranker
from knowledge_base.passages import Passage
from tests.training.retriever.conftest import ASKED
from training.pairs.reading import Pair
from training.progress import SilentWatch
from training.retriever.contrastive import EncoderRecipe, teach_encoder
from training.retriever.folder import write_encoder, write_late
from training.retriever.late import Late, Likeness
from training.retriever.lessons import Lessons, text_of
from training.retriever.tower import Tower

ENCODER = EncoderRecipe(
    alone=1, epochs=20, questions=18, foreign=4, learning_rate=1e-2, head_learning_rate=1e-2
)


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


@dataclass(frozen=True)
class Taught:
    tower: Tower
    late: Late
    curve: list[float]


@pytest.fixture(scope="module")
def taught(base: Path, lessons: Lessons) -> Taught:
    tower = Tower(base, alone=ENCODER.alone)
    late = Late(tower.config.hidden_size, tower.device)
    curve = teach_encoder(tower, late, lessons, ENCODER, seed=1, watch=SilentWatch())
    return Taught(tower, late, curve)


def test_the_encoder_learns_which_article_is_asked_for(
    base: Path, lessons: Lessons, taught: Taught
) -> None:
    assert taught.curve[-1] < taught.curve[0] / 2
    assert _first(taught.tower, lessons) > max(0.9, _first(Tower(base, alone=1), lessons))


def test_layers_that_stay_alone_do_not_change(base: Path, taught: Taught) -> None:
    before, after = Tower(base, alone=1).bert.state_dict(), taught.tower.bert.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("encoder.layer.1.") for name in changed)


def test_layers_go_only_part_of_the_way_to_what_they_learnt(base: Path, lessons: Lessons) -> None:
    def weights(taken: float) -> torch.Tensor:
        tower = Tower(base, alone=1)
        late = Late(tower.config.hidden_size, tower.device)
        recipe = replace(ENCODER, epochs=1, taken=taken)
        teach_encoder(tower, late, lessons, recipe, seed=1, watch=SilentWatch())
        return tower.bert.state_dict()["encoder.layer.1.output.dense.weight"]

    nothing, half, whole = weights(0.0), weights(0.5), weights(1.0)
    torch.testing.assert_close(half, (nothing + whole) / 2)
    assert not torch.equal(nothing, whole)


@pytest.fixture(scope="module")
def folder(base: Path, taught: Taught, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_encoder(folder, taught.tower, base)
    write_late(folder, taught.late)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> EncoderOnnx:
    return EncoderOnnx(folder, query_prefix="query: ", passage_prefix="passage: ", name="e")


def test_the_written_encoder_gives_the_vectors_that_were_taught(
    served: EncoderOnnx, taught: Taught
) -> None:
    texts = [f"my {word}" for word in ASKED.values()]
    with torch.no_grad():
        states = taught.tower.read_alone([f"query: {text}" for text in texts])
        vectors = taught.tower.vectors(states).numpy()
    assert np.vecdot(served.encode_queries(texts), vectors).min() > 0.99


@pytest.fixture(scope="module")
def written(served: EncoderOnnx, folder: Path) -> LateReranker:
    return LateReranker(served, folder / HEAD)


def _passages(lessons: Lessons) -> list[Passage]:
    shelf = lessons.shelves["bakery", "en"]
    articles = [lessons.articles[place] for place in shelf]
    return [
        Passage(a.article, a.article, a.answer, a.title, "", "en", (a.question,)) for a in articles
    ]


@pytest.mark.parametrize("name", list(ASKED))
def test_the_second_look_puts_the_article_first_that_answers(
    written: LateReranker, lessons: Lessons, name: str
) -> None:
    passages = _passages(lessons)
    logits = written.logits(f"please {ASKED[name]}", passages)
    assert passages[int(logits.argmax())].document_id == f"bakery-{name}"


def test_a_question_beside_the_article_gets_less_than_one_it_answers(
    written: LateReranker, lessons: Lessons
) -> None:
    passages = _passages(lessons)
    assert written.logits("my box", passages).max() > written.logits("my shipping", passages).max()


def test_remembered_passages_give_the_same_scores(written: LateReranker, lessons: Lessons) -> None:
    passages = _passages(lessons)
    first = written.logits("where is my box", passages)
    np.testing.assert_allclose(written.logits("where is my box", passages), first, atol=1e-5)


def test_nothing_to_read_gives_no_scores(written: LateReranker) -> None:
    assert written.logits("box", []).shape == (0,)


@torch.no_grad()
def test_the_written_head_scores_as_it_was_taught(
    written: LateReranker, taught: Taught, lessons: Lessons
) -> None:
    tower, late, passages = taught.tower, taught.late, _passages(lessons)
    parts = (
        [f"query: my {word}" for word in ASKED.values()],
        [f"passage: {passage.title}\n{passage.text}" for passage in passages],
        [f"query: {passage.questions[0]}" for passage in passages],
    )
    questions, texts, headings = (tower.climbed(tower.read_alone(part)) for part in parts)
    whole = [torch.cat(pair) for pair in zip(texts, headings, strict=True)]
    likeness = Likeness.between(late.questions(questions), late.passages(whole))
    expected = late.logits(likeness.questions, likeness.nearest()).numpy()
    found = np.stack([written.logits(f"my {word}", passages) for word in ASKED.values()])
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    # Eight bits against sixteen, of a network so small that its errors do not average out.
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97


@torch.no_grad()
def test_an_article_without_its_evidence_is_less_like_the_question(
    taught: Taught, lessons: Lessons
) -> None:
    tower, late = taught.tower, taught.late
    questions = late.questions(tower.climbed(tower.read_alone(["query: my box"])))
    passages = late.passages(tower.climbed(tower.read_alone(["passage: delivery\ncourier"])))
    likeness = Likeness.between(questions, passages)
    whole = likeness.nearest()[:, 0]
    for cut in torch.eye(passages.lengths[0], dtype=torch.bool):
        assert bool((likeness.nearest_without(0, 0, cut) <= whole).all())
