"""20 Newsgroups as the benchmark folder has it, and messages without what gives them away."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path

LONGEST = 19_000
"""In characters. The reader of training files refuses texts of more than 20,000."""
NOTHING = "."
"""Stands for a measured message of which nothing is left, so that none goes uncounted."""

_QUOTED = re.compile(r"[>|]")
_ATTRIBUTION = re.compile(r"^(?:In article|Quoted from)|(?:writes in|writes:|wrote:|says:|said:)")
_RULE = re.compile(r"\s*-*\s*")


def write_messages(source: Path, target: Path, *, stripped: bool, measured: bool) -> None:
    """Of `measured` messages every one is kept; of the others those with a text."""
    with target.open("w", encoding="utf-8") as stream:
        for text, label in _messages(source):
            shown = (strip_message(text) if stripped else text)[:LONGEST].strip()
            if shown or measured:
                row = {"text": shown or NOTHING, "intent": label}
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def strip_message(text: str) -> str:
    """The message's own words: no headers, footer or quotes.

    The same parts that scikit-learn's `fetch_20newsgroups(remove=…)` leaves out. Weakness, here as
    there: the last paragraph is taken for a signature where there is more than one.
    """
    return without_quotes(without_footer(without_headers(text)))


def without_headers(text: str) -> str:
    """What follows the first empty line."""
    return text.partition("\n\n")[2]


def without_footer(text: str) -> str:
    """What stands above the last line that is blank or a dashed rule, where there is such a line
    below the first."""
    lines = text.strip().split("\n")
    rules = [number for number, line in enumerate(lines) if _RULE.fullmatch(line)]
    return "\n".join(lines[: rules[-1]] if rules and rules[-1] else lines)


def without_quotes(text: str) -> str:
    """No lines of somebody else's, nor those that say whose they are."""
    lines = text.split("\n")
    return "\n".join(
        line for line in lines if not (_QUOTED.match(line) or _ATTRIBUTION.search(line))
    )


def _messages(source: Path) -> Iterator[tuple[str, str]]:
    with lzma.open(source, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            yield restore_lines(row["text"]), row["label"]


def restore_lines(text: str) -> str:
    """The folder's training file has tabs where the lines of a message ended."""
    return text if "\n" in text.rstrip("\n") else text.replace("\t", "\n")
