"""YAML as a tree of texts with line numbers: no tags, no objects, nothing followed twice.

It is built from PyYAML's parsing events and not by its constructors, so that an alias stays an
alias (a "billion laughs" file has a few hundred nodes here) and depth costs no recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from training.readers.faults import Fault
from training.readers.source import Source

MOST_NODES = 1_000_000
DEEPEST = 100
"""The parser's time grows with the square of the depth; training data is five deep."""
# The C parser is ten times as fast, where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    line: int
    text: str
    literal: bool = False
    """Written after `|`: its first line stands on the line after `line`."""


@dataclass(frozen=True)
class Items:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Pairs:
    line: int
    pairs: tuple[tuple[str, Node], ...]

    def get(self, name: str) -> Node | None:
        """The last of several, as YAML readers have it."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)


@dataclass(frozen=True)
class Alias:
    line: int
    name: str


Node = Scalar | Items | Pairs | Alias


def read_tree(source: Source) -> Node | None:
    """The first document; None where there is none. Raises CorpusInvalid."""
    try:
        return _tree(source)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        line = mark.line + 1 if mark else None
        raise Fault.NOT_YAML.at(source.path, line=line, why=_printable(error.problem)) from None
    except yaml.YAMLError:
        # Its own message would quote the file.
        why = ("a character that YAML does not allow", "含有 YAML 不允许的字符")
        raise Fault.NOT_YAML.at(source.path, why=why) from None


def _tree(source: Source) -> Node | None:
    open_nodes: list[tuple[Any, list[Node]]] = []
    for event in _events(source):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) == DEEPEST:
                raise Fault.TOO_DEEP.at(source.path, line=line, deepest=DEEPEST)
            open_nodes.append((event, []))
            continue
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Scalar(line, event.value, event.style == "|")
        elif isinstance(event, yaml.AliasEvent):
            node = Alias(line, _printable(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = _closed(*open_nodes.pop())
        else:
            continue
        if not open_nodes:
            return node
        open_nodes[-1][1].append(node)
    return None


def _events(source: Source) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(source.text(), Loader=_LOADER)
    for count, event in enumerate(events):
        if count > MOST_NODES:
            line = event.start_mark.line + 1
            raise Fault.TOO_MANY_NODES.at(source.path, line=line, most=MOST_NODES)
        yield event


def _closed(start: Any, children: list[Node]) -> Node:
    line = start.start_mark.line + 1
    if isinstance(start, yaml.SequenceStartEvent):
        return Items(line, tuple(children))
    keys = (key.text if isinstance(key, Scalar) else "" for key in children[::2])
    return Pairs(line, tuple(zip(keys, children[1::2], strict=True)))


def _printable(words: str | None) -> str:
    return "".join(c if c.isprintable() else "?" for c in words or "")
