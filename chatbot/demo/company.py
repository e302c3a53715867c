"""The demo company's data files."""

from __future__ import annotations

from pathlib import Path

COLLECTION = "demo"
DATA = Path(__file__).parent / "data"
KNOWLEDGE = DATA / "knowledge.csv"
UTTERANCES = (DATA / "intents.en.csv", DATA / "intents.zh.csv")
BORDERS = (DATA / "borders.en.csv", DATA / "borders.zh.csv")
"""More utterances for training only, many of them on the border to a neighbouring intent."""
