"""A small encoder, and companies whose customers use other words than their articles."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.tiny_encoder import write_encoder
from training.pairs.reading import Pair
from training.retriever.lessons import HELD_TRADES

ARTICLES = {
    "parcel": ("delivery", "courier; parcel"),
    "refund": ("money", "return; refund"),
    "login": ("password", "account; login"),
}
ASKED = {"parcel": "box", "refund": "paid", "login": "forgotten"}
BESIDE = {"parcel": "shipping", "refund": "back", "login": "email"}
FILLERS = ("my", "the", "please", "where")


def _pair(trade: str, name: str, language: str) -> Pair:
    heading, answer = ARTICLES[name]
    return Pair(
        article=f"{trade}-{name}",
        trade=trade,
        language="en" if language == "en" else "zh",
        title=heading,
        question=f"what is {heading}",
        answer=answer,
        asked=tuple(f"{filler} {ASKED[name]}" for filler in FILLERS),
        beside=tuple(f"{filler} {BESIDE[name]}" for filler in FILLERS[:2]),
        evidence=((0,),) * len(FILLERS),
    )


class HeardWatch:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []

    def stage(self, name: str, total: int) -> None:
        self.stages.append(name)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.notes.append(note)


def write_pairs(folder: Path, pairs: list[Pair]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for trade in {pair.trade for pair in pairs}:
        lines = [json.dumps(asdict(pair)) for pair in pairs if pair.trade == trade]
        (folder / f"{trade}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def pairs() -> list[Pair]:
    """Three articles in both languages of two trades that are taught and two that are held."""
    return [
        _pair(trade, name, language)
        for trade in ("bakery", "florist", *HELD_TRADES[:2])
        for name in ARTICLES
        for language in ("en", "zh")
    ]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("tower"))
