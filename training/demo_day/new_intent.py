"""The intent that the shipped model lacks: what customers ask, and how well it is answered."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from chatbot.demo.company import COLLECTION
from training.corpus import normalise
from training.errors import StepFailed

DATA = Path(__file__).with_name("data")
KNOWLEDGE = DATA / "knowledge.csv"
MIX = DATA / "mix.toml"
INTENT = "gift_wrapping"
ASKED, CHECK = "asked", "check"
_MASTER = DATA / "new_intent.csv"


@dataclass(frozen=True)
class Utterance:
    text: str
    language: str
    part: str
    """`asked` by simulated customers, or kept for the `check`."""


@dataclass(frozen=True)
class Answered:
    """What the product made of one question."""

    question: Utterance
    intent: str
    action: str
    documents: tuple[str, ...]
    model: str
    choices: tuple[str, ...] = ()
    """Documents behind the quick replies of a question back."""

    @property
    def recognised(self) -> bool:
        return self.intent == INTENT

    @property
    def right(self) -> bool:
        return self.action == "answer" and _about_it(self.documents)

    @property
    def helped(self) -> bool:
        """Answered, or one click away from it."""
        return self.right or (self.action == "clarify" and _about_it(self.choices))


def _about_it(documents: tuple[str, ...]) -> bool:
    return any(name.startswith(INTENT.replace("_", "-")) for name in documents)


def read_utterances(part: str) -> tuple[Utterance, ...]:
    with _MASTER.open(encoding="utf-8", newline="") as file:
        rows = [Utterance(r["text"], r["language"], r["part"]) for r in csv.DictReader(file)]
    return tuple(row for row in rows if row.part == part)


def write_questions(path: Path) -> None:
    """What `kefu simulate --questions` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "intent", "language"))
        writer.writerows((row.text, INTENT, row.language) for row in read_utterances(ASKED))


def label_reviews(path: Path) -> int:
    """Fill the column `intent` of an exported review file as its reviewer would; how many rows.

    Only sentences of the new intent are decided. All others wait: simulated customers speak with
    the words of the demo company's utterances, and some of those are frozen test rows.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    known = [normalise(row.text) for row in read_utterances(ASKED)]
    count = 0
    for row in rows:
        text = normalise(row["text"])
        if any(utterance in text for utterance in known):
            row["intent"] = INTENT
            count += 1
    if rows:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return count


def ask_check_questions(url: str, *, at_most: int | None = None) -> tuple[Answered, ...]:
    """One conversation each, so that none leans on another. Raises StepFailed."""
    with httpx.Client(base_url=url, timeout=60) as client:
        return tuple(_ask(client, read_utterances(CHECK)[:at_most]))


def _ask(client: httpx.Client, questions: Sequence[Utterance]) -> Iterator[Answered]:
    for question in questions:
        try:
            body = {"collection": COLLECTION, "channel": "demo-day"}
            opened = client.post("/v1/conversations", json=body).raise_for_status().json()
            reply = client.post(
                f"/v1/conversations/{opened['conversation_id']}/messages",
                json={"text": question.text, "client_message_id": "1"},
                headers={"Authorization": f"Bearer {opened['token']}"},
            )
            said = reply.raise_for_status().json()
        except httpx.HTTPError as error:
            raise StepFailed(f"a check question got no answer ({type(error).__name__})") from None
        yield Answered(
            question,
            intent=said["intent"]["name"],
            action=said["action"],
            documents=tuple(each["document_id"] for each in said["citations"]),
            model=said["versions"].get("intents", ""),
            choices=tuple(str(each["document_id"]) for each in said["suggestions"]),
        )
