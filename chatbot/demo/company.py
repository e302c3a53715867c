"""The demo company's data files."""

from __future__ import annotations

from pathlib import Path

from chatbot.attributes import Attribute, Label

COLLECTION = "demo"
DATA = Path(__file__).parent / "data"
KNOWLEDGE = DATA / "knowledge.csv"
UTTERANCES = (DATA / "intents.en.csv", DATA / "intents.zh.csv")
BORDERS = (DATA / "borders.en.csv", DATA / "borders.zh.csv")
"""More utterances for training only, many of them on the border to a neighbouring intent."""

AUDIT_ATTRIBUTES = {
    "age_band": Attribute(
        "Age",
        "年龄",
        {
            "under_30": Label("under 30", "30 岁以下"),
            "30_59": Label("30 to 59", "30 至 59 岁"),
            "60_plus": Label("60 or older", "60 岁及以上"),
        },
    )
}
"""What its customers may tell for fairness audits."""
