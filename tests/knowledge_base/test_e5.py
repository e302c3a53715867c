"""The real multilingual encoder, exact and exported, on the demo company's articles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chatbot.demo
from knowledge_base.embedding import Embedder
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.encoder_torch import EncoderTorch
from knowledge_base.onnx_export import export_onnx
from knowledge_base.passages import Document
from knowledge_base.readers import read_documents

pytestmark = pytest.mark.models

PREFIXES = {"query_prefix": "query: ", "passage_prefix": "passage: "}


@pytest.fixture(scope="module")
def exact(models_home: Path) -> EncoderTorch:
    return EncoderTorch(models_home / "e5", name="e5", **PREFIXES)


@pytest.fixture(scope="module")
def quick(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> EncoderOnnx:
    folder = export_onnx(models_home / "e5", tmp_path_factory.mktemp("e5"))
    return EncoderOnnx(folder, name="e5", threads=2, **PREFIXES)


@pytest.fixture(scope="module")
def articles() -> list[Document]:
    return read_documents(Path(chatbot.demo.__file__).parent / "data" / "knowledge.csv")


def _found_first(encoder: Embedder, articles: list[Document]) -> float:
    """Share of the second variants whose topic is found by similarity alone."""
    asked = encoder.encode_queries([article.variants[1] for article in articles])
    texts = encoder.encode_passages([f"{a.title}\n{a.answer}" for a in articles])
    best = (asked @ texts.T).argmax(axis=1)
    return float(np.mean([articles[b].tags == a.tags for a, b in zip(articles, best, strict=True)]))


def test_the_exported_encoder_gives_nearly_the_same_vectors(
    exact: EncoderTorch, quick: EncoderOnnx, articles: list[Document]
) -> None:
    texts = [variant for article in articles for variant in article.variants[:2]]
    agreement = np.einsum("nd,nd->n", exact.encode_queries(texts), quick.encode_queries(texts))
    assert agreement.min() > 0.997


def test_the_exported_encoder_finds_as_many_articles(
    exact: EncoderTorch, quick: EncoderOnnx, articles: list[Document]
) -> None:
    assert _found_first(quick, articles) >= _found_first(exact, articles) - 0.05


def test_a_question_and_its_translation_lie_close(quick: EncoderOnnx) -> None:
    english, chinese, other = quick.encode_queries(
        ["When do I get my refund?", "退款什么时候到账？", "Which bulbs fit this lamp?"]
    )
    assert english @ chinese > english @ other
