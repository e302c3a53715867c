"""What an agent sees of a value: enough to tell it from another one, never enough to use it.

Of a telephone number at most the first three and last four digits, of a card the last four (PCI
DSS 4.0, 3.4.1, allows more), of an e-mail address the first letter and the domain, of a name the
surname's first character or the initials, of an address what lies above the street. Of everything
else at most the first and the last character, and nothing of a value too short to hide behind it.
"""

from __future__ import annotations

import re

from privacy.normalise import normalise, visible
from privacy.recognizers.chinese_names import COMPOUND

STAR = "*"
_HAN = re.compile("[\u3400-\u9fff]")
_DISTRICT = re.compile(
    "(?:[\u3400-\u9fff]{2,8}?(?:省|自治区))?(?:[\u3400-\u9fff]{2,7}?(?:市|州|盟))?"
    "(?:[\u3400-\u9fff]{1,6}?(?:(?<![小社园校景厂])[区區]|县|縣|旗))?"
)
_MUNICIPAL = re.compile(
    "(?:北京|上海|天津|重庆)市?(?:[\u3400-\u9fff]{1,6}?(?:(?<![小社园校景厂])[区區]|县|縣))?"
)
_STATE = re.compile(r"([A-Z]{2}),? [0-9]{5}(?:-[0-9]{4})?$")
_LEAST_HIDDEN = 4
"""Fewer hidden characters would be guessed: a value that short is hidden whole."""


def agent_mask(kind: str, value: str) -> str:
    """`value` of the type `kind` for the eyes of an agent."""
    plain = normalise(visible(value)[0]).strip()
    if kind == "PHONE_NUMBER":
        return _phone(plain)
    if kind == "BANK_CARD":
        return _ends(plain, 0, 4)
    if kind == "EMAIL_ADDRESS" and "@" in plain:
        local, _, domain = plain.rpartition("@")
        return f"{local[:1] if len(local) > 1 else ''}***@{domain}"
    if kind == "PERSON":
        return _name(plain)
    if kind == "ADDRESS":
        return _address(plain)
    if kind == "IBAN":
        return _ends(plain, 2, 2)
    if kind in {"URL", "DATE_OF_BIRTH", "IP_ADDRESS"}:
        return STAR * 3
    return _ends(plain, 1, 1)


def shown(kind: str) -> int:
    """The most letters and digits that a mask shows, of types of a fixed form."""
    return {"PHONE_NUMBER": 7, "BANK_CARD": 4, "IBAN": 4, "PERSON": 4}.get(kind, 2)


def _phone(plain: str) -> str:
    """138****8000; of shorter and foreign numbers the last two to four digits only."""
    digits = re.sub("[^0-9]", "", plain)
    digits = re.sub("^(?:00)?86(?=1[0-9]{10}$)", "", digits)
    if len(digits) == 11 and digits[0] == "1":
        return f"{digits[:3]}****{digits[-4:]}"
    return _ends(digits, 0, 4 if len(digits) >= 10 else 2)


def _ends(plain: str, first: int, last: int) -> str:
    compact = re.sub(r"[\W_]", "", plain)
    hidden = len(compact) - first - last
    if hidden < _LEAST_HIDDEN:
        return STAR * 3
    return compact[:first] + STAR * hidden + compact[len(compact) - last :]


def _name(plain: str) -> str:
    """张*, 欧阳**, J. S***: as many stars as a Chinese name has characters, three for others."""
    if _HAN.match(plain):
        if len(plain) == 1:
            return STAR
        if "·" in plain or "•" in plain:
            return f"{plain[:1]}***"
        surname = plain[:2] if plain[:2] in COMPOUND else plain[:1]
        return surname + STAR * max(1, len(plain) - len(surname))
    words = plain.split()
    if len(words) < 2:
        return f"{plain[:1]}***" if len(plain) > 1 else STAR * 3
    return f"{words[0][0]}. {words[-1][0]}***"


def _address(plain: str) -> str:
    """Down to the district; of an address written the English way the state."""
    if _HAN.search(plain):
        found = _MUNICIPAL.match(plain) or _DISTRICT.match(plain)
        return f"{found.group() if found else ''}***"
    state = _STATE.search(plain)
    return f"***, {state.group(1)}" if state else STAR * 3
