"""Train an intent model: read, choose an encoder, fine-tune, calibrate, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from chatbot.adapters.intent_directory import file_sha256
from chatbot.adapters.intent_network import IntentNetwork
from chatbot.adapters.intent_scoring import OUT_OF_SCOPE, Scorer
from chatbot.adapters.intent_tokens import TOKEN_LIMIT
from training.base_weights import AUTO, choose_base, find_base
from training.batching import Examples, Outputs, run_network
from training.checkpoint import open_checkpoints, stopping_in_order
from training.compress.served import record_served_loss
from training.corpus import Corpus, Finding, Utterance, check_trainable, read_corpus
from training.errors import CorpusInvalid
from training.evaluation.intent import report
from training.journal import Journal, json_lines
from training.model_directory import Provenance, check_output, write_directory
from training.processes import leads, team
from training.progress import SilentWatch, Watch
from training.recipe import SHIPPED, Recipe, read_recipes
from training.splits import split
from training.workshop import Workshop

CURVES, PICTURE = "curves.jsonl", "curves.png"

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
    checkpoints: bool = False
    """Keep the unfinished training beside `out`, and go on with one that is there."""
    restart: bool = False
    """Throw away an unfinished training instead of going on with it."""
    start: Path | None = None
    """A trained model of the same base: its encoder is the start instead of the base's own."""
    curves: bool = False
    """Draw the loss and the held-out accuracy into the directory; needs the extra `train`."""
    served: bool = False
    """Measure on the held-out rows what 8 bits cost, for the server to choose its runtime by. Not
    where every row was taught: a row that was learnt by heart survives any rounding."""


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
    held_out: Rows
    journals: list[Journal]
    unseen: bool
    """The held-out rows were held back from this network, not from a rehearsal only."""


def train_intent(
    order: TrainingOrder, *, models_home: Path, watch: Watch | None = None
) -> TrainingReport:
    """In several processes where torchrun started them; then the first alone writes and watches.

    Raises CorpusInvalid, RecipeInvalid, BaseModelUnavailable, OutputTaken, and with checkpoints
    CheckpointMismatch, CheckpointUnreadable and, on SIGTERM, TrainingStopped.
    """
    check_output(order.out)
    corpus = read_corpus(order.data).without_repeats()
    validation = None
    if order.validation is not None:
        validation = _read_validation(order.validation, corpus)
        corpus = corpus.without_leaks(validation)
    check_trainable(corpus)
    name = choose_base(order.base, corpus)
    few_shot, recipe = _plan(order, name, corpus)
    workshop = Workshop(
        base=find_base(name, models_home=models_home),
        labels=_labels(corpus),
        recipe=recipe,
        seed=order.seed,
        token_limit=TOKEN_LIMIT,
        watch=(watch if leads() else None) or SilentWatch(),
        start=order.start,
    )
    with team() as processes:
        workshop = replace(workshop, team=processes)
        if not order.checkpoints:
            return _finish(order, workshop, corpus, _train(workshop, corpus, validation, few_shot))
        source = _source(workshop, corpus, validation)
        checkpoints = open_checkpoints(order.out, processes, source=source, restart=order.restart)
        with stopping_in_order(checkpoints.stop):
            workshop = replace(workshop, checkpoints=checkpoints)
            trained = _train(workshop, corpus, validation, few_shot)
            report = _finish(order, workshop, corpus, trained)
        checkpoints.remove()
        return report


def _train(
    workshop: Workshop, corpus: Corpus, validation: Corpus | None, few_shot: bool
) -> _Trained:
    if validation is not None:
        return _with_validation(workshop, corpus.utterances, validation.utterances)
    if few_shot:
        return _with_rehearsal(workshop, corpus.utterances, workshop.seed)
    share = workshop.recipe.held_out_share
    parts = split(corpus.utterances, (1.0 - share, share), seed=workshop.seed)
    return _with_validation(workshop, *parts)


def _source(workshop: Workshop, corpus: Corpus, validation: Corpus | None) -> dict[str, Any]:
    """All that the weights follow from; the keys are named to people."""
    return {
        "data": corpus.sha256,
        "validation": None if validation is None else validation.sha256,
        "base": file_sha256(workshop.start_directory / "model.safetensors"),
        "recipe": asdict(workshop.recipe),
        "seed": workshop.seed,
        "token limit": workshop.token_limit,
        "number of processes": workshop.team.size,
    }


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
    return few_shot, book.recipe(
        base=base, few_shot=few_shot, epochs=order.epochs, continued=order.start is not None
    )


def _labels(corpus: Corpus) -> tuple[str, ...]:
    outside = any(row.intent == OUT_OF_SCOPE for row in corpus.utterances)
    return (*corpus.intents, OUT_OF_SCOPE) if outside else corpus.intents


def _with_validation(workshop: Workshop, rows: Rows, held_out: Rows) -> _Trained:
    examples, unseen = workshop.lessons(rows), workshop.examples(held_out)
    journals: list[Journal] = []
    network = workshop.train(examples, stage="Training", select_on=unseen, journals=journals)
    outputs = run_network(network, unseen.rows)
    scorer = workshop.scorer(network, examples, unseen, outputs=outputs)
    metrics = _measure(scorer, outputs, unseen, held_out)
    return _Trained(network, scorer, metrics, held_out, journals, unseen=True)


def _with_rehearsal(workshop: Workshop, rows: Rows, seed: int) -> _Trained:
    # Every example counts here, so none is held back from the model itself: a first run on most
    # of the rows shows how sure the recipe makes a network about rows it has not seen.
    share = workshop.recipe.held_out_share
    most, rest = split(rows, (1.0 - share, share), seed=seed)
    examples, unseen = workshop.lessons(most), workshop.examples(rest)
    journals: list[Journal] = []
    rehearsal = workshop.train(examples, stage="Rehearsal", journals=journals)
    outputs = run_network(rehearsal, unseen.rows)
    rehearsed = workshop.scorer(rehearsal, examples, unseen, outputs=outputs)
    metrics = _measure(rehearsed, outputs, unseen, rest)
    # Two networks at once would be the peak of the whole training.
    del rehearsal
    everything = workshop.lessons(rows)
    network = workshop.train(everything, stage="Training", journals=journals)
    centroids, territory = workshop.places(network, everything)
    lexicon = workshop.relearn_words(rehearsed.lexicon, everything)
    scorer = replace(rehearsed, centroids=centroids, territory=territory, lexicon=lexicon)
    return _Trained(network, scorer, metrics, rest, journals, unseen=False)


def _measure(
    scorer: Scorer, outputs: Outputs, examples: Examples, utterances: Rows
) -> dict[str, Any]:
    results = scorer.read(outputs.logits, outputs.embeddings, examples.texts)
    figures = report(utterances, results)
    if scorer.lexicon is not None:
        figures["lexical_scale"] = scorer.lexicon.scale
    return {name: value for name, value in figures.items() if name != "per_intent"}


def _finish(
    order: TrainingOrder, workshop: Workshop, corpus: Corpus, trained: _Trained
) -> TrainingReport:
    version = ""
    if workshop.team.rank == 0:
        version = _write(order, workshop, corpus, trained)
        if order.served and trained.unseen:
            record_served_loss(order.out, trained.held_out, watch=workshop.watch)
    return TrainingReport(
        version=workshop.team.gather(version)[0],
        base=workshop.base.name,
        rows=len(corpus.utterances),
        held_out_rows=len(trained.held_out),
        epochs=trained.journals[-1].finished_epochs,
        findings=corpus.findings,
        metrics=trained.metrics,
    )


def _write(order: TrainingOrder, workshop: Workshop, corpus: Corpus, trained: _Trained) -> str:
    return write_directory(
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
        records=_records(order, trained.journals),
    )


def _records(order: TrainingOrder, journals: list[Journal]) -> dict[str, bytes]:
    records = {CURVES: json_lines(journals).encode()}
    # The drawing library is an extra, and a missing picture is no reason to lose a training.
    if order.curves and find_spec("matplotlib") is not None:
        from training.curves import draw_curves

        records[PICTURE] = draw_curves(journals)
    return records
