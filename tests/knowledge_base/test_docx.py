"""Word documents: headings, tables, lists, tracked changes."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents
from tests.knowledge_base.made_office import Block, docx_file, part, with_parts


def _read(folder: Path, data: bytes) -> list[Document]:
    path = folder / "handbook.docx"
    path.write_bytes(data)
    return read_documents(path)


def test_headings_make_sections_under_the_title(tmp_path: Path) -> None:
    blocks: list[Block] = [
        ("Title", "售后手册"),
        ("Heading 1", "退货"),
        ("Normal", "七天内可以退货。"),
        ("Heading 2", "例外"),
        ("Normal", "定制商品不退。"),
    ]
    first, second = _read(tmp_path, docx_file(blocks, keywords="return"))
    assert first == Document(
        id="handbook.docx-退货",
        question="退货",
        answer="七天内可以退货。",
        title="售后手册",
        language="zh",
        tags=("return",),
        position="退货",
    )
    assert (second.title, second.position) == ("售后手册 › 退货", "退货 › 例外")


def test_a_table_becomes_rows_of_text_in_its_place(tmp_path: Path) -> None:
    blocks: list[Block] = [
        ("Heading 1", "运费"),
        ("Normal", "按地区："),
        [["地区", "运费"], ["北京", "8元"], ["西藏", "20元"]],
        ("Normal", "满99元免运费。"),
    ]
    [document] = _read(tmp_path, docx_file(blocks))
    assert document.answer == "按地区：\n\n地区 | 运费\n北京 | 8元\n西藏 | 20元\n\n满99元免运费。"


def test_a_table_of_questions_and_answers_becomes_documents(tmp_path: Path) -> None:
    table = [["问题", "答案"], ["几点开门？", "九点。"], ["几点关门？", "六点。"]]
    documents = _read(tmp_path, docx_file([("Title", "门店"), table]))
    assert [(d.question, d.answer, d.title) for d in documents] == [
        ("几点开门？", "九点。", "门店"),
        ("几点关门？", "六点。", "门店"),
    ]


def test_lists_keep_their_marks(tmp_path: Path) -> None:
    [document] = _read(tmp_path, docx_file([("List Bullet", "unused"), ("List Bullet", "whole")]))
    assert document.answer == "- unused\n\n- whole"


def test_what_was_inserted_counts_and_what_was_deleted_does_not(tmp_path: Path) -> None:
    package = docx_file([("Normal", "Returns take 7 days.")])
    changed = part(package, "word/document.xml").replace(
        "<w:t>Returns take 7 days.</w:t></w:r>",
        "<w:t>Returns take </w:t></w:r>"
        '<w:del w:id="1" w:author="x"><w:r><w:delText>7</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="x"><w:r><w:t>15</w:t></w:r></w:ins>'
        "<w:r><w:t> days.</w:t></w:r>",
    )
    [document] = _read(tmp_path, with_parts(package, {"word/document.xml": changed}))
    assert document.answer == "Returns take 15 days."


def test_text_inside_a_content_control_is_read(tmp_path: Path) -> None:
    package = docx_file([("Normal", "Inside.")])
    xml = part(package, "word/document.xml")
    start, end = xml.index("<w:p>"), xml.index("</w:p>") + len("</w:p>")
    wrapped = f"<w:sdt><w:sdtContent>{xml[start:end]}</w:sdtContent></w:sdt>"
    changed = xml[:start] + wrapped + xml[end:]
    [document] = _read(tmp_path, with_parts(package, {"word/document.xml": changed}))
    assert document.answer == "Inside."


def test_an_id_survives_other_text_under_the_same_heading(tmp_path: Path) -> None:
    old, new = (
        _read(tmp_path, docx_file([("Heading 1", "Fees"), ("Normal", text)]))
        for text in ("Five dollars.", "Six dollars.")
    )
    assert [document.id for document in old] == [document.id for document in new]
    assert old != new
