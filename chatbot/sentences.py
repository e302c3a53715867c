"""Where sentences and their clauses end, in English and Chinese, and which passages they cite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from chatbot.polarity import without_function_words
from knowledge_base.han import HAN
from knowledge_base.segmentation import terms

CITATION = re.compile(r"\s*[\[［【](\d{1,2}(?:\s*[,，、]\s*\d{1,2})*)[\]］】]")
_NUMBERS = re.compile(r"\d+")
_LATE = re.compile(rf"([.!?。！？；])((?:{CITATION.pattern})+)")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*•·]|\d{1,2}[.)、](?!\d))\s*", re.MULTILINE)
_END = re.compile(
    r"(?<=[。！？；\n])|(?<=[!?;])(?=\s|$)|"
    r"(?<!\b[ap]\.m\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bNo\.)(?<!\betc\.)(?<=\.)(?=\s|$)"
)
_CLAUSE_END = re.compile(
    r"[,;:，；：]\s|[，；：]|(?<=[^\d]):|[()（）]|"
    r"\s(?=(?:but|while|whereas|however|although|unless|except|because|which)\b)|"
    rf"(?<=[{HAN}])(?=但是?|而|不过|除非)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|or)\s|[,，；;、]", re.IGNORECASE)
_FRAGMENT_TERMS = 3


@dataclass(frozen=True)
class Sentence:
    text: str
    """Without citation marks."""
    cited: tuple[int, ...]
    """Numbers of passages as the text has them, from 1."""


def cited_sentences(answer: str) -> tuple[Sentence, ...]:
    """A sentence without a mark has those of the sentence before it; the first, of the next."""
    text = _LATE.sub(lambda match: match[2] + match[1], _LIST_MARK.sub("", answer))
    found = [_sentence(part) for part in _END.split(text) if part.strip()]
    found = [sentence for sentence in found if any(map(str.isalnum, sentence.text))]
    return tuple(_inherit(found))


def without_marks(answer: str) -> str:
    return CITATION.sub("", answer).strip()


def sentences(text: str) -> list[str]:
    return [part.strip() for part in _END.split(text) if part.strip()]


def clauses(sentence: str) -> list[str]:
    """Parts that say something; a list keeps its words together with what is said of them."""
    joined: list[str] = []
    open_fragment = False
    for part in (piece.strip() for piece in _CLAUSE_END.split(sentence)):
        if not part:
            continue
        if open_fragment:
            joined[-1] = f"{joined[-1]}, {part}"
        else:
            joined.append(part)
        # Counted without "not" and its kin, so that a sentence and its opposite are cut alike.
        bare = without_function_words(joined[-1])
        open_fragment = len(content_words(bare)) < _FRAGMENT_TERMS
    if len(joined) > 1 and len(content_words(joined[-1])) <= 1:
        last = joined.pop()
        joined[-1] = f"{joined[-1]}, {last}"
    return joined


def narrow_clauses(sentence: str) -> list[str]:
    """Clauses cut at every "and", so that each has one number at best."""
    parts = (part.strip() for clause in _CLAUSE_END.split(sentence) for part in _AND.split(clause))
    return [part for part in parts if part]


@lru_cache(maxsize=4096)
def content_words(text: str) -> tuple[str, ...]:
    """Stems of English words, Chinese words and pairs; no numbers and no function words."""
    return tuple(term for term in terms(text) if not term[0].isdigit())


def _sentence(part: str) -> Sentence:
    numbers = (
        int(number) for mark in CITATION.finditer(part) for number in _NUMBERS.findall(mark[1])
    )
    return Sentence(CITATION.sub("", part).strip(), tuple(dict.fromkeys(numbers)))


def _inherit(found: Sequence[Sentence]) -> list[Sentence]:
    first = next((sentence.cited for sentence in found if sentence.cited), ())
    inherited: list[Sentence] = []
    for sentence in found:
        before = inherited[-1].cited if inherited else first
        inherited.append(sentence if sentence.cited else replace(sentence, cited=before))
    return inherited
