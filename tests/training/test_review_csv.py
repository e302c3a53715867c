from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.errors import ReviewInvalid
from training.review import MemoryReviewQueue, ReviewItem, ReviewState
from training.review_csv import COLUMNS, apply_review, export_review, read_review
from training.review_file import FileReviewQueue

NOW = datetime(2026, 3, 4, tzinfo=UTC)
HEADER = ",".join(COLUMNS)
KNOWN = ("invoice", "parcel")


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "review.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def test_an_export_waits_for_its_labels(tmp_path: Path) -> None:
    items = [ReviewItem("t1", "发票，开错了", "zh", "thumbs_down", "invoice")]
    path = tmp_path / "out.csv"
    assert export_review(path, items) == 1
    content = path.read_text(encoding="utf-8-sig")
    assert content == f"{HEADER}\n发票，开错了,,zh,t1,thumbs_down,invoice\n"
    assert read_review(path, known=KNOWN) == ()


def test_a_filled_file_decides_the_queue(tmp_path: Path) -> None:
    queue = MemoryReviewQueue(
        [
            ReviewItem("t1", "where is it", "en", "thumbs_down"),
            ReviewItem("t2", "hm", "en", "low_confidence"),
            ReviewItem("t3", "later", "en", "low_confidence"),
        ]
    )
    path = _file(
        tmp_path,
        "where is it,parcel,en,t1,thumbs_down,",
        "hm,-,en,t2,low_confidence,parcel",
        "later,,en,t3,low_confidence,parcel",
    )
    count = apply_review(queue, read_review(path, known=KNOWN), reviewer="anna", at=NOW)
    assert (count.approved, count.rejected) == (1, 1)
    assert [(i.id, i.state, i.label) for i in queue.list()] == [
        ("t1", ReviewState.APPROVED, "parcel"),
        ("t2", ReviewState.REJECTED, None),
        ("t3", ReviewState.PENDING, None),
    ]


def test_the_queue_keeps_its_own_text_for_an_item_it_knows(tmp_path: Path) -> None:
    queue = MemoryReviewQueue([ReviewItem("t1", "where is it", "en", "thumbs_down")])
    path = _file(tmp_path, "something else,parcel,en,t1,thumbs_down,")
    apply_review(queue, read_review(path, known=KNOWN), reviewer="anna", at=NOW)
    assert queue.list()[0].text == "where is it"


def test_an_example_written_by_hand_needs_no_id_and_is_one_however_often_it_comes(
    tmp_path: Path,
) -> None:
    queue = MemoryReviewQueue()
    for text in ("我的快递呢", "我的快递呢？"):
        rows = read_review(_file(tmp_path, f"{text},parcel,,,,"), known=KNOWN)
        apply_review(queue, rows, reviewer="anna", at=NOW)
    (item,) = queue.list()
    assert (item.language, item.reason, item.label) == ("zh", "by_hand", "parcel")


def test_new_intents_are_taken_when_they_are_meant(tmp_path: Path) -> None:
    path = _file(tmp_path, "gift cards?,gift_card,en,t1,,", "moon,out_of_scope,en,t2,,")
    with pytest.raises(ReviewInvalid, match=r"line 2: the intent 'gift_card'.*--new-intents"):
        read_review(path, known=KNOWN)
    assert [row.label for row in read_review(path, known=KNOWN, new_intents=True)] == [
        "gift_card",
        "out_of_scope",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,parcel,en,t1,r", "line 3: 5 fields where the header names 6"),
        (",parcel,en,t1,r,", "line 3: the text is empty"),
        ("a,parcel,fr,t1,r,", "line 3: the language 'fr' is neither en nor zh"),
        ("call 13812345678,parcel,en,t1,r,", r"line 3: .*personal data \(PHONE_NUMBER\)"),
        ("hello,parcel,en,t0,r,", "line 3: the id or text of line 2 comes again"),
        (f"a,{'x' * 65},en,t1,r,", "line 3: an intent is one name of at most 64"),
    ],
)
def test_a_wrong_row_is_told_with_its_line_and_without_its_text(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = _file(tmp_path, "fine,parcel,en,t0,r,", line)
    with pytest.raises(ReviewInvalid, match=reason) as raised:
        read_review(path, known=KNOWN, new_intents=True)
    assert "13812345678" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"text,intent\na,b\n", "line 1: the header must be text,intent,language,id"),
        (b"", "line 1: the header must be"),
        (b"\xff\xfe", "it is not UTF-8"),
        (HEADER.encode() + b'\n"a"b,c\n', "line 2: this is not CSV"),
    ],
)
def test_a_file_that_is_no_review_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(content)
    with pytest.raises(ReviewInvalid, match=reason):
        read_review(path, known=KNOWN)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReviewInvalid, match=r"no\.csv: there is no such file\."):
        read_review(tmp_path / "no.csv", known=KNOWN)


def test_no_cell_is_a_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    export_review(path, [ReviewItem("t1", '=HYPERLINK("http://x")', "en", "thumbs_down")])
    assert path.read_text(encoding="utf-8-sig").splitlines()[1].startswith("\"'=HYPERLINK")


@given(text=st.text("'=+-@ ab快，\"\n", min_size=1).map(str.strip).filter(bool))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_exported_text_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "trip.csv"
    item = ReviewItem("t1", text, "en", "thumbs_down", label="parcel")
    export_review(path, [item])
    (row,) = read_review(path, known=KNOWN)
    assert row.item.text == text


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[1]", '[{"id": "x"}]'])
def test_a_damaged_queue_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "review.json"
    path.write_text(content)
    with pytest.raises(ReviewInvalid, match=r"review\.json: it is no review queue"):
        FileReviewQueue(path).list()
