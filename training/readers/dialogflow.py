"""An agent exported from Dialogflow ES, as a ZIP file or a folder.

`intents/NAME.json` describes an intent, `intents/NAME_usersays_LANGUAGE.json` is a list of its
phrases, each an object whose `data` are pieces with a `text`; shapes as in
https://botflo.com/how-to-bulk-upload-intents-in-dialogflow-es/ and in public exports of 2017 to
2024. The CX format (`flows/`) differs and is not read.

Phrases of a fallback intent are what the agent must not answer: they become `out_of_scope`.
Template phrases (`@sys.number`) say no words of a customer and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from training.findings import Finding, Problem
from training.readers.faults import Fault
from training.readers.json_text import elements, parse
from training.readers.rows import Draft
from training.readers.source import Source

_PHRASES = re.compile(r"(?P<intent>.+)_usersays_(?P<language>[A-Za-z]{2,3}(?:[-_]\w+)?)\.json$")


def has_phrases(source: Source) -> bool:
    return _PHRASES.match(_name(source)) is not None


def read(sources: Sequence[Source]) -> Iterator[Draft | Finding]:
    descriptions = {source.name: source for source in sources}
    spoken = set()
    for source in sources:
        if match := _PHRASES.match(_name(source)):
            spoken.add(f"{match['intent']}.json")
            description = descriptions.get(f"{match['intent']}.json")
            yield from _phrases(source, description, match)
    for name, source in descriptions.items():
        described = PurePosixPath(name).parent.name == "intents" and not has_phrases(source)
        if described and name not in spoken:
            yield from _without_phrases(source)


def _without_phrases(source: Source) -> Iterator[Draft]:
    about = _described(source)
    # A fallback without phrases is the usual case and teaches nothing.
    if about.get("fallbackIntent") is not True:
        yield Draft(source, 1, "", str(about.get("name") or PurePosixPath(source.name).stem))


def _phrases(
    source: Source, description: Source | None, match: re.Match[str]
) -> Iterator[Draft | Finding]:
    about = _described(description) if description is not None else {}
    intent = str(about.get("name") or PurePosixPath(match["intent"]).name)
    if about.get("fallbackIntent") is True:
        yield Finding(Problem.FALLBACK, 1, source.name, intent)
        intent = OUT_OF_SCOPE
    language = re.split("[-_]", match["language"].lower())[0]
    listed = list(elements(source))
    if not listed:
        yield Draft(source, 1, "", intent, language)
    for line, phrase in listed:
        if not isinstance(phrase, dict) or not isinstance(phrase.get("data"), list):
            raise Fault.NO_PHRASES.at(source.path, line=line)
        if phrase.get("isTemplate") is True:
            yield Finding(Problem.TEMPLATE, line, source.name, intent)
        else:
            yield Draft(source, line, _joined(source, line, phrase["data"]), intent, language)


def _joined(source: Source, line: int, pieces: Sequence[Any]) -> str:
    if not all(isinstance(piece, dict) for piece in pieces):
        raise Fault.NO_PHRASES.at(source.path, line=line)
    texts = [piece.get("text", "") for piece in pieces]
    if not all(isinstance(text, str) for text in texts):
        raise Fault.NOT_TEXT.at(source.path, line=line, name="text")
    return "".join(texts)


def _described(source: Source) -> Mapping[str, Any]:
    about = parse(source, source.text(), line=1)
    return about if isinstance(about, dict) else {}


def _name(source: Source) -> str:
    return source.name or source.path.name
