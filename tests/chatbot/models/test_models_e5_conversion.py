from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer

from chatbot.models import e5_conversion
from chatbot.models.e5_conversion import convert_to_bytes
from chatbot.models.e5_file import read
from chatbot.models.e5_vocabulary import kept_pieces
from chatbot.models.errors import WeightsInvalid
from tests.chatbot.models.tiny_weights import TinyE5

SAMPLES = ["ab abc", "Ａ 退款！", "退 款 abc", "Ω退款~😀", "a\u3000b", " ab ", "退款\n退", "3!"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "tiny.bin"
    path.write_bytes(TinyE5().to_bytes())
    return path


def load(folder, content):
    folder.mkdir()
    for name, each in content.items():
        (folder / name).write_bytes(each)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
    return AutoTokenizer.from_pretrained(folder), model


@pytest.fixture(scope="module")
def trimmed(source, tmp_path_factory):
    return load(tmp_path_factory.mktemp("trimmed") / "e5", convert_to_bytes(source))


@pytest.fixture(scope="module")
def untrimmed(source, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(e5_conversion, "kept_pieces", lambda pieces: np.arange(len(pieces)))
        content = convert_to_bytes(source)
    return load(tmp_path_factory.mktemp("untrimmed") / "e5", content)


def embedding(tokenizer, model, text):
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(1)


def test_the_same_file_gives_the_same_bytes(source):
    assert convert_to_bytes(source) == convert_to_bytes(source)


def test_weights_arrive_in_the_places_where_the_model_looks_for_them(source, trimmed):
    file, (_, model) = read(source), trimmed
    state = model.state_dict()
    kept = kept_pieces(file.vocabulary.pieces)
    for name, expected in {
        "embeddings.word_embeddings.weight": file.matrix("emb.word", file.shape.rows, 32)[kept],
        "encoder.layer.0.attention.self.key.weight": file.matrix("l0.k.w", 32, 32),
        "encoder.layer.0.intermediate.dense.weight": file.matrix("l0.fi.w", 64, 32),
        "encoder.layer.0.output.dense.weight": file.matrix("l0.fo.w", 32, 64),
        "encoder.layer.0.attention.output.LayerNorm.bias": file.vector("l0.aln.b", 32),
        "encoder.layer.0.output.LayerNorm.weight": file.vector("l0.oln.w", 32),
    }.items():
        np.testing.assert_array_equal(state[name].numpy(), expected)


def test_the_folder_loads_without_a_single_warning(source, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokenizer, model = load(tmp_path / "e5", convert_to_bytes(source))
    assert model.config.layer_norm_eps == 1e-12
    assert tokenizer.model_max_length == 16


def test_text_is_normalised_segmented_and_wrapped(trimmed):
    tokenizer, _ = trimmed
    tokens = tokenizer.convert_ids_to_tokens(tokenizer("abc  Ａ\u3000退款\x0b3")["input_ids"])
    assert tokens == ["<s>", "▁abc", "▁", "a", "▁", "退款", "a", "b", "c", "</s>"]


def test_padding_and_unknown_characters_have_the_ids_of_the_file(trimmed):
    tokenizer, model = trimmed
    assert (tokenizer.pad_token_id, tokenizer.unk_token_id) == (1, 3)
    assert model.config.pad_token_id == 1
    assert 3 in tokenizer("😀")["input_ids"]


def test_two_texts_are_joined_as_xlm_roberta_does(trimmed):
    tokenizer, _ = trimmed
    tokens = tokenizer.convert_ids_to_tokens(tokenizer("ab", "abc")["input_ids"])
    assert tokens == ["<s>", "▁ab", "</s>", "</s>", "▁abc", "</s>"]


def test_trimming_drops_what_neither_language_can_use(trimmed, untrimmed):
    dropped = set(untrimmed[0].get_vocab()) - set(trimmed[0].get_vocab())
    assert dropped == {"とは"}
    assert len(trimmed[0]) == trimmed[1].config.vocab_size


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.sampled_from("abc 退款ＡΩ!，~\u3000😀三é"), max_size=30))
def test_trimming_changes_no_piece_of_english_or_chinese_text(trimmed, untrimmed, text):
    assert trimmed[0].tokenize(text) == untrimmed[0].tokenize(text)


@pytest.mark.parametrize("text", SAMPLES)
def test_trimming_changes_no_embedding(trimmed, untrimmed, text):
    before, after = embedding(*untrimmed, text), embedding(*trimmed, text)
    assert torch.allclose(before, after, rtol=0, atol=1e-6)


def test_a_special_token_that_would_be_dropped_is_an_error(tmp_path):
    tiny = TinyE5()
    tiny.pieces[3] = "<とは>"
    (tmp_path / "tiny.bin").write_bytes(tiny.to_bytes())
    with pytest.raises(WeightsInvalid, match="special token 3"):
        convert_to_bytes(tmp_path / "tiny.bin")


def test_the_files_are_readable_json(source):
    content = convert_to_bytes(source)
    assert json.loads(content["config.json"])["model_type"] == "bert"
    assert json.loads(content["tokenizer.json"])["model"]["unk_id"] == 3
