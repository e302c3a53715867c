from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers import read_documents


def _read(folder: Path, text: str) -> list[Document]:
    path = folder / "help.md"
    path.write_text(text, "utf-8")
    return read_documents(path)


def test_each_section_answers_its_heading(tmp_path: Path) -> None:
    text = (
        "# Shop help\n\n## How long?\nThree days.\n\n### Express\nOne day.\n\n"
        "## 怎么退货？\n七天内。\n"
    )
    first, second = _read(tmp_path, text)
    assert (first.id, first.question, first.title) == ("help-how-long", "How long?", "Shop help")
    assert first.answer == "Three days.\n\nExpress\n\nOne day."
    assert (second.id, second.answer, second.language) == ("help-怎么退货", "七天内。", "zh")


def test_front_matter_speaks_for_all_sections(tmp_path: Path) -> None:
    text = (
        "---\nid: returns\ntitle: 'Returns'\nurl: /r\nlanguage: en\ntags: [a, b]\nauthor: me\n---\n"
        "## Why?\nBecause.\n"
    )
    [document] = _read(tmp_path, text)
    assert document == Document(
        id="returns-why",
        question="Why?",
        answer="Because.",
        title="Returns",
        url="/r",
        language="en",
        tags=("a", "b"),
    )


def test_text_before_the_first_section_is_asked_by_the_title(tmp_path: Path) -> None:
    intro, section = _read(tmp_path, "# Opening hours\nNine to five.\n\n## On Sundays?\nClosed.\n")
    assert (intro.id, intro.question, intro.answer) == ("help", "Opening hours", "Nine to five.")
    assert section.id == "help-on-sundays"


def test_a_file_without_sections_is_one_document(tmp_path: Path) -> None:
    [document] = _read(tmp_path, "We are open from nine to five.\n")
    assert (document.id, document.question) == ("help", "help")


def test_a_second_chapter_does_not_run_into_the_section_before(tmp_path: Path) -> None:
    text = "# One\n## A\na\n# Two\n## B\nb\n# Three\nc\n"
    documents = _read(tmp_path, text)
    assert [(d.question, d.answer) for d in documents] == [("A", "a"), ("B", "b"), ("Three", "c")]


def test_answers_are_plain_text(tmp_path: Path) -> None:
    text = (
        "## Q\nSee **the** *guide*\nat [our site](https://x.example/g) or <https://y.example>.\n"
        "中文\n换行。\n\n3. third\n4. fourth\n   - inner\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n## code\n```\n<!-- hidden -->\n"
    )
    [document] = _read(tmp_path, text)
    assert document.answer == (
        "See the guide at our site (https://x.example/g) or https://y.example. 中文换行。\n\n"
        "3. third\n4. fourth\n  - inner\n\na | b\n1 | 2\n\n## code"
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("---\ntitle: x\n## Q\na\n", 1, "never closed"),
        ("---\ntitle\n---\n## Q\na\n", 2, "name: value"),
        ("---\ntitle: x\n---\n\n## Q\na\n\n## Empty\n", 8, "answer is empty"),
        ("## Q\na\n\n## Q\nb\n", 4, "taken by"),
        ("---\nlanguage: fr\n---\n## Q\na\n", 4, "'fr' is neither"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        _read(tmp_path, text)
    assert caught.value.line == line
    assert reason in str(caught.value)
