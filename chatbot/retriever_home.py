"""Which encoder, scorer and reranker serve an index: the plain ones, or those of a training.

`retriever/<version>/` holds what a training wrote, and `retriever/CURRENT` names the version that
new indexes are built with. An index goes on with what it was built with.
"""

from __future__ import annotations

import re
from pathlib import Path

from chatbot.settings import Settings
from chatbot.shelf import pointer_text
from knowledge_base.calibration import Scorer
from knowledge_base.embedding import Embedder
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.errors import EncoderUnusable, RetrieverMissing, RiskUnknown, ScorerInvalid
from knowledge_base.late import HEAD, LateReranker, TokenReader
from knowledge_base.onnx_export import export_onnx
from knowledge_base.rerank import Judgement, SecondLook
from knowledge_base.storage import write_atomically
from knowledge_base.taught import JUDGEMENT, SCORER, Means, read_manifest, read_passing

E5 = "e5"
# The encoder was trained with these in front of its texts (Wang et al. 2024, arXiv 2402.05672).
QUERY, PASSAGE = "query: ", "passage: "
CURRENT = "CURRENT"
_TAUGHT = f"{E5}-"
# A folder of this home: neither a path that leads elsewhere, nor the draft of a training.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_promoted(settings: Settings) -> bool:
    """Whether CURRENT is to be heeded, whatever it names."""
    return settings.retriever != "plain" and (settings.retriever_home / CURRENT).exists()


def current_retriever(settings: Settings) -> str | None:
    """The version that new indexes are built with; None for the encoder as it was pretrained.

    Raises RetrieverMissing where CURRENT names no training that was finished here.
    """
    if not is_promoted(settings):
        return None
    home = settings.retriever_home
    try:
        version = pointer_text(home / CURRENT)
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{CURRENT} cannot be read: {type(error).__name__}"
        raise RetrieverMissing(home, reason) from None
    if _VERSION.fullmatch(version) is None:
        raise RetrieverMissing(home, f"{CURRENT} names no version")
    try:
        read_manifest(home / version)
    except RetrieverMissing as error:
        reason = f"{CURRENT} names {version}, of which {error.reason}"
        raise RetrieverMissing(home, reason) from None
    return version


def promote_retriever(settings: Settings, version: str) -> None:
    """Raises RetrieverMissing where that training was not finished."""
    read_manifest(settings.retriever_home / version)
    write_atomically(settings.retriever_home / CURRENT, f"{version}\n".encode())


def answer_threshold(settings: Settings) -> float:
    """The score at which an article is sent: the fixed one, or by the risk that was stated.

    Raises RiskUnknown where a risk is stated and nothing was taught that could say what it takes.
    """
    if settings.answer_risk is None:
        return settings.answer_score
    version = current_retriever(settings)
    if version is None:
        raise RiskUnknown
    passing = read_passing(settings.retriever_home / version)
    allowed = [each.threshold for each in passing if each.risk <= settings.answer_risk]
    return min(allowed, default=1.0)


def embedder_name(version: str | None) -> str:
    """As the manifest of an index names what it was built with."""
    return E5 if version is None else f"{_TAUGHT}{version}"


def is_taught(name: str) -> bool:
    """An embedder's name."""
    return name.startswith(_TAUGHT)


def open_means(settings: Settings, name: str) -> Means:
    """By the name of the embedder; any other than a taught one's is the plain one's.

    Raises EncoderUnusable where that training is gone.
    """
    if not is_taught(name):
        return means_around(settings, load_plain_embedder(settings))
    directory = settings.retriever_home / name.removeprefix(_TAUGHT)
    read_manifest(directory)
    return means_around(settings, _taught(settings, directory, name))


def means_around(settings: Settings, embedder: Embedder) -> Means:
    """With what the scores of its vectors mean. Raises RetrieverMissing."""
    if not is_taught(embedder.name):
        return Means(embedder, Scorer.default())
    return taught_means(settings.retriever_home / embedder.name.removeprefix(_TAUGHT), embedder)


def taught_means(directory: Path, embedder: Embedder) -> Means:
    """What a training found the scores of its encoder to mean.

    Raises RetrieverMissing where a file of it is gone or damaged.
    """
    second = None
    try:
        scorer = Scorer.load(directory / SCORER)
        if isinstance(embedder, TokenReader):
            reranker = LateReranker(embedder, directory / HEAD)
            second = SecondLook(reranker, Judgement.load(directory / JUDGEMENT))
    except ScorerInvalid as error:
        raise RetrieverMissing(directory, error.reason) from None
    return Means(embedder, scorer, second)


def load_embedder(settings: Settings) -> Embedder:
    """The multilingual encoder that new indexes are built with."""
    version = current_retriever(settings)
    if version is None:
        return load_plain_embedder(settings)
    return _taught(settings, settings.retriever_home / version, embedder_name(version))


def _taught(settings: Settings, directory: Path, name: str) -> Embedder:
    try:
        return EncoderOnnx(
            directory,
            query_prefix=QUERY,
            passage_prefix=PASSAGE,
            name=name,
            threads=settings.inference_threads,
        )
    except EncoderUnusable as error:
        # No model that could be pulled again.
        raise RetrieverMissing(directory, error.reason) from None


def load_plain_embedder(settings: Settings) -> Embedder:
    """As it was pretrained."""
    weights = settings.encoder_home
    if settings.encoder == "torch":
        from knowledge_base.encoder_torch import EncoderTorch

        return EncoderTorch(weights, query_prefix=QUERY, passage_prefix=PASSAGE, name=E5)
    return EncoderOnnx(
        export_onnx(weights, settings.models_home / f"{E5}-onnx"),
        query_prefix=QUERY,
        passage_prefix=PASSAGE,
        name=E5,
        threads=settings.inference_threads,
    )
