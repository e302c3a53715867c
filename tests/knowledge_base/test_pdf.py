"""PDF: pages, chapters, running lines, joined lines, metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents
from tests.knowledge_base.hostile_pdf import encrypted
from tests.knowledge_base.made_pdf import Letters, pdf


def _read(folder: Path, data: bytes) -> list[Document]:
    path = folder / "manual.pdf"
    path.write_bytes(data)
    return read_documents(path)


def test_a_page_is_a_document_that_knows_where_it_stands(tmp_path: Path) -> None:
    data = pdf(
        [["Returns take a week."], [], ["Refunds take five days."]],
        title="Manual",
        keywords="refund, return",
        outline=[("Returns", 1), ("Refunds", 3)],
    )
    assert _read(tmp_path, data) == [
        Document(
            id=f"manual.pdf-page-{page}",
            question=chapter,
            answer=answer,
            title="Manual",
            language="en",
            tags=("refund", "return"),
            position=f"page {page} › {chapter}",
        )
        for page, chapter, answer in (
            (1, "Returns", "Returns take a week."),
            (3, "Refunds", "Refunds take five days."),
        )
    ]


@pytest.mark.parametrize("letters", [Letters.MAPPED, Letters.UNICODE, Letters.GBK])
def test_chinese_is_read_from_every_kind_of_font(tmp_path: Path, letters: Letters) -> None:
    lines = ["退货说明", "签收后七天内可以退货，商品须保持完", "好，运费由买家承担。"]
    [document] = _read(tmp_path, pdf([lines], letters=letters, title="售后"))
    assert document.answer == "退货说明\n签收后七天内可以退货，商品须保持完好，运费由买家承担。"
    assert (document.language, document.position) == ("zh", "第 1 页 › 退货说明")


def test_radicals_that_a_browser_prints_become_the_characters_people_type(tmp_path: Path) -> None:
    lines = ["售后⼿册", "退货请在⻚⾯上点击，⼗天内有⻋送⻬：① ﬁt"]
    [document] = _read(tmp_path, pdf([lines], letters=Letters.MAPPED))
    assert document.answer == "售后手册\n退货请在页面上点击，十天内有车送齐：① fit"


def test_lines_of_a_paragraph_are_joined_and_items_stay_apart(tmp_path: Path) -> None:
    lines = [
        "A parcel that nobody takes in is brought to the next post of-",
        "fice, where it waits for a week before it is sent back to us.",
        "1. Bring the card that the courier left in your letter box or",
        "2. Bring an identity document.",
    ]
    [document] = _read(tmp_path, pdf([lines]))
    assert document.answer.split("\n") == [
        "A parcel that nobody takes in is brought to the next post office, where it waits "
        "for a week before it is sent back to us.",
        "1. Bring the card that the courier left in your letter box or",
        "2. Bring an identity document.",
    ]


def test_lines_that_head_or_end_most_pages_are_dropped(tmp_path: Path) -> None:
    pages = [["Kefu Ltd", f"Fact {letter}.", f"Page {n} of 5"] for n, letter in enumerate("abcde")]
    documents = _read(tmp_path, pdf(pages))
    assert [document.answer for document in documents] == [f"Fact {c}." for c in "abcde"]


def test_a_file_that_only_forbids_changes_is_read(tmp_path: Path) -> None:
    assert len(_read(tmp_path, encrypted("", "AES-256"))) == 2
