from __future__ import annotations

from pathlib import Path

import pytest

from training.corpus import Problem, read_corpus
from training.errors import CorpusInvalid

NLU = """\
<!-- kept by
the shop team -->
## intent:pay
- with my [card](method) <!-- no cash -->
* 用[微信](method:wechat)付款
  more of the same
## synonym:card
- plastic
## lookup:method
## regex:zip
- [0-9]{5}
## intent: silent
## happy path
* pay
  - utter_thanks
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "nlu.md"
    path.write_text(text, "utf-8")
    return path


def test_examples_stand_below_their_intent(tmp_path: Path) -> None:
    rows = read_corpus(_write(tmp_path, NLU)).utterances
    assert [(row.text, row.intent, row.line) for row in rows] == [
        ("with my card", "pay", 4),
        ("用微信付款", "pay", 5),
    ]


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    found = read_corpus(_write(tmp_path, NLU)).findings
    assert {(one.problem, one.line, one.subject) for one in found} == {
        (Problem.NO_DASH, 6, "pay"),
        (Problem.SYNONYM, 7, "card"),
        (Problem.LOOKUP, 9, "method"),
        (Problem.REGEX, 10, "zip"),
        (Problem.EMPTY_INTENT, 12, "silent"),
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# Shop\n- hi\n", "no heading `## intent:name`"),
        ("## intent:\n- hi\n", "line 1: the intent is empty"),
        ("## intent:a\n", "no rows with a text"),
    ],
)
def test_a_file_without_examples_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CorpusInvalid, match=complaint):
        read_corpus(_write(tmp_path, text))
