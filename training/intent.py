"""Train an intent model: read, choose an encoder, fine-tune, calibrate, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from chatbot.adapters.intent_network import IntentNetwork
from chatbot.adapters.intent_scoring import OUT_OF_SCOPE, Scorer
from chatbot.adapters.intent_tokens import TOKEN_LIMIT
from training.base_weights import AUTO, choose_base, find_base
from training.batching import Examples, run_network
from training.corpus import Corpus, Finding, Utterance, read_corpus
from training.errors import CorpusInvalid
from training.evaluation.intent import report
from training.model_directory import Provenance, check_output, write_directory
from training.progress import SilentWatch, Watch
from training.recipe import SHIPPED, Recipe, read_recipes
from training.splits import split
from training.workshop import Workshop

SMALLEST_CHOICE = 2

Rows = Sequence[Utterance]


@dataclass(frozen=True)
class TrainingOrder:
    data: Path
    out: Path
    validation: Path | None = None
    base: str = AUTO
    epochs: int | None = None
    seed: int = 1
    recipe: Path = SHIPPED


@dataclass(frozen=True)
class TrainingReport:
    version: str
    base: str
    rows: int
    held_out_rows: int
    epochs: int
    findings: tuple[Finding, ...]
    metrics: dict[str, Any]
    """On the held-out rows, which also chose the epoch and the thresholds: a little flattering."""


@dataclass(frozen=True)
class _Trained:
    network: IntentNetwork
    scorer: Scorer
    metrics: dict[str, Any]
    held_out: int


def train_intent(
    order: TrainingOrder, *, models_home: Path, watch: Watch | None = None
) -> TrainingReport:
    """Raises CorpusInvalid, RecipeInvalid, BaseModelUnavailable and OutputTaken."""
    check_output(order.out)
    corpus = read_corpus(order.data).without_repeats()
    _check_classes(corpus)
    validation = None if order.validation is None else _read_validation(order.validation, corpus)
    name = choose_base(order.base, corpus)
    few_shot, recipe = _plan(order, name, corpus)
    workshop = Workshop(
        base=find_base(name, models_home=models_home),
        labels=_labels(corpus),
        recipe=recipe,
        seed=order.seed,
        token_limit=TOKEN_LIMIT,
        watch=watch or SilentWatch(),
    )
    if validation is not None:
        trained = _with_validation(workshop, corpus.utterances, validation.utterances)
    elif few_shot:
        trained = _with_rehearsal(workshop, corpus.utterances, order.seed)
    else:
        shares = (1.0 - recipe.held_out_share, recipe.held_out_share)
        trained = _with_validation(workshop, *split(corpus.utterances, shares, seed=order.seed))
    return _write(order, workshop, corpus, trained)


def _check_classes(corpus: Corpus) -> None:
    if len(corpus.intents) < SMALLEST_CHOICE:
        raise CorpusInvalid(
            corpus.path,
            f"it has {len(corpus.intents)} intents besides {OUT_OF_SCOPE}; "
            f"a model needs {SMALLEST_CHOICE} to choose between",
        )


def _read_validation(path: Path, corpus: Corpus) -> Corpus:
    validation = read_corpus(path)
    for utterance in validation.utterances:
        if utterance.intent not in {*corpus.intents, OUT_OF_SCOPE}:
            raise CorpusInvalid(
                path,
                f"the intent {utterance.intent!r} does not occur in {corpus.path}",
                line=utterance.line,
            )
    return validation


def _plan(order: TrainingOrder, base: str, corpus: Corpus) -> tuple[bool, Recipe]:
    book = read_recipes(order.recipe)
    counts = Counter(row.intent for row in corpus.utterances if row.intent != OUT_OF_SCOPE)
    few_shot = median(counts.values()) <= book.few_shot_examples
    return few_shot, book.recipe(base=base, few_shot=few_shot, epochs=order.epochs)


def _labels(corpus: Corpus) -> tuple[str, ...]:
    outside = any(row.intent == OUT_OF_SCOPE for row in corpus.utterances)
    return (*corpus.intents, OUT_OF_SCOPE) if outside else corpus.intents


def _with_validation(workshop: Workshop, rows: Rows, held_out: Rows) -> _Trained:
    examples, unseen = workshop.lessons(rows), workshop.examples(held_out)
    network = workshop.train(examples, stage="Training", select_on=unseen)
    scorer = workshop.scorer(network, examples, unseen)
    return _Trained(network, scorer, _measure(network, scorer, unseen, held_out), len(held_out))


def _with_rehearsal(workshop: Workshop, rows: Rows, seed: int) -> _Trained:
    # Every example counts here, so none is held back from the model itself: a first run on most
    # of the rows shows how sure the recipe makes a network about rows it has not seen.
    share = workshop.recipe.held_out_share
    most, rest = split(rows, (1.0 - share, share), seed=seed)
    examples, unseen = workshop.lessons(most), workshop.examples(rest)
    rehearsal = workshop.train(examples, stage="Rehearsal")
    rehearsed = workshop.scorer(rehearsal, examples, unseen)
    metrics = _measure(rehearsal, rehearsed, unseen, rest)
    everything = workshop.lessons(rows)
    network = workshop.train(everything, stage="Training")
    scorer = replace(rehearsed, centroids=workshop.centroids(network, everything))
    return _Trained(network, scorer, metrics, len(rest))


def _measure(
    network: IntentNetwork, scorer: Scorer, examples: Examples, utterances: Rows
) -> dict[str, Any]:
    outputs = run_network(network, examples.rows)
    figures = report(utterances, scorer.read(outputs.logits, outputs.embeddings))
    return {name: value for name, value in figures.items() if name != "per_intent"}


def _write(
    order: TrainingOrder, workshop: Workshop, corpus: Corpus, trained: _Trained
) -> TrainingReport:
    version = write_directory(
        order.out,
        trained.network,
        scorer=trained.scorer,
        base=workshop.base,
        provenance=Provenance(
            data_sha256=corpus.sha256,
            seed=order.seed,
            token_limit=workshop.token_limit,
            recipe=asdict(workshop.recipe),
            metrics=trained.metrics,
        ),
    )
    return TrainingReport(
        version=version,
        base=workshop.base.name,
        rows=len(corpus.utterances),
        held_out_rows=trained.held_out,
        epochs=workshop.recipe.epochs,
        findings=corpus.findings,
        metrics=trained.metrics,
    )
