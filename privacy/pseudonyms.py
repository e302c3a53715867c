"""Surrogates: other values of the same shape, for texts that a model is trained on.

The same key and value give the same surrogate, in whatever way the value is written, so that a
conversation stays coherent; without the key nobody gets back. Of a resident identity number
neither region nor birth date is kept, and the sex is drawn anew (never simply turned round, which
would tell it).

Weakness: a made-up number may be somebody's; only e-mail and IP addresses and links come from
ranges that are nobody's (RFC 2606, 5737, 3849). Texts with surrogates are for training, not for
sending.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from privacy.card_networks import network_prefix
from privacy.checksums import (
    USCC_ALPHABET,
    hong_kong_id_valid,
    luhn_valid,
    resident_id_valid,
    taiwan_id_valid,
    uscc_valid,
)
from privacy.custom_types import compact
from privacy.errors import SecretTooShort
from privacy.key_files import locked, private_folder, read_private, write_private
from privacy.keyed_draw import KeyedDraw
from privacy.normalise import normalise, visible
from privacy.patterns import DAYS, REGIONS
from privacy.pseudonym_names import invented_address, invented_name
from privacy.recognizers.license_plate import PROVINCES
from privacy.recognizers.spoken_digits import as_digits, numeral_like

LEAST_SECRET = 32
"""Bytes; HMAC-SHA-256 gains nothing from more, and loses with fewer."""
_DIGITS = "0123456789"
_SMALL = "abcdefghijkmnopqrstuvwxyz"
_CAPITAL = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLATE_LETTERS = "ABCDEFGHJK"
_REGIONS = sorted(REGIONS)
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH_WORD = re.compile("[A-Za-z]{3,9}")
_DATE_PART = re.compile("[0-9]+")
_WIDE = 0xFEE0
_ATTEMPTS = 20
_HAN = "山水云天地春夏秋冬东南西北金木火土日月星光"


def kept_secret(folder: Path) -> bytes:
    """The key that lies in `folder`, made at the first call; for its owner's eyes only.

    Whoever has it can tell which surrogate stands for a value that he already knows.
    """
    private_folder(folder)
    path = folder / "key"
    with locked(folder / "lock"):
        secret = read_private(path)
        if secret is None:
            secret = secrets.token_bytes(LEAST_SECRET)
            write_private(path, secret)
    return secret


class Pseudonyms:
    """Surrogates under one secret key of at least 32 bytes. Raises SecretTooShort."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < LEAST_SECRET:
            raise SecretTooShort(LEAST_SECRET)
        self._secret = secret

    def surrogate(self, kind: str, value: str) -> str:
        """Another value of the type `kind`, written as `value` is; never `value` itself."""
        written = as_digits(normalise(visible(value)[0]))
        key = compact(written)
        # What overlapping findings were joined to has no longer the form of one number.
        form = _FORMS.get(kind)
        fits = form is None or form.fullmatch(_compact(written))
        make = _MAKERS.get(kind, _like) if fits else _like
        attempt = 0
        while True:
            if attempt == _ATTEMPTS:
                # Nothing of its form to change: the letter of a passport without its number.
                make = _like
            made = make(written, KeyedDraw(self._secret, kind, key, str(attempt)))
            if compact(made) != key or not key:
                return _as_written(made, value) if kind in _NUMBERS else made
            attempt += 1


def _as_written(made: str, value: str) -> str:
    """Digits as `value` has them: full width, or Chinese numerals as they are read out."""
    seen = visible(value)[0]
    if len(made) != len(seen):
        return made
    return "".join(
        chr(ord(new) + _WIDE) if "\uff01" <= old <= "\uff5e" else numeral_like(old, new)
        for old, new in zip(seen, made, strict=True)
    )


def _filled(written: str, characters: str) -> str:
    """`characters` in the places of the letters and digits of `written`, in the same case."""
    rest = iter(characters)
    filled = ""
    for old in written:
        new = next(rest, "") if old.isascii() and old.isalnum() else old
        filled += new.lower() if old.islower() else new
    return filled + "".join(rest)


def _like(written: str, draw: KeyedDraw) -> str:
    """Letters and digits drawn anew, each of its kind; all else as it is."""
    return "".join(
        draw.choice(_DIGITS)
        if "0" <= each <= "9"
        else draw.choice(_SMALL)
        if "a" <= each <= "z"
        else draw.choice(_CAPITAL)
        if "A" <= each <= "Z"
        else draw.choice(_HAN)
        if each.isalpha()
        else each
        for each in written
    )


def _account(written: str, draw: KeyedDraw) -> str:
    made = _like(written, draw)
    return draw.choice("123456789") + made[1:] if made.startswith("0") else made


def _compact(written: str) -> str:
    return re.sub("[^0-9A-Za-z]", "", written)


def _phone(written: str, draw: KeyedDraw) -> str:
    digits = re.sub("[^0-9]", "", written)
    mobile = re.fullmatch("((?:00)?86)?1[3-9][0-9]{9}", digits)
    if mobile:
        head = (mobile.group(1) or "") + "1" + draw.choice("3456789")
    elif written.lstrip().startswith("+"):
        head = digits[:2] + draw.choice("23456789")
    elif digits.startswith("0"):
        head = "0" + draw.choice("23456789")
    else:
        head = draw.choice("23456789")
    if re.match(r"\(?0[0-9]{2,3}", written) and not mobile:
        # An area code, then a number that begins with 2 or more.
        area = len(re.sub("[^0-9]", "", re.split("[ .)-]", written.lstrip("("))[0]))
        area = area if area in {3, 4} else 3
        head += draw.text(_DIGITS, area - len(head)) + draw.choice("23456789")
    made = iter(head + draw.text(_DIGITS, len(digits) - len(head)))
    # The x of an extension is no digit.
    return "".join(next(made) if "0" <= each <= "9" else each for each in written)


def _card(written: str, draw: KeyedDraw) -> str:
    number = _compact(written)
    head = network_prefix(number) or number[:1]
    body = head + draw.text(_DIGITS, len(number) - len(head) - 1)
    return _filled(written, next(body + last for last in _DIGITS if luhn_valid(body + last)))


def _resident(written: str, draw: KeyedDraw) -> str:
    number = _compact(written)
    region = draw.choice([region for region in _REGIONS if region != number[:2]])
    region += f"{draw.between(1, 20):02}{draw.between(1, 30):02}"
    birth = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    while (date := _date(draw)) == birth:
        pass
    order = draw.text(_DIGITS, 3)
    if len(number) == 15:
        return _filled(written, f"{region}{date[2:]}{order}")
    body = f"{region}{date}{order}"
    made = next(body + last for last in "0123456789X" if resident_id_valid(body + last))
    return _filled(written, made)


def _date(draw: KeyedDraw) -> str:
    """Eight digits; no 29 February, which only some years have."""
    month = draw.between(1, 12)
    day = draw.between(1, min(28, DAYS[month - 1]) if month == 2 else DAYS[month - 1])
    return f"{draw.between(1940, 1999)}{month:02}{day:02}"


def _iban(written: str, draw: KeyedDraw) -> str:
    number = _compact(written).upper()
    body = _like(number[4:], draw)
    turned = "".join(str(int(each, 36)) for each in f"{body}{number[:2]}00")
    return _filled(written, f"{number[:2]}{98 - int(turned) % 97:02}{body}")


def _uscc(written: str, draw: KeyedDraw) -> str:
    code = _compact(written).upper()
    body = code[:2] + draw.text(_DIGITS, 6)
    letters = USCC_ALPHABET[10:]
    for each in code[8:17]:
        body += draw.choice(_DIGITS if each.isdigit() else letters)
    made = next(body + last for last in USCC_ALPHABET if uscc_valid(body + last))
    return _filled(written, made)


def _plate(written: str, draw: KeyedDraw) -> str:
    places = "".join(
        draw.choice(_DIGITS)
        if each.isdigit()
        else draw.choice(_PLATE_LETTERS)
        if each.isascii() and each.isalpha()
        else each
        for each in written[1:]
    )
    cased = (
        new.lower() if old.islower() else new for old, new in zip(written[1:], places, strict=True)
    )
    return draw.choice(sorted(PROVINCES)) + "".join(cased)


def _passport(written: str, draw: KeyedDraw) -> str:
    """The letter that tells the kind of document stays."""
    kept = 1 if written[:1].isalpha() else 0
    return written[:kept] + _like(written[kept:], draw)


_HONG_KONG_LETTERS = "ABCDEFGHKMPRSVYZ"


def _hong_kong_id(written: str, draw: KeyedDraw) -> str:
    """Another letter, for it tells when and why the card was given out."""
    number = _compact(written).upper()
    two = number[1].isalpha()
    # Of the prefixes with two letters XA to XE are sure to be handed out.
    letters = [one for one in _HONG_KONG_LETTERS[: 5 if two else None] if one != number[two]]
    body = f"{'X' if two else ''}{draw.choice(letters)}{draw.text(_DIGITS, 6)}"
    made = next(body + last for last in f"{_DIGITS}A" if hong_kong_id_valid(body + last))
    return _filled(written, made)


def _taiwan_id(written: str, draw: KeyedDraw) -> str:
    """Another district's letter, and the sex drawn anew."""
    number = _compact(written).upper()
    body = draw.choice([one for one in _CAPITAL if one != number[0]])
    body += draw.choice("ABCD" if number[1].isalpha() else "1289")
    body += draw.text(_DIGITS, 7)
    return _filled(written, next(body + last for last in _DIGITS if taiwan_id_valid(body + last)))


def _macau_id(written: str, draw: KeyedDraw) -> str:
    return _filled(written, draw.choice("157") + draw.text(_DIGITS, 7))


def _ssn(written: str, draw: KeyedDraw) -> str:
    area = draw.between(1, 665)
    return _filled(written, f"{area:03}{draw.between(1, 99):02}{draw.between(1, 9999):04}")


def _email(written: str, draw: KeyedDraw) -> str:
    local = written.rpartition("@")[0]
    made = "".join(draw.choice(_SMALL) if each.isalpha() else each for each in _like(local, draw))
    return f"{made}@example.{draw.choice(('com', 'net', 'org'))}"


def _ip(written: str, draw: KeyedDraw) -> str:
    if ":" in written:
        return f"2001:db8::{draw.between(1, 0xFFFF):x}:{draw.between(1, 0xFFFF):x}"
    return f"{draw.choice(('192.0.2', '198.51.100', '203.0.113'))}.{draw.between(10, 254)}"


def _url(_: str, draw: KeyedDraw) -> str:
    return f"https://example.com/{draw.text(_SMALL, 12)}"


def _birth_date(written: str, draw: KeyedDraw) -> str:
    """Any day up to the twelfth: then day and month may stand in either order."""

    # 十二月 is one number, not the digits of two.
    written = re.sub("[0-9]?十[0-9]?", "5", written)

    def number(match: re.Match[str]) -> str:
        width = len(match.group())
        if width == 8:
            return _date(draw)
        if width == 4:
            return str(draw.between(1940, 1999))
        return str(draw.between(1, 12) if width == 2 else draw.between(1, 9)).zfill(width)

    def month(match: re.Match[str]) -> str:
        word = match.group()
        if word[:3].lower() not in {name[:3].lower() for name in _MONTHS}:
            return word
        name = draw.choice(_MONTHS)
        name = name if len(word) > 4 else name[:3]
        return name.lower() if word.islower() else name

    return _DATE_PART.sub(number, _MONTH_WORD.sub(month, written))


_MAKERS: Mapping[str, Callable[[str, KeyedDraw], str]] = {
    "PERSON": invented_name,
    "ADDRESS": invented_address,
    "PHONE_NUMBER": _phone,
    "EMAIL_ADDRESS": _email,
    "CN_RESIDENT_ID": _resident,
    "BANK_CARD": _card,
    "CN_LICENSE_PLATE": _plate,
    "PASSPORT": _passport,
    "IBAN": _iban,
    "IP_ADDRESS": _ip,
    "SOCIAL_ACCOUNT": _account,
    "DATE_OF_BIRTH": _birth_date,
    "CN_USCC": _uscc,
    "URL": _url,
    "US_SSN": _ssn,
    "HK_ID": _hong_kong_id,
    "TW_ID": _taiwan_id,
    "MO_ID": _macau_id,
}
_FORMS = {
    "CN_RESIDENT_ID": re.compile("[0-9]{15}|[0-9]{17}[0-9Xx]"),
    "BANK_CARD": re.compile("[0-9]{12,19}"),
    "IBAN": re.compile("[A-Za-z]{2}[0-9]{2}[0-9A-Za-z]{10,30}"),
    "CN_USCC": re.compile("[0-9A-Za-z]{18}"),
    "US_SSN": re.compile("[0-9]{9}"),
    "HK_ID": re.compile("[A-Za-z]{1,2}[0-9]{6}[0-9Aa]"),
    "TW_ID": re.compile("[A-Za-z][0-9A-Da-d][0-9]{8}"),
    "MO_ID": re.compile("[157][0-9]{7}"),
}
_NUMBERS = frozenset(_MAKERS) - {"PERSON", "ADDRESS", "EMAIL_ADDRESS", "URL", "IP_ADDRESS"}
