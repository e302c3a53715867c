"""Which encoder, scorer and reranker serve an index: the plain ones, or those of a training.

`retriever/<version>/` holds what a training wrote, and `retriever/CURRENT` names the version that
new indexes are built with. An index goes on with what it was built with.
"""

from __future__ import annotations

from pathlib import Path

from chatbot.settings import Settings
from knowledge_base.calibration import Scorer
from knowledge_base.embedding import Embedder
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.errors import RetrieverMissing
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


def current_retriever(settings: Settings) -> str | None:
    """The version that new indexes are built with; None for the encoder as it was pretrained."""
    pointer = settings.retriever_home / CURRENT
    if settings.retriever == "plain" or not pointer.is_file():
        return None
    return pointer.read_text(encoding="utf-8").strip() or None


def promote_retriever(settings: Settings, version: str) -> None:
    write_atomically(settings.retriever_home / CURRENT, f"{version}\n".encode())


def answer_threshold(settings: Settings) -> float:
    """The score at which an article is sent: the fixed one, or by the risk that was stated.

    Raises RetrieverMissing where a risk is stated and nothing was taught that could say what it
    takes.
    """
    if settings.answer_risk is None:
        return settings.answer_score
    version = current_retriever(settings)
    if version is None:
        raise RetrieverMissing(settings.retriever_home, "KEFU_ANSWER_RISK asks for one")
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
    """With what the scores of its vectors mean."""
    if not is_taught(embedder.name):
        return Means(embedder, Scorer.default())
    directory = settings.retriever_home / embedder.name.removeprefix(_TAUGHT)
    second = None
    if isinstance(embedder, TokenReader):
        reranker = LateReranker(embedder, directory / HEAD)
        second = SecondLook(reranker, Judgement.load(directory / JUDGEMENT))
    return Means(embedder, Scorer.load(directory / SCORER), second)


def load_embedder(settings: Settings) -> Embedder:
    """The multilingual encoder that new indexes are built with."""
    version = current_retriever(settings)
    if version is None:
        return load_plain_embedder(settings)
    directory = settings.retriever_home / version
    read_manifest(directory)
    return _taught(settings, directory, embedder_name(version))


def _taught(settings: Settings, directory: Path, name: str) -> Embedder:
    return EncoderOnnx(
        directory,
        query_prefix=QUERY,
        passage_prefix=PASSAGE,
        name=name,
        threads=settings.inference_threads,
    )


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
