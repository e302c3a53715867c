"""Personal data that nobody owns, planted so that a scan can look for it afterwards.

The values are valid by their checksums, or nothing that masks by rule would find them. Each is
unique in a run and comes again with the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_CARD_ISSUER = "622202"
_DISTRICTS = ("110105", "310104", "440106", "330106", "510107", "320102")
_PHONE_PREFIXES = ("136", "138", "139", "151", "158", "187")
_FIRST_BIRTHDAY = date(1960, 1, 1)
_BIRTHDAYS = 15_000
# GB 11643-1999: weights and check characters of the 18-digit resident identity number.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
# No factor of 2, 3, 5 or 37: multiplying by it shuffles the numbers below both moduli here
# without two of them meeting.
_SHUFFLE = 38_603_597
_SEED_STEP = 7_368_787


class CanaryKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    RESIDENT_ID = "resident_id"


@dataclass(frozen=True)
class Canary:
    kind: CanaryKind
    value: str


def canary(kind: CanaryKind, *, seed: int, number: int) -> Canary:
    """`number` is that of the conversation, below ten million."""
    return Canary(kind, _MAKERS[kind](number * _SHUFFLE + seed * _SEED_STEP, number))


def luhn_digit(digits: str) -> str:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def _phone(serial: int, number: int) -> str:
    # Within one prefix the eight digits differ, so no two numbers are the same.
    return f"{_PHONE_PREFIXES[number % len(_PHONE_PREFIXES)]}{serial % 10**8:08d}"


def _email(serial: int, number: int) -> str:
    return f"canary{serial % 10**8:08d}@mail{number % 10}.example.com"


def _card(serial: int, number: int) -> str:
    digits = f"{_CARD_ISSUER}{number % 10}{serial % 10**8:08d}"
    return digits + luhn_digit(digits)


def _resident_id(serial: int, number: int) -> str:
    # Day and sequence together tell nearly 15 million people of one district apart.
    place = serial % (_BIRTHDAYS * 999)
    born = _FIRST_BIRTHDAY + timedelta(days=place // 999)
    digits = f"{_DISTRICTS[number % len(_DISTRICTS)]}{born:%Y%m%d}{place % 999 + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=True))
    return digits + _ID_CHECKS[total % 11]


_MAKERS = {
    CanaryKind.PHONE: _phone,
    CanaryKind.EMAIL: _email,
    CanaryKind.CARD: _card,
    CanaryKind.RESIDENT_ID: _resident_id,
}
