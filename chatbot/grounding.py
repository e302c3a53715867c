"""Whether a generated answer says only what its passages say.

A pure function without a model: it looks up every number, date, amount, name and quoted term of a
sentence in the passages that the sentence cites, compares negation, modality and restrictions
with the clause that is closest to it, and asks for enough words in common. A sentence also
fails where its closest statement has a condition that it leaves out, another order, other roles
or another thing in the same place. Sentences are judged one by one; `generate` drops those that
fail.

It errs on the side of the curated text: right paraphrases in quite other words fail. What it
cannot see are conditions without a marker ("members swim" for "swimming, members only"), two
halves of a sentence that change places, and inventions in ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatbot.association import swapped
from chatbot.claims import Kind, claims_of
from chatbot.comparison import (
    denied,
    exchanged,
    lost_conditions,
    opened_limits,
    other_subject,
    parity,
    turned_orders,
    turned_roles,
)
from chatbot.conditions import conditions
from chatbot.numerals import digits_for_words, plain
from chatbot.parsed_passage import Source, parsed
from chatbot.polarity import (
    Polarity,
    polarity,
    said_no,
    said_yes,
    without_function_words,
    without_verdict,
)
from chatbot.quantities import Quantity, quantities
from chatbot.sentences import (
    Sentence,
    cited_sentences,
    clauses,
    content_words,
)
from chatbot.vocabulary import all_words, new_words
from knowledge_base.han import has_han
from knowledge_base.passages import Passage
from knowledge_base.segmentation import stem

CLOSE = 0.5
"""A clause speaks of the same thing when it shares this part of the other's content words."""


class Fault(StrEnum):
    NO_CITATION = "no citation"
    UNKNOWN_CITATION = "unknown citation"
    NUMBER = "number"
    SWAPPED = "number of something else"
    EMAIL = "email"
    URL = "url"
    NAME = "name"
    QUOTE = "quoted term"
    DAY = "day"
    NEGATION = "negation"
    MODALITY = "modality"
    RESTRICTION = "restriction"
    CONDITION = "lost condition"
    ORDER = "before for after"
    ROLE = "we for you"
    EXCHANGED = "another thing in its place"
    VERDICT = "yes or no"
    WORDS = "too few words in common"
    QUESTION = "asks instead of telling"


@dataclass(frozen=True)
class Problem:
    fault: Fault
    detail: str = ""
    """What of the sentence has no ground."""


@dataclass(frozen=True)
class SentenceVerdict:
    text: str
    cited: tuple[int, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Grounding:
    ok: bool
    sentences: tuple[SentenceVerdict, ...]

    @property
    def kept(self) -> tuple[SentenceVerdict, ...]:
        """What may be said without the sentences that fail; empty where too little stays.

        The first sentence has to stay, and half of all; a failing one that restricts may be
        what the others depend on.
        """
        kept = tuple(verdict for verdict in self.sentences if not verdict.problems)
        if self.ok:
            return kept
        failed = [verdict for verdict in self.sentences if verdict.problems]
        answers = bool(kept) and kept[0] is self.sentences[0] and len(kept) >= len(failed)
        return kept if answers and not any(_restricting(each.text) for each in failed) else ()


def _restricting(text: str) -> bool:
    said = polarity(plain(text))
    return said.negative or said.only or said.exception or bool(conditions(plain(text)))


def check_grounding(answer: str, passages: Sequence[Passage], *, min_overlap: float) -> Grounding:
    """`answer` cites `passages` by [1], [2], …; with a single passage it need not.

    `min_overlap` bounds the words of a sentence that neither its passages nor synonyms of theirs
    cover: half of what it leaves.
    An answer without a sentence is not grounded.
    """
    sources = [parsed(each.title, each.text, each.url) for each in passages]
    verdicts = tuple(
        _judge(sentence, sources, min_overlap=min_overlap) for sentence in cited_sentences(answer)
    )
    ok = bool(verdicts) and not any(verdict.problems for verdict in verdicts)
    return Grounding(ok, verdicts)


def _judge(sentence: Sentence, sources: Sequence[Source], *, min_overlap: float) -> SentenceVerdict:
    cited = sentence.cited or ((1,) if len(sources) == 1 else ())
    if not cited:
        problems = [Problem(Fault.NO_CITATION)]
    elif unknown := [number for number in cited if not 1 <= number <= len(sources)]:
        problems = [Problem(Fault.UNKNOWN_CITATION, str(unknown[0]))]
    else:
        chosen = [sources[number - 1] for number in cited]
        problems = _problems(sentence.text, chosen, min_overlap=min_overlap)
    return SentenceVerdict(sentence.text, cited, tuple(problems))


def _problems(text: str, sources: Sequence[Source], *, min_overlap: float) -> list[Problem]:
    written = plain(text)
    said = without_verdict(written)
    problems = [*_unknown_claims(written, sources), *_unknown_numbers(said, sources)]
    if content_words(said):
        problems += [*_opposites(said, sources), *_lost_restrictions(said, sources)]
        problems += _foreign_words(said, sources, min_overlap)
        problems += _otherwise(said, sources)
    elif any(map(str.isalnum, said)):
        problems.append(Problem(Fault.WORDS, said))  # "6%." says that of nothing
    # A small model that does not know what to say repeats the question.
    if written.rstrip(" .").endswith("?") and not any(written in source.text for source in sources):
        problems.append(Problem(Fault.QUESTION, text))
    return [*problems, *_verdict(written, said, sources)]


def _unknown_claims(text: str, sources: Sequence[Source]) -> list[Problem]:
    return [
        Problem(Fault(claim.kind.value), claim.value)
        for claim in claims_of(text)
        if not any(_has_claim(source, claim.kind, claim.value) for source in sources)
    ]


def _has_claim(source: Source, kind: Kind, value: str) -> bool:
    if kind is Kind.DAY:
        return (kind, value) in source.claims
    if kind is Kind.NAME and not has_han(value):
        parts = re.findall(r"[a-z0-9]+", value)
        return all(stem(part) in source.latin_words for part in parts)
    return value in source.everything.lower()


def _unknown_numbers(text: str, sources: Sequence[Source]) -> list[Problem]:
    known = [quantity for source in sources for quantity in source.quantities]
    problems = [
        Problem(Fault.NUMBER, quantity.written)
        for quantity in quantities(text)
        if (not any(_same(quantity, other) for other in known) or _taken(quantity, known))
        and not _complements(text, quantity, sources)
    ]
    known_sentences = [sentence for source in sources for sentence in source.sentences]
    return problems or [
        Problem(Fault.SWAPPED, each.written) for each in swapped(text, known_sentences)
    ]


def _complements(text: str, said: Quantity, sources: Sequence[Source]) -> bool:
    """ "If less than 24 hours" is "unless at least 24 hours"; "no fee" is a fee denied."""
    near = [part for source in sources for part in _closest(text, source.sentences)]
    if not said.low:
        return any(polarity(part).exception and parity(text) == parity(part) for part in near)
    return said.bound != "" and any(
        (said.low, said.high, said.unit) == (other.low, other.high, other.unit)
        and {said.bound, other.bound} == {"min", "max"}
        and parity(text) != parity(part)
        for part in near
        for other in quantities(part)
    )


def _same(said: Quantity, known: Quantity) -> bool:
    if said.unit == known.unit == "clock":
        return said.low == known.low and said.bound in ("", known.bound or said.bound)
    # "Within 3 days" only softens "3 days"; "at least 3 days" says more.
    if said.bound and said.bound != known.bound and (known.bound or said.bound == "min"):
        return _reaches(said, known)
    if said.known and said.unit != known.unit:
        return False
    return (said.low, said.high) == (known.low, known.high) or _reaches(said, known)


def _reaches(said: Quantity, known: Quantity) -> bool:
    """ "Within 4 days" is right where the passage says 2-4 days, plain "4 days" is not."""
    if known.low == known.high or said.low != said.high or said.unit != known.unit:
        return False
    top, bottom = said.bound == "max", said.bound == "min"
    return (top and said.high == known.high) or (bottom and said.low == known.low)


def _taken(said: Quantity, known: Sequence[Quantity]) -> bool:
    """ "12 shops" where the passage has "28 shops" and 12 of something else."""
    same_noun = [other for other in known if said.unit and other.unit == said.unit]
    return bool(same_noun) and not any(_same(said, other) for other in same_noun)


def _opposites(text: str, sources: Sequence[Source]) -> list[Problem]:
    known_statements = [statement for source in sources for statement in source.statements]
    denials = denied(text, known_statements)
    problems = [
        Problem(Fault.NEGATION, part) for part in denials or () if not _denies_alike(text, sources)
    ]
    for clause in clauses(text):
        closest = _closest(clause, [part for source in sources for part in source.clauses])
        said = polarity(clause)
        known = [polarity(part) for part in closest]
        if not known:
            continue
        if all(said.negative != other.negative or said.costs(other) for other in known):
            if denials == [] or _denies_alike(text, sources):
                continue
            problems.append(Problem(Fault.NEGATION, clause))
        elif all(_other_modality(said, other) for other in known):
            problems.append(Problem(Fault.MODALITY, clause))
        elif all(said.only != other.only and not _restricts(said, other) for other in known):
            problems.append(Problem(Fault.RESTRICTION, clause))
    return problems


def _denies_alike(text: str, sources: Sequence[Source]) -> bool:
    """ "No fee if" is "a fee unless": the whole sentences deny as often."""
    parts = _closest(text, [part for source in sources for part in source.sentences])
    said = polarity(text)
    return any(
        parity(text) == parity(part) and (said.exception or polarity(part).exception)
        for part in parts
    )


def _other_modality(said: Polarity, known: Polarity) -> bool:
    if said.negative or known.only:  # "must not" is "cannot", "must" is "can only"
        return False
    demands = said.must and not said.may and known.may and not known.must
    permits = said.may and not said.must and known.must and not known.may
    return demands or permits


def _restricts(said: Polarity, known: Polarity) -> bool:
    """ "You must be 18" for "only from 18 on"."""
    return (said.must and known.only) or (said.only and (known.must or known.exception))


def _lost_restrictions(text: str, sources: Sequence[Source]) -> list[Problem]:
    closest = _closest(text, [part for source in sources for part in source.sentences])
    said = polarity(text).exception
    if closest and all(
        said != polarity(part).exception
        and parity(text) != parity(part)
        and not any(_complements(text, each, sources) for each in quantities(text))
        for part in closest
    ):
        return [Problem(Fault.RESTRICTION, text)]
    return []


def _closest(text: str, parts: Sequence[str]) -> list[str]:
    """The parts that share most content words; none where all share too few.

    Of equals, those that say nothing else go first.
    """
    wanted = set(content_words(without_function_words(text)))
    known = [set(content_words(without_function_words(part))) for part in parts]
    most = max((len(wanted & words) for words in known), default=0)
    if not wanted or most < CLOSE * len(wanted):
        return []
    best = [number for number, words in enumerate(known) if len(wanted & words) == most]
    whole = [number for number in best if known[number] <= wanted]
    return [parts[number] for number in whole or best]


def _foreign_words(text: str, sources: Sequence[Source], min_overlap: float) -> list[Problem]:
    """Half of what `min_overlap` leaves, for a new word is more often a new fact than not."""
    written = _without_quantities(digits_for_words(text))
    wanted = all_words(written)
    foreign = new_words(written, "\n".join(source.everything for source in sources))
    if len(foreign) > (1 - min_overlap) / 2 * len(wanted) or not _overlaps(text, sources):
        return [Problem(Fault.WORDS, " ".join(foreign))]
    return []


def _without_quantities(text: str) -> str:
    for quantity in reversed(quantities(text)):
        if quantity.known:
            text = f"{text[: quantity.start]} {text[quantity.end :]}"
    return text


def _overlaps(text: str, sources: Sequence[Source]) -> bool:
    known = {word for source in sources for word in source.words}
    return not known.isdisjoint(content_words(text))


def _otherwise(text: str, sources: Sequence[Source]) -> list[Problem]:
    known = [statement for source in sources for statement in source.statements]
    return [
        *(Problem(Fault.CONDITION, each) for each in lost_conditions(text, known)),
        *(Problem(Fault.ORDER, each) for each in turned_orders(text, known)),
        *(Problem(Fault.CONDITION, text) for _ in range(opened_limits(text, known))),
        *(Problem(Fault.EXCHANGED, each) for each in exchanged(text, known)),
        *(Problem(Fault.EXCHANGED, each) for each in other_subject(text, known)),
        *(Problem(Fault.ROLE, each) for each in turned_roles(text, known)),
    ]


def _verdict(written: str, said: str, sources: Sequence[Source]) -> list[Problem]:
    """A yes needs a source that says yes itself; a no needs a sentence that forbids."""
    if said_yes(written) and not any(said_yes(source.text) for source in sources):
        return [Problem(Fault.VERDICT, "yes")]
    says_yes = any(said_yes(source.text) for source in sources)
    if said_no(written) and (says_yes or not polarity(said).negative):
        return [Problem(Fault.VERDICT, "no")]
    return []
