"""A company's own types of personal data, and what of its own is never masked: a TOML file.

    never_masked = ["400-820-0000", "上海市浦东新区世纪大道100号"]

    [types.LOYALTY_CARD]
    pattern = "ML[0-9]{8}"              # or: words = ["Project Falcon", "猎鹰计划"]
    checksum = "luhn"                   # luhn, mod11_2, mod97 or mod31; over digits and letters
    context = ["会员号", "member no"]   # near by, they raise the score …
    context_required = true             # … or nothing is found without one
    never = ["ML00000000"]
    examples = ["会员号ML12345678好"]
    counter_examples = ["型号ML12345678"]

Letters match in either case, after normalisation (full-width forms are plain); no letter or digit
may stand directly before or after. Examples are checked when the file is read.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from privacy.checksums import luhn_valid, mod11_2_valid, mod31_valid, mod97_valid
from privacy.entities import Span
from privacy.errors import CustomTypesInvalid
from privacy.normalise import normalise
from privacy.pattern_cost import PatternRefused, steps_at_one_place
from privacy.reading import Reading, read

MOST_STEPS = 2000
"""At one place of a text: 1 MB then takes seconds at the very worst."""
_NAME = re.compile("[A-Z][A-Z0-9_]*")
_NUMBERED = re.compile("_[0-9]+$")
_COMPACT = re.compile(r"[\W_]")
_BEFORE, _AFTER = 30, 12
_KEYS = frozenset(
    "pattern words checksum context context_required never examples counter_examples".split()
)


def _luhn(number: str) -> bool:
    return number.isdigit() and luhn_valid(number)


CHECKSUMS: Mapping[str, Callable[[str], bool]] = {
    "luhn": _luhn,
    "mod11_2": mod11_2_valid,
    "mod97": mod97_valid,
    "mod31": mod31_valid,
}


@dataclass(frozen=True)
class CustomType:
    name: str
    regex: re.Pattern[str]
    literal: bool = False
    check: Callable[[str], bool] | None = None
    context: re.Pattern[str] | None = None
    context_required: bool = False
    never: frozenset[str] = frozenset()
    """Compact: letters and digits only, in lower case."""

    def rule(self) -> list[str]:
        """All that decides what is found, as texts."""
        check = next((name for name, one in CHECKSUMS.items() if one is self.check), "")
        context = self.context.pattern if self.context else ""
        needed = "required" if self.context_required else ""
        kind = "words" if self.literal else "pattern"
        return [self.name, kind, self.regex.pattern, check, context, needed, *sorted(self.never)]

    def find(self, reading: Reading) -> Iterator[Span]:
        for match in self.regex.finditer(reading.plain):
            score, reason = self._judge(reading.lower, match)
            if score:
                yield Span(match.start(), match.end(), self.name, "custom", score, reason)

    def _judge(self, lower: str, match: re.Match[str]) -> tuple[float, str]:
        number = compact(match.group())
        if number in self.never or (self.check is not None and not self.check(number)):
            return 0.0, ""
        said = self._word(lower, match.start(), match.end())
        if self.context_required and not said:
            return 0.0, ""
        if self.check is not None:
            return 0.97, "checksum"
        if said:
            return 0.9, f"context:{said}"
        return (0.9, "word") if self.literal else (0.7, "format")

    def _word(self, lower: str, start: int, end: int) -> str:
        if self.context is None:
            return ""
        near = self.context.search(lower, max(0, start - _BEFORE), start)
        near = near or self.context.search(lower, end, end + _AFTER)
        return near.group() if near else ""


@dataclass(frozen=True)
class CustomTypes:
    types: tuple[CustomType, ...] = ()
    never_masked: tuple[str, ...] = ()
    """Compact values, of whatever type."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.types)

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of all that decides what is masked; empty where nothing does."""
        if not self.types and not self.never_masked:
            return ""
        said = [sorted(each.rule() for each in self.types), sorted(self.never_masked)]
        return sha256(json.dumps(said).encode()).hexdigest()[:16]

    def find(self, reading: Reading) -> Iterator[Span]:
        for each in self.types:
            yield from each.find(reading)

    def without_spared(self, reading: Reading, found: Sequence[Span]) -> list[Span]:
        """What is left of `found` when all that lies within a value never to be masked is out.

        A part of the company's address is spared as well; a longer number around its hotline is
        not.
        """
        if not self.never_masked or not found:
            return list(found)
        spared = list(self._spared(reading.lower))
        return [
            span
            for span in found
            if not any(start <= span.start and span.end <= end for start, end in spared)
        ]

    def _spared(self, lower: str) -> Iterator[tuple[int, int]]:
        places = [place for place, each in enumerate(lower) if each.isalnum()]
        letters = "".join([lower[place].lower()[0] for place in places])
        for value in self.never_masked:
            start = letters.find(value)
            while start >= 0:
                end = start + len(value)
                yield places[start], places[end - 1] + 1
                start = letters.find(value, end)


NO_CUSTOM_TYPES = CustomTypes()


def compact(value: str) -> str:
    """138 0013 8000, 138-0013-8000 and １３８００１３８０００ are one value."""
    return _COMPACT.sub("", normalise(value)).lower()


def load_custom_types(path: Path, *, taken: Sequence[str] = ()) -> CustomTypes:
    """`taken` are names that mean something else already. Raises CustomTypesInvalid."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CustomTypesInvalid(path, "KEFU_PII_TYPES", "names a file that is not there") from None
    except UnicodeDecodeError:
        raise CustomTypesInvalid(path, "the file", "is not UTF-8: save it as such") from None
    except tomllib.TOMLDecodeError as error:
        raise CustomTypesInvalid(path, "the file", f"is not TOML ({error})") from None
    top = _Table(path, "", content)
    top.only({"types", "never_masked"})
    tables = content.get("types", {})
    if not isinstance(tables, dict):
        raise CustomTypesInvalid(path, "types", "must be tables such as [types.LOYALTY_CARD]")
    types = []
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise CustomTypesInvalid(path, f"types.{name}", "must be a table")
        _check_name(path, name, taken)
        types.append(_custom_type(_Table(path, f"types.{name}.", table), name))
    values = tuple(compact(value) for value in top.strings("never_masked"))
    if "" in values:
        raise CustomTypesInvalid(path, "never_masked", "has a value without letters and digits")
    return CustomTypes(tuple(types), values)


@dataclass(frozen=True)
class _Table:
    path: Path
    prefix: str
    content: Mapping[str, Any] = field(repr=False)

    def wrong(self, key: str, reason: str) -> CustomTypesInvalid:
        return CustomTypesInvalid(self.path, f"{self.prefix}{key}", reason)

    def only(self, known: frozenset[str] | set[str]) -> None:
        for key in self.content:
            if key not in known:
                raise self.wrong(key, f"is unknown: use {', '.join(sorted(known))}")

    def strings(self, key: str) -> list[str]:
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, "must be a list of texts")
        return value


def _check_name(path: Path, name: str, taken: Sequence[str]) -> None:
    key = f"types.{name}"
    if not _NAME.fullmatch(name) or _NUMBERED.search(name):
        reason = "must be capital letters, digits and _, begin with a letter and end without _1"
        raise CustomTypesInvalid(path, key, reason)
    if name in taken:
        raise CustomTypesInvalid(path, key, "is built in already: choose another name")


def _custom_type(table: _Table, name: str) -> CustomType:
    table.only(_KEYS)
    words = table.strings("words")
    if ("pattern" in table.content) == bool(words):
        raise table.wrong("pattern", 'or "words" must be there, and not both')
    checksum = table.content.get("checksum")
    if checksum is not None and checksum not in CHECKSUMS:
        raise table.wrong("checksum", f"is unknown: use {', '.join(CHECKSUMS)}")
    context = table.strings("context")
    required = table.content.get("context_required", False)
    if not isinstance(required, bool) or (required and not context):
        raise table.wrong("context_required", 'must be true or false, and true only with "context"')
    made = CustomType(
        name,
        regex=_either(table, "words", words) if words else _pattern(table),
        literal=bool(words),
        check=None if checksum is None else CHECKSUMS[checksum],
        context=_either(table, "context", context) if context else None,
        context_required=required,
        never=frozenset(compact(value) for value in table.strings("never")),
    )
    for key, wanted in (("examples", True), ("counter_examples", False)):
        for number, text in enumerate(table.strings(key), start=1):
            if any(True for _ in made.find(read(text))) != wanted:
                reason = "holds none of this type" if wanted else "holds one of this type"
                raise table.wrong(f"{key}, number {number},", f"{reason}: correct it or the type")
    return made


def _pattern(table: _Table) -> re.Pattern[str]:
    pattern = table.content["pattern"]
    if not isinstance(pattern, str):
        raise table.wrong("pattern", "must be a text")
    try:
        steps = steps_at_one_place(pattern)
    except PatternRefused as error:
        raise table.wrong("pattern", str(error)) from None
    if steps > MOST_STEPS:
        reason = (
            f"may take {steps:,} steps at one place of a text, {MOST_STEPS:,} at most are allowed: "
            "make its repeats shorter or fewer"
        )
        raise table.wrong("pattern", reason)
    try:
        return re.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])", re.IGNORECASE)
    except re.error as error:
        raise table.wrong("pattern", f"cannot stand within another ({error})") from None


def _either(table: _Table, key: str, words: Sequence[str]) -> re.Pattern[str]:
    """One of the words, the longest first; ASCII letters and digits end where they end."""
    plain = sorted({normalise(word) for word in words}, key=lambda word: (-len(word), word))
    if not all(word.strip() for word in plain):
        raise table.wrong(key, "has an empty word")
    return re.compile(
        "|".join(
            ("(?<![0-9A-Za-z])" if _ascii(word[0]) else "")
            + re.escape(word)
            + ("(?![0-9A-Za-z])" if _ascii(word[-1]) else "")
            for word in plain
        ),
        re.IGNORECASE,
    )


def _ascii(character: str) -> bool:
    return character.isascii() and character.isalnum()
