"""Rasa NLU training data in Markdown, as Rasa 1 had it and Rasa 2 still read.

Read after https://github.com/RasaHQ/rasa/blob/6aaeffc182b8/docs/nlu/training-data-format.rst:
headings `## intent:name`, examples behind `-`, `*` or `+`, entity marks as in YAML, HTML comments.
Other headings (stories among them) and what stands below them are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from training.findings import Finding, Problem
from training.readers.faults import Fault
from training.readers.rasa_yaml import plain
from training.readers.rows import Draft
from training.readers.source import Source

_HEADING = re.compile(r"##\s*(intent|synonym|regex|lookup)\s*:(.*)")
_ANY_HEADING = re.compile(r"#+\s")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_UNUSED = {"synonym": Problem.SYNONYM, "lookup": Problem.LOOKUP, "regex": Problem.REGEX}
_INTENT_HEADING = re.compile(rb"^##\s*intent\s*:", re.MULTILINE)


def has_intents(source: Source) -> bool:
    """A README has the same suffix."""
    return _INTENT_HEADING.search(source.content) is not None


def read(source: Source) -> Iterator[Draft | Finding]:
    text = _without_comments(source.text())
    intent, started, examples = "", 0, 0
    if not has_intents(source):
        raise Fault.NO_HEADING.at(source.path)
    for line, raw in enumerate(text.split("\n"), start=1):
        row = raw.strip()
        if heading := _HEADING.match(row):
            yield from _without_example(source, intent, started, examples)
            kind, name = heading[1], heading[2].strip()
            intent, started, examples = (name if kind == "intent" else ""), line, 0
            if kind != "intent":
                yield Finding(_UNUSED[kind], line, source.name, name)
            elif not name:
                raise Fault.EMPTY_INTENT.at(source.path, line=line)
        elif _ANY_HEADING.match(row):
            yield from _without_example(source, intent, started, examples)
            intent = ""
        elif intent and (bullet := _BULLET.match(row)):
            examples += 1
            yield Draft(source, line, plain(bullet[1]), intent)
        elif intent and row:
            yield Finding(Problem.NO_DASH, line, source.name, intent)
    yield from _without_example(source, intent, started, examples)


def _without_example(
    source: Source, intent: str, line: int, examples: int
) -> Iterator[Draft | Finding]:
    if intent and not examples:
        yield Draft(source, line, "", intent)


def _without_comments(text: str) -> str:
    """A comment leaves its line ends behind, or every later line would be misnumbered."""
    parts = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts += [text[position:start], "\n" * text.count("\n", start, end)]
        position = end + len("-->")
    return "".join([*parts, text[position:]])
