from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.models.e5_conversion import convert_to_bytes
from chatbot.models.e5_file import Q4_0_BLOCK, dequantise, read
from chatbot.models.errors import WeightsInvalid
from tests.chatbot.models.tiny_weights import TinyE5

GOOD = TinyE5().to_bytes()

same_folder = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# A scale whose exponent bits are all ones is no number; `read` refuses such a file.
blocks_of_numbers = st.binary(min_size=18, max_size=18).filter(
    lambda block: block[1] & 0x7C != 0x7C
)


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "tiny.bin"
    path.write_bytes(content)
    return path


def plain_dequantise(block: bytes) -> list[float]:
    """The format's description, word by word."""
    (scale,) = struct.unpack_from("<e", block)
    low = [(byte & 15) - 8 for byte in block[2:]]
    high = [(byte >> 4) - 8 for byte in block[2:]]
    return [scale * weight for weight in low + high]


@given(st.lists(blocks_of_numbers, min_size=1, max_size=6))
def test_blocks_are_unpacked_as_the_format_says(blocks):
    rows = np.frombuffer(b"".join(blocks), Q4_0_BLOCK).reshape(1, -1)
    expected = np.array([value for block in blocks for value in plain_dequantise(block)])
    np.testing.assert_array_equal(dequantise(rows)[0], expected.astype(np.float32))


def test_vocabulary_scores_mapping_and_sizes_are_read(tmp_path):
    tiny = TinyE5()
    model = read(write(tmp_path, GOOD))
    assert model.vocabulary.pieces == tuple(tiny.pieces)
    np.testing.assert_allclose(model.vocabulary.scores, tiny.scores(), rtol=1e-6)
    assert model.mapping == tiny.mapping
    assert (model.shape.hidden, model.shape.layers, model.shape.positions) == (32, 1, 16)


def test_kept_rows_are_those_of_the_whole_matrix(tmp_path):
    model = read(write(tmp_path, GOOD))
    rows = model.shape.rows
    whole = model.matrix("emb.word", rows, 32)
    some = np.array([0, 3, 7])
    np.testing.assert_array_equal(model.matrix("emb.word", rows, 32, keep=some), whole[some])


@same_folder
@given(end=st.integers(0, len(GOOD) - 1))
def test_a_file_cut_anywhere_is_refused(tmp_path, end):
    with pytest.raises(WeightsInvalid, match=r"tiny\.bin"):
        convert_to_bytes(write(tmp_path, GOOD[:end]))


@same_folder
@given(at=st.integers(0, 2000), value=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_read_without_harm(tmp_path, at, value):
    content = bytearray(GOOD)
    content[at] = value
    with contextlib.suppress(WeightsInvalid):
        convert_to_bytes(write(tmp_path, bytes(content)))


@same_folder
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(tmp_path, content):
    with pytest.raises(WeightsInvalid):
        read(write(tmp_path, b"E5S1" + content))


@pytest.mark.parametrize(
    ("offset", "layout", "value", "said"),
    [
        (0, "4s", b"GGUF", "does not begin with E5S1"),
        (4, "I", 9, "version 9"),
        (8, "i", -384, "impossible sizes"),
        (8, "i", 33, "do not divide"),
        (12, "i", 1_000_000, "impossible sizes"),
        (36, "f", float("nan"), "impossible sizes"),
        (40, "i", 64, "impossible sizes"),
        (44, "i", 2_000_000_000, "impossible sizes"),
        (48, "i", 999, "not in its vocabulary"),
        (52, "i", 0, "impossible sizes"),
        (64, "Q", 1 << 60, "ends inside"),
        (72, "I", 5, "do not rise"),
    ],
)
def test_a_number_that_does_not_fit_is_named(tmp_path, offset, layout, value, said):
    content = bytearray(GOOD)
    struct.pack_into("<" + layout, content, offset, value)
    with pytest.raises(WeightsInvalid, match=said):
        read(write(tmp_path, bytes(content)))


def test_a_missing_tensor_is_named(tmp_path):
    tiny = TinyE5()
    del tiny.tensors["l0.fi.w"]
    with pytest.raises(WeightsInvalid, match=r"no tensor l0\.fi\.w"):
        convert_to_bytes(write(tmp_path, tiny.to_bytes()))


def test_a_tensor_of_another_size_is_named(tmp_path):
    tiny = TinyE5()
    tiny.tensors["l0.q.b"] = tiny.tensors["l0.fi.b"]
    with pytest.raises(WeightsInvalid, match=r"l0\.q\.b has type 0 and 64 elements"):
        convert_to_bytes(write(tmp_path, tiny.to_bytes()))


def test_weights_that_are_not_numbers_are_named(tmp_path):
    tiny = TinyE5()
    kind, elements, stored = tiny.tensors["emb.ln.w"]
    tiny.tensors["emb.ln.w"] = (kind, elements, struct.pack("<f", float("inf")) + stored[4:])
    with pytest.raises(WeightsInvalid, match=r"emb\.ln\.w has values that are not numbers"):
        convert_to_bytes(write(tmp_path, tiny.to_bytes()))


@pytest.mark.parametrize("mapping", [{0: "a"}, {0xD800: "a"}, {0x110000: "a"}])
def test_a_mapping_of_what_is_no_character_is_refused(tmp_path, mapping):
    with pytest.raises(WeightsInvalid, match="no character"):
        read(write(tmp_path, TinyE5(mapping=mapping).to_bytes()))


def test_a_piece_that_is_there_twice_is_refused(tmp_path):
    tiny = TinyE5()
    tiny.pieces[5] = tiny.pieces[6]
    with pytest.raises(WeightsInvalid, match="twice"):
        read(write(tmp_path, tiny.to_bytes()))
