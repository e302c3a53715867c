"""Hong Kong identity cards: one or two letters, six digits and a check digit, 0 to 9 or A, which
stands in brackets on the card (Registration of Persons Regulations, Cap. 177A).

Letters and digits without the brackets are a product code more often than a card, so a word must
say it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.checksums import hong_kong_id_valid
from privacy.context import identity_word, identity_word_after, says_goods, says_otherwise
from privacy.entities import Span
from privacy.reading import Reading

NUMBER = re.compile(
    # NO 123456(7) is no card; of the prefixes with two letters these are handed out.
    r"(?<![0-9A-Za-z])(?:[A-Za-z]{1,2}|(?:[A-Z]|WX|X[A-EGH]|EC)[ \-])[0-9]{3}[ ]?[0-9]{3}[ \-]?"
    r"(?:[(\[][ ]?[0-9Aa][ ]?[)\]]|[0-9Aa](?![0-9A-Za-z]))"
)
_CARD = re.compile(
    r"(?:香港[^0-9,;!。]{0,6}(?:身份证|身份證|身分證|身分证|证件|證件)"
    r"|(?<![a-z])(?:hkid|(?:hong ?kong|hk) (?:id|identity))(?![a-z]))[^0-9]{0,20}$"
)
_REACH = 36


def find_hong_kong_ids(reading: Reading) -> Iterator[Span]:
    if reading.digits < 6:
        return
    for match in NUMBER.finditer(reading.plain):
        score, reason = _judge(reading, match)
        if score:
            yield Span(match.start(), match.end(), "HK_ID", "hk_id", score, reason)


def _judge(reading: Reading, match: re.Match[str]) -> tuple[float, str]:
    text, (start, end) = reading.lower, match.span()
    said = identity_word(text, start) or identity_word_after(text, end)
    valid = hong_kong_id_valid(re.sub(r"[^0-9A-Za-z]", "", match.group()))
    if match.group()[-1] in ")]":
        if said:
            # With one digit mistyped the person is still known.
            return (0.97, "checksum") if valid else (0.7, f"context:{said}")
        other = says_goods(text, start) or says_otherwise(text, start, end)
        return (0.9, "checksum") if valid and not other else (0.0, "")
    if _CARD.search(text[max(0, start - _REACH) : start]):
        return (0.95 if valid else 0.7), "context:hkid"
    return (0.95, f"context:{said}") if said and valid else (0.0, "")
