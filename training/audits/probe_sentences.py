"""Counterfactual sentences, read from TOML: templates with words put in, and written pairs.

A template has one slot; `baseline` fills it in the neutral way, each word of a group makes a
variant. Slots are `{}`. A pair says the same in two spellings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.audits.errors import ProbesInvalid

_FOLDER = Path(__file__).parent / "probe_data"
SHIPPED = (_FOLDER / "probes.en.toml", _FOLDER / "probes.zh.toml")


@dataclass(frozen=True)
class Probe:
    language: str
    dimension: str
    group: str
    sentence: str
    """Which template or pair: probes of one sentence are not independent."""
    baseline: str
    variant: str


def read_probes(*paths: Path) -> list[Probe]:
    """All probes of the files, the shipped ones where none is named. Raises ProbesInvalid."""
    return [probe for path in paths or SHIPPED for probe in _read(path)]


def _read(path: Path) -> list[Probe]:
    try:
        book = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProbesInvalid(path, f"it cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ProbesInvalid(path, f"it is not TOML ({error})") from None
    try:
        probes = [*_from_templates(book), *_from_pairs(book)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ProbesInvalid(path, f"a field is missing or of the wrong kind: {error}") from None
    if not probes:
        raise ProbesInvalid(path, "it holds neither templates nor pairs")
    for probe in probes:
        if probe.baseline == probe.variant:
            raise ProbesInvalid(path, f"the variant equals its baseline: {probe.variant!r}")
    return probes


def _from_templates(book: Mapping[str, Any]) -> Iterator[Probe]:
    for number, table in enumerate(book.get("templates", [])):
        for index, template in enumerate(table["sentences"]):
            baseline = template.replace("{}", table["baseline"])
            for group, words in table["groups"].items():
                for word in words:
                    yield Probe(
                        book["language"],
                        table["dimension"],
                        group,
                        f"template {number}.{index}",
                        _capitalised(baseline),
                        _capitalised(template.replace("{}", word)),
                    )


def _from_pairs(book: Mapping[str, Any]) -> Iterator[Probe]:
    for number, table in enumerate(book.get("pairs", [])):
        for index, (baseline, variant) in enumerate(table["sentences"]):
            yield Probe(
                book["language"],
                table["dimension"],
                table["group"],
                f"pair {number}.{index}",
                baseline,
                variant,
            )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
