"""Two companies whose customers do not speak like their articles: for tests, never for training.

A climbing hall, and a house of self-storage and removals: trades with words of their own that the
demo company's shop shares no topic with. Every article stands there in both languages, its id
ending in `-en` or `-zh`, so that a question can also be asked of the other language's articles
alone. A question is asked of its own company's articles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents

DATA = Path(__file__).parent / "data" / "colloquial"
LANGUAGES = ("en", "zh")
FILES = {"climb": DATA / "climbing.csv", "storage": DATA / "storage.csv"}
COMPANIES = tuple(FILES)


@dataclass(frozen=True)
class Question:
    id: str
    question: str
    language: str
    expected_id: str | None
    """The one article that answers it; None where none does."""
    kind: str
    """`answerable`; `near_miss`, whose topic is covered but not the fact asked for; `foreign`; and
    among the attacks `injection` or `exfiltration`."""

    @property
    def company(self) -> str:
        return company_of(self.id)


@dataclass(frozen=True)
class Dialogue:
    id: str
    turns: tuple[str, ...]
    """The customer's alone; the last one leans on those before it."""
    language: str
    expected_id: str
    """The article that answers the last turn."""
    standalone: str
    """The last turn as somebody would say it first."""
    kind: str
    """Why the last turn cannot stand alone: `ellipsis`, `pronoun` or `correction`; or `switch`, a
    new topic, where leaning on the old one leads astray."""

    @property
    def company(self) -> str:
        return company_of(self.id)


def articles(company: str, language: str) -> list[Document]:
    return [
        document for document in read_documents(FILES[company]) if document.language == language
    ]


def questions(language: str) -> list[Question]:
    return [Question(**row) for row in _rows(f"questions.{language}.jsonl")]


def attacks(language: str) -> list[Question]:
    """Nothing in the articles answers them."""
    return [Question(**row) for row in _rows(f"attacks.{language}.jsonl")]


def dialogues(language: str) -> list[Dialogue]:
    rows = _rows(f"followups.{language}.jsonl")
    return [Dialogue(**{**row, "turns": tuple(row["turns"])}) for row in rows]


def company_of(identifier: str) -> str:
    """Of a question, a dialogue or an article."""
    return identifier.partition("-")[0]


def in_language(article_id: str, language: str) -> str:
    """The same article's id in that language."""
    return f"{article_id.rpartition('-')[0]}-{language}"


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
