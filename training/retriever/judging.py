"""What the scores of a taught retriever mean, fitted on trades that it never saw.

Each held trade becomes a real index in each language, and is asked what its customers ask: what
its articles answer, what they do not, and what other companies are asked.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.fitting import (
    collect_judged_rows,
    collect_training_rows,
    fit_judgement,
    fit_scorer,
)
from knowledge_base.passages import Document
from knowledge_base.rerank import Judgement, Reranker, SecondLook
from knowledge_base.search import KnowledgeBase
from knowledge_base.taught import Passing
from training.pairs.reading import Pair
from training.progress import Watch
from training.retriever.lessons import EVEN_TRADES, Lessons

FOREIGN = 40
"""Questions of other companies that each index is asked as well."""
RISKS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)
_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SHARPNESS = 25.0
"""How much likelier an intent is whose questions lie nearer, as its cosine times this."""
_HINTS = 3
_SHOWN = 3
_NO_HINTS: Mapping[str, float] = {}


@dataclass(frozen=True)
class Exam:
    """One company in one language, and what it is asked."""

    documents: tuple[Document, ...]
    questions: tuple[tuple[str, frozenset[str]], ...]
    """Each with the ids of what answers it."""


def exams_of(lessons: Lessons, *, seed: int) -> list[Exam]:
    draw = random.Random(seed)
    found = []
    for (trade, language), shelf in sorted(lessons.shelves.items()):
        articles = [lessons.articles[place] for place in shelf]
        asked = [(text, frozenset({a.article})) for a in articles for text in a.asked]
        near = articles if trade in EVEN_TRADES else []
        beside = [(text, frozenset[str]()) for a in near for text in a.beside]
        strange = [
            (text, frozenset[str]())
            for other in lessons.articles
            if other.trade != trade and other.language == language
            for text in other.asked
        ]
        strange = draw.sample(strange, min(FOREIGN, len(strange)))
        documents = tuple(_document(article) for article in articles)
        found.append(Exam(documents, (*asked, *beside, *strange)))
    return found


def _document(article: Pair) -> Document:
    return Document(
        article.article,
        article.question,
        article.answer,
        title=article.title,
        language=article.language,
        tags=(article.article,),
    )


def fit_first(exams: Sequence[Exam], embedder: Embedder, watch: Watch) -> Scorer:
    watch.stage("Scores", len(exams))
    rows, labels = [], []
    for exam in exams:
        with _opened(exam, embedder, Scorer.default()) as kb:
            hints = _hints(exam, embedder)
            plain = [(*each, _NO_HINTS) for each in exam.questions]
            hinted = [(*each, hint) for each, hint in zip(exam.questions, hints, strict=True)]
            found = collect_training_rows(kb, [*plain, *hinted])
            rows.append(found[0])
            labels.append(found[1])
        watch.advance()
    return fit_scorer(np.concatenate(rows), np.concatenate(labels), fitted_with=embedder.name)


def fit_second(
    exams: Sequence[Exam], embedder: Embedder, scorer: Scorer, reranker: Reranker, watch: Watch
) -> Judgement:
    watch.stage("Judgement", len(exams))
    looks, rights = [], []
    for exam in exams:
        with _opened(exam, embedder, scorer, SecondLook(reranker, Judgement.blank())) as kb:
            hints = _hints(exam, embedder)
            plain = [(*each, _NO_HINTS) for each in exam.questions]
            hinted = [(*each, hint) for each, hint in zip(exam.questions, hints, strict=True)]
            look = collect_judged_rows(kb, [*plain, *hinted])
            looks.append(look[0])
            rights.append(look[1])
        watch.advance()
    return fit_judgement(np.concatenate(looks), np.concatenate(rights))


@dataclass(frozen=True)
class Examined:
    figures: Mapping[str, float]
    """Shares of the answered questions whose article comes first and among the first three, and
    for some thresholds of what passes, rightly and wrongly."""
    passing: tuple[Passing, ...]


def examine(
    exams: Sequence[Exam],
    embedder: Embedder,
    scorer: Scorer,
    second: SecondLook | None,
    watch: Watch,
) -> Examined:
    right: list[int] = []
    best: list[float] = []
    answered: list[bool] = []
    watch.stage("Exam", len(exams))
    for exam in exams:
        with _opened(exam, embedder, scorer, second) as kb:
            for text, expected in exam.questions:
                hits = kb.search(text, hints={}, limit=_SHOWN)
                held = [hit.passage.document_id in expected for hit in hits]
                right.append(held.index(True) if True in held else _SHOWN)
                best.append(hits[0].score if hits else 0.0)
                answered.append(bool(expected))
        watch.advance()
    places, scores, is_answered = np.array(right), np.array(best), np.array(answered)
    figures = {
        "recall_at_1": float((places[is_answered] == 0).mean()),
        "recall_at_3": float((places[is_answered] < _SHOWN).mean()),
        "auroc": float(roc_auc_score(is_answered, scores)),
    }
    for threshold in _THRESHOLDS:
        passed = scores >= threshold
        figures[f"answerable_at_{threshold}"] = float(passed[is_answered].mean())
        figures[f"unanswerable_at_{threshold}"] = float(passed[~is_answered].mean())
    return Examined(figures, tuple(_passing(scores, is_answered, risk) for risk in RISKS))


def _passing(scores: NDArray[np.float64], answered: NDArray[np.bool_], risk: float) -> Passing:
    """At the lowest threshold that lets at most that share of the unanswerable through."""
    wrong = np.sort(scores[~answered])[::-1]
    first_out = wrong[int(risk * len(wrong))]
    # The smallest number above the first that must not pass: scores that equal it stay out.
    threshold = float(np.nextafter(first_out, 1.0))
    return Passing(risk, threshold, float((scores[answered] >= threshold).mean()))


@contextmanager
def _opened(
    exam: Exam,
    embedder: Embedder,
    scorer: Scorer,
    second: SecondLook | None = None,
) -> Iterator[KnowledgeBase]:
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(Path(folder) / "exam")
        collection.merge(exam.documents)
        collection.build(embedder)
        yield KnowledgeBase(collection.load(embedder), embedder, scorer, second)


def _hints(exam: Exam, embedder: Embedder) -> list[Mapping[str, float]]:
    """What a model of this company's intents would say of each question.

    An intent is an article, its examples are the other questions that the article answers: the
    share of each follows from its nearest example. What no article answers gets hints as well, and
    those are wrong, as they are where a model sees no way out of its scope.
    """
    vectors = embedder.encode_queries([text for text, _ in exam.questions])
    answered = [number for number, (_, expected) in enumerate(exam.questions) if expected]
    owners = np.array([min(exam.questions[number][1]) for number in answered])
    nearness = vectors @ vectors[answered].T
    nearness[answered, np.arange(len(answered))] = -1.0  # no question is its own example
    names = sorted(set(owners.tolist()))
    best = np.stack([nearness[:, owners == name].max(axis=1) for name in names], axis=1)
    sharp = np.exp(_SHARPNESS * (best - best.max(axis=1, keepdims=True)))
    shares = sharp / sharp.sum(axis=1, keepdims=True)
    return [_leading(names, row) for row in shares]


def _leading(names: Sequence[str], shares: NDArray[np.float32]) -> Mapping[str, float]:
    first = np.argsort(-shares, kind="stable")[:_HINTS]
    return {names[place]: float(shares[place]) for place in first.tolist()}
