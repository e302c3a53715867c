"""What there is to say: the demo company's utterances and the phrases around them."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.demo.company import UTTERANCES
from chatbot.errors import FileInvalid
from chatbot.policy import GENERIC_INTENTS, OUT_OF_SCOPE
from chatbot.simulate.canaries import CanaryKind
from chatbot.simulate.mix import LANGUAGES

PHRASES = Path(__file__).with_name("phrases.toml")


@dataclass(frozen=True)
class Question:
    text: str
    intent: str
    """What its writer meant."""


@dataclass(frozen=True)
class Phrases:
    """In one language; `{question}` and `{value}` are replaced."""

    greeting: Sequence[str]
    opening: Sequence[str]
    follow_up: Sequence[str]
    thanks: Sequence[str]
    helpful: Sequence[str]
    unhelpful: Sequence[str]
    agent_answered: Sequence[str]
    agent_opening: Sequence[str]
    agent_own: Sequence[str]
    personal_data: Mapping[CanaryKind, Sequence[str]]


@dataclass(frozen=True)
class Repertoire:
    """By language; `by_intent` too: language, then intent."""

    phrases: Mapping[str, Phrases]
    questions: Mapping[str, Sequence[Question]]
    by_intent: Mapping[str, Mapping[str, Sequence[Question]]]
    extra: Mapping[str, Sequence[Question]]


def load_repertoire(extra: Path | None = None) -> Repertoire:
    """`extra` is a CSV `text,intent,language` of questions beyond the demo company's.

    Raises FileInvalid when it cannot be used.
    """
    said = [row for path in UTTERANCES for row in _rows(path)]
    by_intent: dict[str, dict[str, list[Question]]] = {name: {} for name in LANGUAGES}
    for language, question in said:
        by_intent[language].setdefault(question.intent, []).append(question)
    about_articles: dict[str, list[Question]] = defaultdict(list)
    for language, question in said:
        if question.intent not in GENERIC_INTENTS | {OUT_OF_SCOPE}:
            about_articles[language].append(question)
    more: dict[str, list[Question]] = {name: [] for name in LANGUAGES}
    for language, question in _rows(extra) if extra is not None else ():
        more[language].append(question)
    return Repertoire(_phrases(), about_articles, by_intent, more)


def _rows(path: Path) -> list[tuple[str, Question]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "intent", "language"} <= set(reader.fieldnames or ()):
            raise FileInvalid(path, "needs the columns text,intent,language", line=1)
        rows = []
        for row in reader:
            if row["language"] not in LANGUAGES or not row["text"] or not row["intent"]:
                reason = f"needs a text, an intent and a language of {', '.join(LANGUAGES)}"
                raise FileInvalid(path, reason, line=reader.line_num)
            rows.append((row["language"], Question(row["text"], row["intent"])))
    return rows


def _phrases() -> dict[str, Phrases]:
    data = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    found = {}
    for language in LANGUAGES:
        table = dict(data[language])
        planted = table.pop("personal_data")
        found[language] = Phrases(
            **table, personal_data={kind: planted[kind.value] for kind in CanaryKind}
        )
    return found
