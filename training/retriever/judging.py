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

from knowledge_base.calibration import Regression, Scorer
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.fitting import (
    collect_judged_rows,
    collect_training_rows,
    fit_judgement,
    fit_regression,
)
from knowledge_base.fusion import FEATURES
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
_SHOWN = 3
_EVERY = 4
"""Every so many questions are also asked of the encoder before it was taught."""
_BACKGROUND = FEATURES.index("background")
_LEAST_SPREAD = 1e-6
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


def fit_first(exams: Sequence[Exam], embedder: Embedder, plain: Embedder, watch: Watch) -> Scorer:
    """`plain` is the encoder before it was taught.

    Nothing here has a model of intents. How far hints are to be believed is therefore what the
    default scorer learnt from a company that has one.
    """
    watch.stage("Scores", len(exams))
    rows, labels, before = [], [], []
    for exam in exams:
        asked = [(*each, _NO_HINTS) for each in exam.questions]
        with _opened(exam, embedder, Scorer.default()) as kb:
            found = collect_training_rows(kb, asked)
            rows.append(found[0])
            labels.append(found[1])
        with _opened(exam, plain, Scorer.default()) as kb:
            before.append(collect_training_rows(kb, asked[::_EVERY])[0][:, _BACKGROUND])
        watch.advance()
    all_rows = np.concatenate(rows)
    moved = moved_background(
        Scorer.default().hinted, np.concatenate(before), all_rows[:, _BACKGROUND]
    )
    unhinted = fit_regression(all_rows, np.concatenate(labels))
    return Scorer(hinted=moved, unhinted=unhinted, fitted_with=embedder.name)


def moved_background(
    regression: Regression, before: NDArray[np.float32], after: NDArray[np.float32]
) -> Regression:
    """For an encoder whose similarities lie elsewhere and further apart; `(n,)` and `(m,)` of the
    feature that is no difference."""
    weights = list(regression.weights)
    old = weights[_BACKGROUND]
    new = old * float(before.std()) / max(float(after.std()), _LEAST_SPREAD)
    weights[_BACKGROUND] = new
    shift = old * float(before.mean()) - new * float(after.mean())
    return Regression(tuple(weights), regression.intercept + shift)


def fit_second(
    exams: Sequence[Exam], embedder: Embedder, scorer: Scorer, reranker: Reranker, watch: Watch
) -> Judgement:
    watch.stage("Judgement", len(exams))
    looks, rights = [], []
    for exam in exams:
        with _opened(exam, embedder, scorer, SecondLook(reranker, Judgement.blank())) as kb:
            look = collect_judged_rows(kb, [(*each, _NO_HINTS) for each in exam.questions])
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
