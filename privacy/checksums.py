"""Check digits that tell a number from a look-alike."""

from __future__ import annotations


def luhn_valid(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"


def resident_id_valid(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits."""
    total = sum(
        int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True)
    )
    return number[17].upper() == _RESIDENT_CHECKS[total % 11]
