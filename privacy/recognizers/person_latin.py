"""Names of people in Latin script, announced, behind a title, or signing a message.

Weakness: a name nobody announces (Tom Smith's parcel) is left to a trained recogniser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_WORD = re.compile("(?:[A-Za-zÀ-ɏͰ-ӿ]\\.|[A-Za-zÀ-ɏͰ-ӿ]+(?:['’\\-][A-Za-zÀ-ɏͰ-ӿ]+)*)")
_PARTICLES = frozenset("de del della der den van von di da dos la le bin ibn al el ter".split())
_MOST_WORDS = 4
_ANNOUNCED = re.compile(
    r"(?<![a-z])my (?:full |first |last |real )?name(?: is|'s|’s|:)[ :]{1,2}"
    r"|(?<![a-z])(?:name's|name’s|i am called|i'm called|people call me) "
)
_FIELD = re.compile(
    r"(?:^|[\n\r,;|(])[ \t]*"
    r"(?:(?:(?:full|first|last|contact|customer|passenger|cardholder|recipient)(?:'s)? )?name"
    r"|attn|attention|recipient|consignee|account holder|contact person)\.?[ ]?[:=][ ]?"
)
_TITLE = re.compile(r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Mx)\.?[ ](?=[A-ZÀ-Þ])")
_CALLING = re.compile(r"(?<![a-z])this is (?=[A-ZÀ-Þ])", re.IGNORECASE)
_AFTER_CALLING = re.compile(r"[ ,]{1,2}(?:calling|writing|speaking|here|from)\b")
_SIGNED = re.compile(
    r"(?:regards|sincerely|yours truly|faithfully|respectfully|cheers|thanks|thank you|many thanks)"
    r"[,.!]?[ \t]*[\r\n]+[ \t]*|(?:regards|sincerely|yours truly|faithfully),? "
)
_LINE_END = re.compile(r"[ .]*(?:[\r\n]|$)")
_NO_NAMES = frozenset(
    "i a an the and or but not no is are was on in at of for to from with about my your his "
    "her our it this that these those there here so because when if please thanks thank you "
    "team support customer service sales company department order store shop admin wrong "
    "misspelled misspelt spelled spelt missing incorrect different still now already listed "
    "shown printed written never also too changed being required invalid unknown n na none "
    "null all everyone sir madam calling looking having trying can could would should will "
    "what how why where who which has have had do does did need want like coffee muscle clean "
    "phone email address order number".split()
)


def find_latin_persons(reading: Reading) -> Iterator[Span]:
    lower, plain = reading.lower, reading.plain
    if "name" in lower or " call" in lower:
        for match in _ANNOUNCED.finditer(lower):
            yield from _span(plain, match.end(), "announced_name", capital=False)
    if ":" in reading.characters or "=" in reading.characters:
        # Line breaks count here: a field begins a line, `product name:` does not.
        for match in _FIELD.finditer(_as_written(reading)):
            yield from _span(plain, match.end(), "name_field", capital=False)
    if "M" in reading.characters:
        for match in _TITLE.finditer(plain):
            yield from _span(plain, match.end(), "title")
    if "this is " in lower:
        for match in _CALLING.finditer(plain):
            for span in _span(plain, match.end(), "caller"):
                if _AFTER_CALLING.match(plain, span.end):
                    yield span
    if any(word in lower for word in ("regards", "thank", "sincerely", "cheers", "yours", "faith")):
        for match in _SIGNED.finditer(_as_written(reading)):
            for span in _span(plain, match.end(), "signature"):
                if _LINE_END.match(reading.text, span.end):
                    yield span


def _as_written(reading: Reading) -> str:
    """Lower case with line breaks, offsets unchanged."""
    if "\n" not in reading.text and "\r" not in reading.text:
        return reading.lower
    return "".join(
        written if written in "\r\n" else lower
        for written, lower in zip(reading.text, reading.lower, strict=True)
    )


def _span(plain: str, start: int, recognizer: str, *, capital: bool = True) -> Iterator[Span]:
    end = _name_end(plain, start, capital=capital)
    if end is not None:
        yield Span(start, end, "PERSON", recognizer, 0.85, "announced")


def _name_end(plain: str, start: int, *, capital: bool) -> int | None:
    """Capitalised words; where a name was announced, one or two small ones do as well."""
    end, words, position = None, 0, start
    while words < _MOST_WORDS and (match := _WORD.match(plain, position)):
        word = match.group()
        if word.lower() in _NO_NAMES:
            break
        small = not word[0].isupper()
        if small and word in _PARTICLES:
            words -= 1
        elif small and (capital or words > 1 or plain[start].isupper()):
            break
        else:
            end = match.end()
        words += 1
        if plain[match.end() : match.end() + 1] != " ":
            break
        position = match.end() + 1
    following = plain[end : end + 1] if end is not None else ""
    return None if following.isdigit() or following in {"@", "_"} else end
