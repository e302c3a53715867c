"""What every encoder promises, with the fake and with small random networks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel

from knowledge_base.embedding import (
    LONGEST_TOKENS,
    Embedder,
    TextTokenizer,
    TokenBatch,
    Vectors,
    encode_sorted,
)
from knowledge_base.encoder_onnx import GRAPH, EncoderOnnx
from knowledge_base.encoder_torch import EncoderTorch
from knowledge_base.errors import EncoderUnusable
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.onnx_export import export_onnx

WORDS = [f"w{number}" for number in range(200)]
TEXTS = ["w1 w2 w3", "w7", " ".join(WORDS), "w5 w5 w9 w11", "", "w150 w3"]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    config = BertConfig(
        vocab_size=len(WORDS) + 2,
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=LONGEST_TOKENS,
        initializer_range=0.2,
    )
    torch.manual_seed(5)
    BertModel(config).save_pretrained(folder)
    vocabulary = {"[PAD]": 0, "[UNK]": 1} | {word: n + 2 for n, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _torch(directory: Path, query_prefix: str = "w0 ") -> EncoderTorch:
    return EncoderTorch(directory, query_prefix=query_prefix, passage_prefix="w9 ", name="small")


def _onnx(directory: Path, query_prefix: str = "w0 ") -> EncoderOnnx:
    return EncoderOnnx(directory, query_prefix=query_prefix, passage_prefix="w9 ", name="small")


@pytest.fixture(scope="module")
def exported(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_onnx(directory, tmp_path_factory.mktemp("onnx"))


@pytest.fixture(params=["fake", "torch", "onnx"])
def encoder(request: pytest.FixtureRequest, directory: Path, exported: Path) -> Embedder:
    if request.param == "fake":
        return HashingEmbedder()
    return _torch(directory) if request.param == "torch" else _onnx(exported)


def test_vectors_have_length_one(encoder: Embedder) -> None:
    for vectors in (encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)):
        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: Embedder) -> None:
    assert encoder.encode_queries([]).shape == (0, encoder.dimension)
    assert encoder.encode_passages([]).shape == (0, encoder.dimension)


def test_rows_keep_the_order_of_the_texts(encoder: Embedder) -> None:
    together = encoder.encode_queries(TEXTS)
    for row, text in enumerate(TEXTS):
        assert together[row] @ encoder.encode_queries([text])[0] > 0.99


def test_more_texts_than_a_batch_are_all_encoded(encoder: Embedder) -> None:
    vectors = encoder.encode_passages([f"w{number % 50}" for number in range(100)])
    assert (np.einsum("nd,nd->n", vectors[:50], vectors[50:]) > 0.99).all()


def test_batches_side_by_side_give_the_same_vectors_in_the_same_order(exported: Path) -> None:
    texts = [" ".join(WORDS[: 1 + number * 7 % 40]) for number in range(150)]
    abreast = EncoderOnnx(
        exported, query_prefix="w0 ", passage_prefix="w9 ", name="small", abreast=2
    )
    expected = _onnx(exported).encode_means(texts)
    with ThreadPoolExecutor(max_workers=3) as pool:
        for means in pool.map(abreast.encode_means, [texts] * 3):
            np.testing.assert_array_equal(means, expected)


def test_a_call_is_cut_into_batches_of_the_wanted_size(exported: Path) -> None:
    sizes = []

    def note(batch: TokenBatch) -> Vectors:
        sizes.append(len(batch.ids))
        return np.zeros((len(batch.ids), 2), dtype=np.float32)

    encode_sorted(["w1"] * 20, TextTokenizer(exported), note, dimension=2, batch=8)
    assert sizes == [8, 8, 4]


def test_a_fault_in_a_batch_reaches_the_caller(exported: Path) -> None:
    def fail(batch: TokenBatch) -> Vectors:
        raise ValueError(batch.ids.shape)

    with pytest.raises(ValueError, match="32"):
        encode_sorted(["w1"] * 64, TextTokenizer(exported), fail, dimension=2, abreast=2)


def test_the_exported_encoder_agrees_with_the_exact_one(directory: Path, exported: Path) -> None:
    exact, quick = _torch(directory), _onnx(exported)
    agreement = np.einsum("nd,nd->n", exact.encode_queries(TEXTS), quick.encode_queries(TEXTS))
    assert agreement.min() > 0.99
    assert quick.dimension == exact.dimension


def test_means_point_the_same_way_as_the_vectors(exported: Path) -> None:
    means = _onnx(exported).encode_means(TEXTS)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(means / lengths, _onnx(exported).encode_queries(TEXTS), atol=1e-5)


def test_prefixes_and_weights_make_the_fingerprint(directory: Path, exported: Path) -> None:
    prints = [
        *(_torch(directory).fingerprint, _torch(directory, "w1 ").fingerprint),
        *(_onnx(exported).fingerprint, _onnx(exported, "w1 ").fingerprint),
    ]
    assert len(set(prints)) == 4
    assert _torch(directory).fingerprint == prints[0]


def test_long_texts_are_cut(directory: Path) -> None:
    tokenizer = TextTokenizer(directory)
    [encoding] = tokenizer.encode(["w1 " * 1000])
    assert len(encoding.ids) == LONGEST_TOKENS


@pytest.mark.parametrize("others", [[], ["w3"]], ids=["alone", "in-a-batch"])
def test_half_of_a_surrogate_pair_is_an_unknown_character(
    directory: Path, others: list[str]
) -> None:
    tokenizer = TextTokenizer(directory)
    broken, known = (
        tokenizer.encode([text, *others])[0].ids for text in ("w1 \ud800 w2", "w1 \ufffd w2")
    )
    assert broken == known


def test_models_of_one_vocabulary_hold_it_once(
    directory: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    class Counting:
        @staticmethod
        def from_str(text: str) -> Tokenizer:
            parsed.append(text)
            return Tokenizer.from_str(text)

    monkeypatch.setattr("knowledge_base.embedding.Tokenizer", Counting)
    first, second = TextTokenizer(directory, limit=7), TextTokenizer(exported, limit=7)
    shorter = TextTokenizer(directory, limit=3)
    lengths = [len(t.encode(["w1 " * 9])[0].ids) for t in (first, second, shorter)]
    assert lengths == [7, 7, 3]
    assert len(parsed) == 2
    del first, second
    TextTokenizer(directory, limit=7)
    assert len(parsed) == 3, "a vocabulary that nobody uses is not kept"


def test_a_broken_vocabulary_is_an_error_that_names_the_folder(
    directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_bytes((directory / "config.json").read_bytes())
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderUnusable, match=r"tokenizer\.json") as refused:
        TextTokenizer(tmp_path)
    assert str(tmp_path) in str(refused.value)


def test_exporting_twice_writes_once(directory: Path, tmp_path: Path) -> None:
    export_onnx(directory, tmp_path)
    before = (tmp_path / GRAPH).stat().st_mtime_ns
    export_onnx(directory, tmp_path)
    assert (tmp_path / GRAPH).stat().st_mtime_ns == before


def test_a_damaged_export_is_refused_and_made_anew(directory: Path, tmp_path: Path) -> None:
    export_onnx(directory, tmp_path)
    (tmp_path / GRAPH).write_bytes(b"x")
    with pytest.raises(EncoderUnusable, match="not the file that was exported"):
        _onnx(tmp_path)
    export_onnx(directory, tmp_path)
    assert _onnx(tmp_path).dimension == 64


def test_other_networks_cannot_be_exported(directory: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes((directory / name).read_bytes())
    config = json.loads((directory / "config.json").read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config | {"model_type": "gpt2"}))
    with pytest.raises(EncoderUnusable, match="only BERT"):
        export_onnx(tmp_path, tmp_path / "target")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnusable):
        _torch(tmp_path)
    with pytest.raises(EncoderUnusable):
        _onnx(tmp_path)
    with pytest.raises(EncoderUnusable):
        export_onnx(tmp_path, tmp_path / "target")
