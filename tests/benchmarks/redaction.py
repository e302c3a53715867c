"""`python -m tests.benchmarks.redaction`: chat lines a second through the recognisers, one core.

The lines are the demo company's utterances; every tenth carries personal data of some kind.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from chatbot.demo.company import UTTERANCES
from chatbot.detection import configure_detection
from chatbot.settings import load_settings
from privacy.envelope import Context, open_sealed, seal
from privacy.keyring_file import FileKeyRing
from privacy.normalise import normalise
from privacy.patterns import pattern_spans
from privacy.redaction import redact

PERSONAL = (
    "我叫张伟，手机13800138000，帮我查一下",
    "my number is (415) 555-2671, call me back",
    "地址改成北京市朝阳区建国路88号3栋502室",
    "refund to card 5555-5555-5555-4444 please, jane@example.com",
    "订单20261122123456789的收件人：李娜，电话010-62345678",
    "ship it to 12 Main Street, Springfield, IL 62704 on 2026-11-22",
)
SECONDS = 3.0
WARM_UP = 50


def _lines() -> list[str]:
    plain = [
        row["text"]
        for path in UTTERANCES
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""))
    ]
    return [
        PERSONAL[number // 10 % len(PERSONAL)] if number % 10 == 0 else line
        for number, line in enumerate(plain)
    ]


def _rate(work: Callable[[str], object], lines: list[str]) -> float:
    """Calls a second, once the first lines have loaded what is loaded once."""
    for line in lines[:WARM_UP]:
        work(line)
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < SECONDS:
        for line in lines:
            work(line)
        done += len(lines)
    return done / spent


def main() -> None:
    lines = _lines()
    configure_detection(load_settings())
    context = Context("turns", "1", "original")
    with tempfile.TemporaryDirectory() as folder:
        ring = FileKeyRing(Path(folder) / "keys")
        key = ring.data_key("customer")
        measured: list[tuple[str, Callable[[str], object], str]] = [
            ("everything, the name model included", redact, "1,500"),
            ("pattern types alone", lambda line: pattern_spans(normalise(line)), "10,000"),
            (
                "seal and open",
                lambda line: open_sealed(seal(line, key, context=context), key, context=context),
                "",
            ),
            ("find a key in the folder", lambda _: ring.data_key("customer"), ""),
        ]
        table = Table("what", "a second", "budget", title=f"{len(lines):,} chat lines, one core")
        for name, work, budget in track(measured, description="Measuring"):
            table.add_row(name, f"{_rate(work, lines):,.0f}", budget)
    Console().print(table)


if __name__ == "__main__":
    main()
