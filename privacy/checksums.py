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


def hong_kong_id_valid(number: str) -> bool:
    """One or two letters, six digits and 0 to 9 or A: modulo 11, letters from A = 10, nothing
    before a single letter counts as 36."""
    number = number.upper()
    values = [
        10 if place == len(number) - 1 and each == "A" else int(each, 36)
        for place, each in enumerate(number)
    ]
    places = [36] * (9 - len(values)) + values
    return (
        sum(weight * value for weight, value in zip(range(9, 0, -1), places, strict=True)) % 11 == 0
    )


_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of the numbers that they stand for, from 10."""


def taiwan_id_valid(number: str) -> bool:
    """A letter, a digit or letter A to D, and eight digits: modulo 10 over the letter's two digits
    and the others, weighted 1, 9, 8 … 1, 1; of a second letter the last digit counts."""
    district, sex, rest = number[0].upper(), number[1].upper(), number[2:]
    tens, ones = divmod(_TAIWAN_LETTERS.index(district) + 10, 10)
    second = int(sex) if sex.isdigit() else _TAIWAN_LETTERS.index(sex) % 10
    values = [tens, ones, second, *(int(each) for each in rest)]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(weight * value for weight, value in zip(weights, values, strict=True)) % 10 == 0


_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"


def resident_id_valid(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits."""
    total = sum(
        int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True)
    )
    return number[17].upper() == _RESIDENT_CHECKS[total % 11]


def iban_valid(number: str) -> bool:
    """ISO 13616 with ISO 7064 MOD 97-10: letters count from A = 10, first four places last."""
    turned = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def mod11_2_valid(number: str) -> bool:
    """ISO/IEC 7064 MOD 11-2 over digits; the last place may be X for 10."""
    if not (number[:-1].isdigit() and number[-1:] in "0123456789Xx"):
        return False
    rest = 0
    for digit in number[:-1]:
        rest = (rest + int(digit)) * 2 % 11
    return (rest + (10 if number[-1] in "Xx" else int(number[-1]))) % 11 == 1


def mod97_valid(number: str) -> bool:
    """ISO/IEC 7064 MOD 97-10, letters from A = 10, check digits last."""
    return int("".join(str(int(character, 36)) for character in number)) % 97 == 1


USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc_valid(code: str) -> bool:
    """GB 32100-2015: 17 places weighted by powers of 3, modulo 31."""
    total = sum(
        USCC_ALPHABET.index(character) * pow(3, place, 31)
        for place, character in enumerate(code[:17])
    )
    return USCC_ALPHABET[-total % 31] == code[17]


def mod31_valid(code: str) -> bool:
    """GB 32100-2015's check character behind any number of places."""
    code = code.upper()
    if len(code) < 2 or not set(code) <= set(USCC_ALPHABET):
        return False
    total = sum(
        USCC_ALPHABET.index(character) * pow(3, place, 31)
        for place, character in enumerate(code[:-1])
    )
    return USCC_ALPHABET[-total % 31] == code[-1]
