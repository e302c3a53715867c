"""What single words add to a score through the lexical part of a model, in their places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from chatbot.adapters.intent_lexicon import Lexicon, Span, locate_terms
from chatbot.adapters.intent_scoring import Floats
from training.attribution import Piece


def credit_words(text: str, lexicon: Lexicon, slopes: Floats) -> list[Piece]:
    """In the order of the text, words that no known term holds left out.

    `slopes` (labels,): what a unit of each logit is worth. A term's part is shared among the
    places where it occurs, and a pair's between its two words.
    """
    hashes, added = lexicon.contributions(text)
    worth = dict(zip(hashes.tolist(), (added @ slopes).tolist(), strict=True))
    terms = [(term, spans) for term, spans in locate_terms(text) if term in worth]
    times = Counter(term for term, _ in terms)
    credits: dict[Span, float] = defaultdict(float)
    for term, spans in terms:
        for span in spans:
            credits[span] += worth[term] / times[term] / len(spans)
    return [Piece(start, end, score) for (start, end), score in sorted(credits.items())]


def add_credits(words: Iterable[Piece], credits: Iterable[Piece]) -> list[Piece]:
    """The words with what is credited to their characters; a credit where no word stands becomes
    one of its own. The sum of all scores stays what it is."""
    scores = {(word.start, word.end): word.score for word in words}
    known = sorted(scores)
    for piece in credits:
        shared = {
            span: min(piece.end, span[1]) - max(piece.start, span[0])
            for span in known
            if span[0] < piece.end and piece.start < span[1]
        } or {(piece.start, piece.end): 1}
        for span, characters in shared.items():
            part = piece.score * characters / sum(shared.values())
            scores[span] = scores.get(span, 0.0) + part
    return [Piece(start, end, score) for (start, end), score in sorted(scores.items())]
