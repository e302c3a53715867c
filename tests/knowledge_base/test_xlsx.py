"""Workbooks: questions, other tables, values, positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents
from tests.knowledge_base.made_office import Cell, part, with_parts, xlsx_file

SHEET = "xl/worksheets/sheet1.xml"


def _read(folder: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> list[Document]:
    path = folder / "book.xlsx"
    path.write_bytes(xlsx_file(sheets))
    return read_documents(path)


def test_a_row_becomes_a_document_with_all_its_fields(tmp_path: Path) -> None:
    header = "id question answer title url language tags variants valid_from valid_until audience"
    row: list[Cell] = [
        "a", "Where?", "Here.", "Place", "/p", "en", "x;y", "where now | and now",
        date(2026, 1, 2), "2026年12月31日", "dealers",
    ]  # fmt: skip
    assert _read(tmp_path, {"FAQ": [header.split(), row]}) == [
        Document(
            id="a",
            question="Where?",
            answer="Here.",
            title="Place",
            url="/p",
            language="en",
            tags=("x", "y"),
            variants=("where now", "and now"),
            position="FAQ › row 2",
            valid_from="2026-01-02",
            valid_until="2026-12-31",
            audience="dealers",
        )
    ]


def test_any_other_table_gives_a_document_for_each_row(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["商品", "价格", "折扣"],
        ["台灯", 99.5, None],
        [],
        ["水壶", 30, True],
    ]
    lamp, kettle = _read(tmp_path, {"价目": rows})
    assert (lamp.question, lamp.answer) == ("台灯", "商品: 台灯\n价格: 99.5")
    assert (kettle.title, kettle.position) == ("价目", "价目 › 第 4 行")
    assert kettle.answer == "商品: 水壶\n价格: 30\n折扣: TRUE"


def test_the_stored_result_stands_for_a_formula(tmp_path: Path) -> None:
    package = xlsx_file({"FAQ": [["question", "answer"], ["How much?", "=1+1"]]})
    xml = part(package, SHEET)
    assert "<f>1+1</f><v/>" in xml.replace("<v></v>", "<v/>").replace("<v />", "<v/>")
    computed = xml.replace("<v></v>", "<v>2</v>").replace("<v />", "<v>2</v>")
    path = tmp_path / "book.xlsx"
    path.write_bytes(with_parts(package, {SHEET: computed.replace("<v/>", "<v>2</v>")}))
    assert [document.answer for document in read_documents(path)] == ["2"]


def test_rows_outside_the_size_that_the_file_claims_are_read(tmp_path: Path) -> None:
    rows = [["question", "answer"], *([f"q{n}", f"a{n}"] for n in range(5))]
    package = xlsx_file({"FAQ": rows})
    xml = part(package, SHEET)
    assert '<dimension ref="A1:B6"' in xml
    path = tmp_path / "book.xlsx"
    claiming = xml.replace('<dimension ref="A1:B6"', '<dimension ref="A1:B2"')
    path.write_bytes(with_parts(package, {SHEET: claiming}))
    assert len(read_documents(path)) == 5


def test_an_id_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = [["q1", "a1"], ["q2", "a2"], ["q3", "a3"]]
    header = ["Question", "Answer"]
    there = {d.question: d.id for d in _read(tmp_path, {"FAQ": [header, *rows]})}
    back = {d.question: d.id for d in _read(tmp_path, {"FAQ": [header, *rows[::-1]]})}
    assert there == back
    assert len(set(there.values())) == 3
