"""How a file of other people names and scores types of personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SchemeName(StrEnum):
    PRESIDIO = "presidio"


@dataclass(frozen=True)
class Scheme:
    names: Mapping[str, str] = field(default_factory=dict)
    """The file's type -> ours."""
    types: frozenset[str] = frozenset()
    """Ours that are scored on both sides; all of them when empty."""
    neutral: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ours -> types of the file: a finding that lies on nothing but these counts neither way."""


SCHEMES = {
    # The generated sentences of presidio-research. A town or postcode without a street is marked,
    # but tells nobody's home: to hide it is neither asked for nor wrong.
    SchemeName.PRESIDIO: Scheme(
        names={
            "STREET_ADDRESS": "ADDRESS",
            "CREDIT_CARD": "BANK_CARD",
            "IBAN_CODE": "IBAN",
            "DOMAIN_NAME": "URL",
        },
        types=frozenset(
            "PERSON ADDRESS BANK_CARD PHONE_NUMBER EMAIL_ADDRESS IBAN US_SSN IP_ADDRESS URL".split()
        ),
        neutral={"ADDRESS": frozenset({"GPE", "ZIP_CODE"})},
    )
}


def read_scheme(name: SchemeName | None, types: str, rename: str = "", neutral: str = "") -> Scheme:
    """`name`'s scheme with what the others add to it, each with commas between its entries.

    In `types`, `NAME=OUR` renames and a name alone leaves only itself and the renamed ones.
    `neutral` holds `OUR=THEIRS`.
    """
    known = SCHEMES[name] if name else Scheme()
    entries = _entries(types)
    alone = {theirs for theirs, ours in entries if not ours}
    renamed = {theirs: ours for theirs, ours in [*entries, *_entries(rename)] if ours}
    ignored: dict[str, frozenset[str]] = dict(known.neutral)
    for ours, theirs in _entries(neutral):
        ignored[ours] = ignored.get(ours, frozenset()) | {theirs}
    return Scheme(
        names={**known.names, **renamed},
        types=frozenset(ours or theirs for theirs, ours in entries) if alone else known.types,
        neutral=ignored,
    )


def _entries(text: str) -> list[tuple[str, str]]:
    """`A,B=C` as `(A, "")` and `(B, C)`."""
    pairs = [entry.partition("=") for entry in text.split(",")]
    return [(theirs.strip(), ours.strip()) for theirs, _, ours in pairs if theirs.strip()]
