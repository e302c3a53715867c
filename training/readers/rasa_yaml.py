"""Rasa NLU training data in YAML, as Rasa 2 and 3 have it (format versions 2.0 to 3.1).

Read after https://legacy-docs-oss.rasa.com/docs/rasa/training-data-format and Rasa's own reader.
An example loses its entity marks: `to [Rome](city)` and `to [Rome]{"entity": "city"}` teach
`to Rome`. An intent of a response selector keeps its name `faq/ask_hours`. Synonyms, lookup
tables and regular expressions help to find entities only; they are reported and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from training.findings import Finding, Problem
from training.readers.faults import Fault
from training.readers.rows import Draft
from training.readers.source import Source
from training.readers.yaml_tree import Alias, Items, Node, Pairs, Scalar, read_tree

# The value, then (type), (type:value), {"entity": …} or [{"entity": …}, …].
_ENTITY = re.compile(r"\[([^\[\]]+)\](?:\([^()]+\)|\{[^{}]+\}|\[\{[^\[\]]*\}\])")
_UNUSED = {"synonym": Problem.SYNONYM, "lookup": Problem.LOOKUP, "regex": Problem.REGEX}
_NLU_KEY = re.compile(r"""^["']?nlu["']?\s*:""", re.MULTILINE)
_MAPPING = ("a mapping", "映射")
_LIST = ("a list", "列表")
_EXAMPLES = ("a block of lines that begin with a dash, or a list", "以短横线开头的文本块或列表")
_NAME = ("a name", "名称")


def has_nlu(source: Source) -> bool:
    """Domains, stories and configurations share the suffix and have no such key."""
    return _NLU_KEY.search(source.content.decode("utf-8", "replace")) is not None


def read(source: Source) -> Iterator[Draft | Finding]:
    root = read_tree(source)
    if not isinstance(root, Pairs):
        raise Fault.NO_MAPPING.at(source.path, line=root.line if root else None)
    sections = [value for key, value in root.pairs if key == "nlu"]
    if not sections:
        raise Fault.NO_NLU.at(source.path)
    for section in sections:
        for item in _items(source, section, "nlu"):
            yield from _item(source, item)


def plain(example: str) -> str:
    """Without entity marks."""
    return _ENTITY.sub(r"\1", example)


def _item(source: Source, item: Node) -> Iterator[Draft | Finding]:
    _refuse_alias(source, item)
    if not isinstance(item, Pairs):
        raise _wrong(source, item, "nlu[]", _MAPPING)
    for kind, problem in _UNUSED.items():
        if (name := item.get(kind)) is not None:
            yield Finding(problem, item.line, source.name, _text(source, name, kind))
    if (name := item.get("intent")) is not None:
        intent = _text(source, name, "intent")
        yield from _examples(source, item, intent)


def _examples(source: Source, item: Pairs, intent: str) -> Iterator[Draft | Finding]:
    examples = item.get("examples")
    if isinstance(examples, Scalar):
        rows: Sequence[Draft | Finding] = list(_block(source, examples, intent))
    else:
        rows = [] if examples is None else list(_listed(source, examples, intent))
    yield from rows or [Draft(source, item.line, "", intent)]


def _block(source: Source, block: Scalar, intent: str) -> Iterator[Draft | Finding]:
    for number, text in enumerate(block.text.split("\n"), start=1):
        # A folded or quoted block does not tell on which lines its parts stood.
        line = block.line + number if block.literal else block.line
        example = text.strip()
        if example.startswith("-"):
            yield Draft(source, line, plain(example[1:].strip()), intent)
        elif example:
            yield Finding(Problem.NO_DASH, line, source.name, intent)


def _listed(source: Source, examples: Node, intent: str) -> Iterator[Draft]:
    for example in _items(source, examples, "examples"):
        _refuse_alias(source, example)
        text = example.get("text") if isinstance(example, Pairs) else example
        if text is None or isinstance(text, Items | Pairs):
            raise _wrong(source, example, "examples", _EXAMPLES)
        yield Draft(source, text.line, plain(_text(source, text, "text").strip()), intent)


def _items(source: Source, node: Node, name: str) -> tuple[Node, ...]:
    _refuse_alias(source, node)
    if isinstance(node, Scalar) and node.text in ("", "~", "null"):
        return ()
    if not isinstance(node, Items):
        raise _wrong(source, node, name, _LIST if name == "nlu" else _EXAMPLES)
    return node.items


def _text(source: Source, node: Node, name: str) -> str:
    _refuse_alias(source, node)
    if not isinstance(node, Scalar):
        raise _wrong(source, node, name, _NAME)
    return node.text


def _refuse_alias(source: Source, node: Node) -> None:
    if isinstance(node, Alias):
        raise Fault.ALIAS.at(source.path, line=node.line, name=node.name)


def _wrong(source: Source, node: Node, what: str, expected: tuple[str, str]) -> Exception:
    return Fault.WRONG_SHAPE.at(source.path, line=node.line, what=what, expected=expected)
