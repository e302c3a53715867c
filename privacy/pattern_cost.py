"""How many steps a regular expression may take at one place of a text, counted before it runs.

A backtracking search tries, at worst, every way in which the expression can divide what it reads.
The number of ways is a product over its repeats and alternatives, which its parse tree gives
exactly from above; what has no such bound is refused: `*`, `+` and `{3,}`, and references back.
So no time limit and no trial runs are needed, and no text can make an accepted pattern slow.

The tree is that of Python's own parser, a private module of `re`; an operator that is unknown here
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_ONE_CHARACTER = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_CAP = 10**9


class PatternRefused(ValueError):
    """Why, in words that go on after the name of what holds the pattern."""


def steps_at_one_place(pattern: str) -> int:
    """Upper bound of characters looked at from one starting place. Raises PatternRefused."""
    try:
        parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternRefused(f"is no regular expression ({error})") from None
    least, most = parsed.getwidth()
    if least == 0:
        raise PatternRefused("matches the empty text: let it ask for at least one character")
    return min(_CAP, _ways(parsed) * int(min(most, _CAP)))


def _ways(sequence: Iterable[tuple[Any, Any]]) -> int:
    product = 1
    for operator, argument in sequence:
        product = min(_CAP, product * _ways_of(str(operator), argument))
    return product


def _ways_of(operator: str, argument: Any) -> int:
    if operator in _ONE_CHARACTER:
        return 1
    if operator == "BRANCH":
        return min(_CAP, sum(_ways(branch) for branch in argument[1]))
    if operator == "SUBPATTERN":
        return _ways(argument[-1])
    if operator == "ATOMIC_GROUP":
        return _ways(argument)
    if operator in {"ASSERT", "ASSERT_NOT"}:
        # Its length is no part of the whole pattern's.
        return min(_CAP, _ways(argument[1]) * max(1, int(argument[1].getwidth()[1])))
    if operator in _REPEATS:
        least, most, inner = argument
        if most == _parser.MAXREPEAT:
            raise PatternRefused("repeats without end: write {1,20} instead of +, * or {1,}")
        return _repeated(_ways(inner), least, most)
    if operator in {"GROUPREF", "GROUPREF_EXISTS"}:
        raise PatternRefused("refers back to what it has matched: spell that part out")
    raise PatternRefused(f"uses what Kefu cannot bound ({operator.lower()}): leave it out")


def _repeated(ways: int, least: int, most: int) -> int:
    if ways == 1:
        return most - least + 1
    total = 0
    for count in range(least, most + 1):
        total += min(_CAP, ways ** min(count, 64))
        if total >= _CAP:
            return _CAP
    return total
