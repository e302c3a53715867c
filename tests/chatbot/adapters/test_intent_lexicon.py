from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from chatbot.adapters.intent_lexicon import (
    LEXICON,
    Lexicon,
    count_terms,
    locate_terms,
    read_lexicon,
    weigh,
)
from chatbot.errors import ModelDirectoryInvalid


def _hashes(*terms: str) -> list[int]:
    return sorted(crc32(term.encode()) for term in terms)


def _lexicon(*terms: str, scale: float = 1.0) -> Lexicon:
    """Term n speaks for label n alone."""
    pairs = sorted((crc32(term.encode()), number) for number, term in enumerate(terms))
    weights = np.zeros((len(terms), len(terms)), dtype=np.float16)
    for place, (_, number) in enumerate(pairs):
        weights[place, number] = 1.0
    return Lexicon(
        hashes=np.array([value for value, _ in pairs], dtype=np.uint32),
        idf=np.ones(len(terms), dtype=np.float32),
        weights=weights,
        scale=scale,
    )


def test_terms_are_words_and_pairs_of_neighbours_whatever_their_case() -> None:
    terms = count_terms("Where is WHERE?")
    assert terms.hashes.tolist() == _hashes("where", "is", "where is", "is where")
    assert dict(zip(terms.hashes.tolist(), terms.counts, strict=True))[crc32(b"where")] == 2


def test_chinese_is_read_by_character_beside_words_of_other_scripts() -> None:
    assert count_terms("退iPhone15款").hashes.tolist() == _hashes(
        "退", "iphone15", "款", "退 iphone15", "iphone15 款"
    )


def test_width_makes_no_other_word() -> None:
    assert np.array_equal(count_terms("ＡＢＣ　１２").hashes, count_terms("abc 12").hashes)


def test_terms_have_the_same_hashes_in_every_process() -> None:
    code = (
        "from chatbot.adapters.intent_lexicon import count_terms;"
        "print(count_terms('Où est 退货 now').hashes.tolist())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert [json.loads(text) for text in printed] == [
        count_terms("Où est 退货 now").hashes.tolist()
    ]


@given(st.text())
def test_terms_are_found_again_where_they_stand(text: str) -> None:
    located = [term for term, _ in locate_terms(text)]
    counted = count_terms(text)
    assert sorted(set(located)) == counted.hashes.tolist()
    assert len(located) == counted.counts.sum()
    for _, spans in locate_terms(text):
        assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text())
def test_a_text_weighs_the_same_however_long_it_is(text: str) -> None:
    lexicon = _lexicon("a", "b", "0")
    places, values = weigh(count_terms(text), lexicon.hashes, lexicon.idf)
    assert len(places) == 0 or values @ values == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", " \n", "?!", "nothing of this is known", "🙂"])
def test_without_a_known_word_nothing_is_added(text: str) -> None:
    assert np.array_equal(_lexicon("refund", "parcel").logits([text]), np.zeros((1, 2)))


def test_a_lexicon_without_terms_adds_nothing() -> None:
    empty = Lexicon(np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros((0, 3), "f2"), 1.0)
    assert np.array_equal(empty.logits(["refund"]), np.zeros((1, 3)))
    assert empty.logits([]).shape == (0, 3)


def test_the_last_of_a_thousand_words_counts() -> None:
    texts = ["word " * 1000 + last for last in ("refund", "parcel")]
    logits = _lexicon("refund", "parcel").logits(texts)
    assert logits.argmax(axis=1).tolist() == [0, 1]


def test_the_scale_multiplies_what_is_added() -> None:
    once, twice = (_lexicon("a", "b", scale=scale).logits(["a b b"]) for scale in (1.0, 2.0))
    assert np.allclose(2 * once, twice)


def test_contributions_add_up_to_the_logits() -> None:
    lexicon = _lexicon("a", "b", "a b")
    hashes, parts = lexicon.contributions("a b a c")
    assert hashes.tolist() == _hashes("a", "b", "a b")
    assert np.allclose(parts.sum(axis=0), lexicon.logits(["a b a c"])[0])


def test_a_lexicon_survives_its_file(tmp_path: Path) -> None:
    lexicon = _lexicon("a", "b", "a b", scale=0.3)
    save_file(lexicon.tensors(), tmp_path / LEXICON)
    again = read_lexicon(tmp_path, labels=3)
    assert again.scale == 0.3
    assert np.array_equal(again.logits(["a b"]), lexicon.logits(["a b"]))


def test_weights_for_other_labels_are_refused(tmp_path: Path) -> None:
    save_file(_lexicon("a", "b").tensors(), tmp_path / LEXICON)
    with pytest.raises(ModelDirectoryInvalid, match="has weights for 2 labels of 5"):
        read_lexicon(tmp_path, labels=5)


def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path: Path) -> None:
    tensors = _lexicon("a", "b").tensors()
    save_file({**tensors, "idf": np.ones(3, np.float32)}, tmp_path / LEXICON)
    with pytest.raises(ModelDirectoryInvalid, match="do not fit their weights"):
        read_lexicon(tmp_path, labels=2)
    del tensors["scale"]
    save_file(tensors, tmp_path / LEXICON)
    with pytest.raises(ModelDirectoryInvalid, match="cannot be used"):
        read_lexicon(tmp_path, labels=2)
