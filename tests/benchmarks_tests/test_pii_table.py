from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from chatbot.pii_file import MarkedText
from privacy.entities import Span
from tests.benchmarks.pii import Contest, Rival, contests, table
from training.evaluation.pii import evaluate_pii
from training.evaluation.pii_scheme import Scheme

ROWS = (
    MarkedText(
        "1", "我叫王小明，微信abc_123", (Span(2, 5, "PERSON"), Span(8, 15, "SOCIAL_ACCOUNT"))
    ),
    MarkedText("2", "订单什么时候到"),
)
CONTEST = Contest("turns", ROWS, Scheme(), False, ("zh",))


def _rival(name: str, found: Sequence[Span], types: frozenset[str] | None = None) -> Rival:
    report = evaluate_pii(ROWS, lambda text: found if text == ROWS[0].text else [])
    common = evaluate_pii(ROWS, lambda _: found, types=["PERSON"])
    return Rival(name, report, common, 1234.5, types)


def _printed(*rivals: Rival) -> dict[str, list[str]]:
    page = io.StringIO()
    Console(width=80, file=page).print(table(CONTEST, rivals))
    lines = [line.strip("│").split("│") for line in page.getvalue().splitlines()]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_each_rival_has_its_recall_and_f2_beside_the_other() -> None:
    rows = _printed(_rival("Kefu", ROWS[0].spans), _rival("Presidio", []))
    assert rows["PERSON"] == ["1", "1.000 1.000", "0.000 0.000"]
    assert rows["all types"] == ["2", "1.000 1.000", "0.000 0.000"]
    assert rows["lines a second"] == ["", "1,234", "1,234"]


def test_a_type_that_a_rival_does_not_look_for_has_a_dash_and_not_a_nought() -> None:
    peer = _rival("Presidio", [Span(2, 5, "PERSON")], frozenset({"PERSON"}))
    rows = _printed(_rival("Kefu", []), peer)
    assert rows["SOCIAL_ACCOUNT"] == ["1", "0.000 0.000", "–"]
    assert rows["Presidio's types"][-1].startswith("1.000")


def test_without_a_folder_of_benchmarks_our_turns_run_alone() -> None:
    (ours,) = contests(None)
    assert not ours.every_url
    assert set(ours.languages) == {"en", "zh"}


def test_a_folder_of_benchmarks_adds_presidio_s_own_sentences_under_our_types(
    tmp_path: Path,
) -> None:
    spans = [{"start": 0, "end": 13, "type": "STREET_ADDRESS"}]
    row = {"id": "1", "text": "5 High Street", "spans": spans}
    (tmp_path / "pii").mkdir()
    path = tmp_path / "pii" / "presidio_research_en.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    theirs = contests(tmp_path)[1]
    assert theirs.every_url
    assert [span.type for span in theirs.rows[0].spans] == ["ADDRESS"]
