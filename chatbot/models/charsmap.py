"""A code point mapping as the compiled character map of SentencePiece, which `tokenizers` reads.

The format: u32 bytes of the trie, the trie, then the replacements, each ended by a zero byte. The
trie is a double array over UTF-8 bytes in the units of darts-clone: the children of a unit are
found at (its position ^ its offset ^ byte), and say in their low 8 bits which byte they are for.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping

BLOCK_UNITS = 256
SEARCHED_BLOCKS = 4
HAS_LEAF = 1 << 8
LEAF = 1 << 31
OFFSET_SHIFT = 10
OFFSET_LIMIT = 1 << 21

Node = dict[int, "Node | int"]
"""Byte → next node; END → where the replacement begins."""

END = 0


def compile_charsmap(mapping: Mapping[int, str]) -> bytes:
    """Neither code points nor replacements may contain U+0000, which ends strings here."""
    root: Node = {}
    replacements = bytearray()
    places: dict[str, int] = {}
    for code_point, replacement in sorted(mapping.items()):
        if replacement not in places:
            places[replacement] = len(replacements)
            replacements += replacement.encode() + b"\0"
        _insert(root, chr(code_point).encode(), places[replacement])
    units = _DoubleArray().fill(root)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(replacements)


def _insert(root: Node, key: bytes, value: int) -> None:
    node = root
    for byte in key:
        following = node.setdefault(byte, {})
        assert isinstance(following, dict)
        node = following
    node[END] = value


class _DoubleArray:
    def __init__(self) -> None:
        self._units: list[int] = []
        self._taken: list[bool] = []
        self._bases: set[int] = set()
        self._grow()
        self._taken[0] = True

    def fill(self, root: Node) -> list[int]:
        waiting: deque[tuple[int, Node]] = deque([(0, root)])
        while waiting:
            position, node = waiting.popleft()
            base = self._place(node)
            offset = position ^ base
            if offset >= OFFSET_LIMIT:
                raise ValueError("the mapping is too large for a double array")
            self._units[position] |= offset << OFFSET_SHIFT | (HAS_LEAF if END in node else 0)
            for byte, following in sorted(node.items(), key=lambda item: item[0]):
                if isinstance(following, dict):
                    self._units[base ^ byte] = byte
                    waiting.append((base ^ byte, following))
                else:
                    self._units[base] = LEAF | following
        return self._units

    def _place(self, node: Node) -> int:
        """A base, used by no other node, from which every child falls on a free unit."""
        first = min(node)
        # Gaps further back stay gaps: looking for them would take longer than they are worth.
        position = max(1, len(self._units) - SEARCHED_BLOCKS * BLOCK_UNITS)
        while True:
            while position >= len(self._units):
                self._grow()
            base = position ^ first
            if base not in self._bases and all(not self._taken[base ^ byte] for byte in node):
                break
            position += 1
        self._bases.add(base)
        for byte in node:
            self._taken[base ^ byte] = True
        return base

    def _grow(self) -> None:
        # Whole blocks: `base ^ byte` stays in the block of the base, so it is never outside.
        self._units += [0] * BLOCK_UNITS
        self._taken += [False] * BLOCK_UNITS
