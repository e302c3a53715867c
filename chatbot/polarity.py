"""What a clause allows, forbids, demands or restricts, as far as its function words tell.

Weakness: negation inside a word ("uncovered") and by meaning ("we refuse") is not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NEUTRAL = re.compile(
    r"\bno (?:later|more|less|fewer|longer) than\b|\bnot only\b|\bno matter\b|\bno problem\b|"
    r"\bno[- ](?:questions?|reason)\b|\bdo(?:es)?n't (?:want|like)\b|\bdo not (?:want|like)\b|"
    r"\b(?:no|without) (?:extra |additional )?(?:charges?|costs?|fees?)\b|\bwithout\b|"
    r"不收(?:取)?(?:任何|额外)?费用?|不收钱|不同|不错|不仅|不但|不只|不论|不管|无论|不过|不少|不久|不超过|"
    r"除非|不好|不便|无理由|未来|没关系|不客气|不好意思|不喜欢|不想要?|非常|(\w{1,2})不\1|是否|能否",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|\w+n't|unable|unavailable|impossible|ineligible)\b|"
    r"不|没|无|未|非|勿|莫|禁止|拒收",
    re.IGNORECASE,
)
_EXCLUSION = re.compile(r"\bexclud(?:e|es|ed|ing)\b", re.IGNORECASE)
_FREE = re.compile(
    r"\bfree\b|\bcosts? nothing\b|"
    r"\b(?:no|without) (?:extra |additional )?(?:charges?|costs?|fees?)\b|免|"
    r"不收(?:取)?(?:任何|额外)?费用?|不收钱|包邮",
    re.IGNORECASE,
)
_CHARGE = re.compile(
    r"\bat (?:a )?costs?\b|\bfor a fee\b|\b(?:charges?|fees?) appl|"
    r"收(?:取)?(?:任何|额外)?费用?|付费|有偿",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively)\b|仅|只(?!要)|唯一|才(?:能|可)|(?<!\w)限(?=[于\d])",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"\b(?:except|unless|excluding|apart from|other than)\b|除非|除了?[^,，。]{1,14}(?:外|之外)",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\b(?:must|have to|has to|required|need to|needs to|mandatory)\b|"
    r"必须|须|务必|一定要|需要?(?!求)",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"\b(?:can|may|could|possible|allowed|able to|optional(?:ly)?)\b|可以|可(?!能)|能够?|允许|支持",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\s*(?:yes|sure|of course|certainly)\b[\s,.:!]*|^\s*(?:是的|可以的?|能|当然)[,，。!！:：]\s*",
    re.I,
)
_NO = re.compile(
    r"^\s*no\b[,.:!]\s*|^\s*(?:不|不可以|不能|不行|不支持|没有)的?[,，。!！:：]\s*", re.I
)
_WORDS = re.compile(
    "|".join(each.pattern for each in (_NEGATION, _EXCLUSION, _ONLY, _EXCEPTION, _MUST, _MAY)), re.I
)


@dataclass(frozen=True)
class Polarity:
    negative: bool
    only: bool
    exception: bool
    must: bool
    may: bool
    free: bool
    charged: bool

    def costs(self, other: Polarity) -> bool:
        """Whether this asks for money for what the other gives away."""
        return self.charged and not self.free and other.free


@lru_cache(maxsize=4096)
def polarity(text: str) -> Polarity:
    """Of a clause or sentence that `numerals.plain` normalised."""
    bare = _NEUTRAL.sub(" ", text)
    return Polarity(
        # "not excluded" is a yes
        negative=(_NEGATION.search(bare) is None) is not (_EXCLUSION.search(bare) is None),
        only=_ONLY.search(bare) is not None,
        exception=_EXCEPTION.search(text) is not None,
        must=_MUST.search(bare) is not None,
        may=_MAY.search(bare) is not None,
        free=_FREE.search(text) is not None,
        charged=_CHARGE.search(_FREE.sub(" ", text)) is not None,
    )


def said_yes(text: str) -> bool:
    return _YES.match(text) is not None


def said_no(text: str) -> bool:
    return _NO.match(text) is not None


def without_verdict(text: str) -> str:
    """Without a leading yes or no."""
    return _NO.sub("", _YES.sub("", text))


def without_function_words(text: str) -> str:
    """What is left to find the clause that says the same, or its opposite."""
    return _WORDS.sub(" ", text)
