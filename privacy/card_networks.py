"""Whose card numbers begin with what, and how long they are: ISO/IEC 7812-1 issuer ranges.

Sources: the networks' own statements of their ranges; UnionPay 62 and 81, and 9558, ICBC's older
cards. Maestro (50, 56 to 69) shares its beginnings with much else and is not among them.
"""

from __future__ import annotations

# First prefix, last prefix, lengths.
_RANGES = (
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),
    ("36", "36", (14, 16)),
    ("38", "39", (14, 16)),
    ("3528", "3589", (16, 17, 18, 19)),
    ("1800", "1800", (15,)),
    ("2131", "2131", (15,)),
    ("6011", "6011", (16, 19)),
    ("644", "649", (16, 19)),
    ("65", "65", (16, 19)),
    ("60", "60", (16,)),
    ("62", "62", (16, 17, 18, 19)),
    ("81", "81", (16, 17, 18, 19)),
    ("2200", "2204", (16, 17, 18, 19)),
    ("9558", "9558", (19,)),
)


def network_prefix(number: str) -> str:
    """The digits that name the network and not the bank; empty if no network has such numbers."""
    for first, last, lengths in _RANGES:
        if len(number) in lengths and first <= number[: len(first)] <= last:
            return number[: len(first)]
    return ""


def of_a_network(number: str) -> bool:
    """Whether a card network gives out numbers with this beginning and length."""
    return network_prefix(number) != ""
