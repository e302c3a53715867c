"""Which language a customer writes, and in which script the reply is due.

Only two languages have to be told apart, so counting scripts is exact where statistical
detectors fail on short texts. The weakness: another Latin-script language counts as English.
"""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

from chatbot.conversation import Language, LanguageGuess

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*")

_FUNCTION_CHARACTERS = re.compile("[的了吗嗎呢吧啊我你您怎么麼什甚是不没沒在有这這那给給把被]")

# English words that live inside Chinese sentences and make nobody an English speaker.
_LOANWORDS = frozenset(
    """app vip pos pc id qq wifi sim usb hdmi gps cpu gpu ram ssd pro max plus mini ios android
    sos diy ok pdf word excel email mail sms nfc tv led lcd oled logo pin atm bug cd dvd ip it
    iphone ipad mac windows type c""".split()
)


@cache
def _converter(direction: str) -> OpenCC:
    return OpenCC(direction)


def to_simplified(text: str) -> str:
    """Traditional characters replaced by simplified ones; everything else is untouched."""
    return str(_converter("t2s").convert(text)) if _HAN.search(text) else text


def to_traditional(text: str) -> str:
    return str(_converter("s2t").convert(text)) if _HAN.search(text) else text


def detect_language(text: str, *, default: Language = Language.EN) -> LanguageGuess:
    """The language that carries the sentence, and whether the other one helps."""
    han = len(_HAN.findall(text))
    words = [word for word in _LATIN_WORD.findall(text) if word.lower() not in _LOANWORDS]
    if han == 0 and not words:
        return LanguageGuess(default, certain=False)
    # One English word says about as much as two Chinese characters, unless the grammar that
    # holds the words together is Chinese.
    weight = 1 if _FUNCTION_CHARACTERS.search(text) else 2
    if han and han >= weight * len(words):
        return LanguageGuess(_chinese_script(text), mixed=len(words) >= 2)
    return LanguageGuess(Language.EN, mixed=han >= 2)


def _chinese_script(text: str) -> Language:
    """Traditional if more characters would change on the way to simplified than back."""
    if not _HAN.search(text):
        return Language.ZH_HANS
    changed_to_simplified = _differences(text, to_simplified(text))
    changed_to_traditional = _differences(text, to_traditional(text))
    if changed_to_simplified > changed_to_traditional:
        return Language.ZH_HANT
    return Language.ZH_HANS


def _differences(before: str, after: str) -> int:
    return sum(a != b for a, b in zip(before, after, strict=False))
