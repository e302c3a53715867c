"""A file of texts without its personal data, in three styles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.errors import FileInvalid
from chatbot.redact_file import Style, redact_file
from privacy.redaction import detect

ROWS: list[dict[str, object]] = [
    {"id": "1", "text": "我叫张伟，电话13800138000，再说一遍13800138000", "label": "phone", "n": 1},
    {"id": "2", "text": "where is my order?", "meta": {"a": [1, None]}},
    {"id": "3", "text": "card 4111 1111 1111 1111 😀", "turns": ["mail a.b@example.com", "ok"]},
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    path.write_text("\n\n".join(lines), encoding="utf-8")
    return path


def _read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_rows_come_out_in_order_with_every_other_field(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "out.jsonl"
    done = redact_file(source, target)
    rows = _read(target)
    assert (done.rows, done.found) == (3, 4)
    assert rows[0]["text"] == "我叫<PERSON_1>，电话<PHONE_NUMBER_1>，再说一遍<PHONE_NUMBER_1>"
    assert rows[2]["text"] == "card <BANK_CARD_1> 😀"
    assert [{**row, "text": 0} for row in rows] == [{**row, "text": 0} for row in ROWS]
    assert target.stat().st_mode & 0o077 == 0


def test_masks_show_what_an_agent_may_see(source: Path, tmp_path: Path) -> None:
    redact_file(source, tmp_path / "out.jsonl", style=Style.MASK)
    first, _, third = _read(tmp_path / "out.jsonl")
    assert first["text"] == "我叫张*，电话138****8000，再说一遍138****8000"
    assert third["text"] == "card ************1111 😀"


def test_surrogates_are_the_same_in_every_file_and_of_the_same_types(
    source: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        redact_file(source, tmp_path / name, style=Style.SURROGATE, secret=bytes(32))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    for row, old in zip(_read(tmp_path / "a"), ROWS, strict=True):
        text = str(row["text"])
        assert [span.type for span in detect(text)] == [
            span.type for span in detect(str(old["text"]))
        ]
        assert "13800138000" not in text


def test_lists_of_texts_are_replaced_by_name(source: Path, tmp_path: Path) -> None:
    source.write_text(json.dumps(ROWS[2]), encoding="utf-8")
    redact_file(source, tmp_path / "out.jsonl", fields=("turns",))
    assert _read(tmp_path / "out.jsonl") == [{**ROWS[2], "turns": ["mail <EMAIL_ADDRESS_1>", "ok"]}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not a JSON object"),
        ("[1]", "line 2: not a JSON object"),
        ('{"id": 1}', 'line 2: there is no field "text"'),
        ('{"text": 5}', 'line 2: the field "text" is neither'),
    ],
)
def test_a_broken_line_is_named_and_no_half_file_is_left(
    tmp_path: Path, line: str, said: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "ok"}\n' + line, encoding="utf-8")
    with pytest.raises(FileInvalid, match=said):
        redact_file(source, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


def test_a_file_may_be_redacted_in_its_place(source: Path) -> None:
    redact_file(source, source)
    assert "13800138000" not in source.read_text("utf-8")
