"""From pairs of articles and questions to a retriever in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chatbot.retriever_home import E5, PASSAGE, QUERY, embedder_name, taught_means
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.errors import EncoderUnusable
from knowledge_base.late import HEAD, LateReranker
from knowledge_base.onnx_export import export_onnx
from knowledge_base.rerank import SecondLook
from knowledge_base.storage import sha256_of
from knowledge_base.taught import JUDGEMENT, SCORER, Passing, read_manifest
from training.base_weights import MULTILINGUAL, find_base
from training.errors import CorpusInvalid
from training.pairs.reading import FOLDER, read_pairs
from training.progress import Watch
from training.retriever.alone import only_training
from training.retriever.contrastive import EncoderRecipe, teach_encoder
from training.retriever.folder import finish, version_of, write_encoder, write_late
from training.retriever.judging import examine, exams_of, fit_first, fit_second
from training.retriever.late import Late
from training.retriever.lessons import HELD_TRADES, Lessons
from training.retriever.tower import Tower

_FORMAT = 2
"""Raised whenever the same order would give another retriever."""
_EXAM_SEED = 0


@dataclass(frozen=True)
class RetrieverOrder:
    home: Path
    """The retriever gets a folder of its own in it, named by its version."""
    pairs: Path = FOLDER
    encoder: EncoderRecipe = field(default_factory=EncoderRecipe)
    seed: int = 1


@dataclass(frozen=True)
class RetrieverReport:
    version: str
    trained: bool
    """False where the very same retriever was there already."""
    articles: int
    questions: int
    exam: Mapping[str, Mapping[str, float]]
    """On trades never taught, by means: how often the right article comes first, and the like."""
    passing: tuple[Passing, ...]


def train_retriever(order: RetrieverOrder, *, models_home: Path, watch: Watch) -> RetrieverReport:
    """Raises BaseModelUnavailable, CorpusInvalid for pairs that cannot be read or are too few, and
    RetrieverBusy while another process trains for the same home.

    What a killed training leaves behind is removed by the next one.
    """
    base = find_base(MULTILINGUAL, models_home=models_home).directory
    pairs = read_pairs(order.pairs)
    taught, held = Lessons.of(pairs, held=False), Lessons.of(pairs, held=True)
    _check(order.pairs, taught, held)
    version = _version(order, base)
    with only_training(order.home):
        folder = order.home / version
        if (done := _there(folder, version, taught)) is not None:
            return done
        draft = order.home / f".{version}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        plain = open_encoder(export_onnx(base, models_home / f"{E5}-onnx"), E5)
        facts = _fill(
            draft, order, base, plain, version=version, taught=taught, held=held, watch=watch
        )
        # What lies there is not whole: it was never finished, or was damaged since.
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    return _report(version, facts, taught, trained=True)


def _fill(
    draft: Path,
    order: RetrieverOrder,
    base: Path,
    plain: EncoderOnnx,
    *,
    version: str,
    taught: Lessons,
    held: Lessons,
    watch: Watch,
) -> Mapping[str, Any]:
    """All parts of a retriever; the facts of its manifest. `plain` is the encoder of `base`."""
    curve = _teach(draft, order, base, taught, watch)
    exams, embedder = exams_of(held, seed=_EXAM_SEED), open_encoder(draft, embedder_name(version))
    scorer = fit_first(exams, embedder, plain, watch)
    scorer.save(draft / SCORER)
    reranker = LateReranker(embedder, draft / HEAD)
    judgement = fit_second(exams, embedder, scorer, reranker, watch)
    judgement.save(draft / JUDGEMENT)
    looks = {
        "first look": examine(exams, embedder, scorer, None, watch),
        "second look": examine(exams, embedder, scorer, SecondLook(reranker, judgement), watch),
    }
    facts = {
        "encoder": asdict(order.encoder),
        "seed": order.seed,
        "curve": curve,
        "exam": {name: look.figures for name, look in looks.items()},
        "passing": [asdict(each) for each in looks["second look"].passing],
    }
    finish(draft, version=version, facts=facts)
    return facts


def _teach(
    draft: Path, order: RetrieverOrder, base: Path, taught: Lessons, watch: Watch
) -> list[float]:
    tower = Tower(base, alone=order.encoder.alone)
    late = Late(tower.config.hidden_size, tower.device)
    curve = teach_encoder(tower, late, taught, order.encoder, seed=order.seed, watch=watch)
    write_encoder(draft, tower, base)
    write_late(draft, late)
    return curve


def _check(folder: Path, taught: Lessons, held: Lessons) -> None:
    if not taught.articles:
        raise CorpusInvalid(folder, "there is nothing to learn from")
    if not held.articles:
        trades = ", ".join(HELD_TRADES)
        raise CorpusInvalid(folder, f"no article is of a trade that is examined ({trades})")


def _report(
    version: str, facts: Mapping[str, Any], taught: Lessons, *, trained: bool
) -> RetrieverReport:
    return RetrieverReport(
        version,
        trained,
        len(taught.articles),
        len(taught.questions),
        facts["exam"],
        tuple(Passing(**row) for row in facts["passing"]),
    )


def open_encoder(directory: Path, name: str) -> EncoderOnnx:
    return EncoderOnnx(directory, query_prefix=QUERY, passage_prefix=PASSAGE, name=name)


def _there(folder: Path, version: str, taught: Lessons) -> RetrieverReport | None:
    """Of a training that was finished here and can be served from; else it is done again."""
    try:
        manifest = read_manifest(folder)
        taught_means(folder, open_encoder(folder, version))
        return _report(version, manifest, taught, trained=False)
    except (EncoderUnusable, KeyError, TypeError):
        return None


def _version(order: RetrieverOrder, base: Path) -> str:
    """Of everything that the weights follow from."""
    pairs = [sha256_of(path) for path in sorted(order.pairs.glob("*.jsonl"))]
    weights = sha256_of(base / "model.safetensors")
    return version_of(_FORMAT, order.encoder, order.seed, weights, *pairs)
