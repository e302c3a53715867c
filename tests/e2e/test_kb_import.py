"""`kefu kb import`: the good files come in, and each of the others is one line on stderr."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import call_kefu, run_kefu
from tests.knowledge_base.made_office import docx_file, xlsx_file, zip_file
from tests.knowledge_base.made_pdf import Letters, pdf


def _good_files(folder: Path) -> Path:
    folder.mkdir()
    manual = pdf([["退货说明", "七天内可以退货。"]], letters=Letters.MAPPED)
    (folder / "手册.pdf").write_bytes(manual)
    (folder / "faq.docx").write_bytes(docx_file([("Heading 1", "Fees"), ("Normal", "Five.")]))
    book = xlsx_file({"FAQ": [["问题", "答案"], ["几点开门？", "九点。"]]})
    (folder / "book.zip").write_bytes(zip_file({"faq.xlsx": book}))
    return folder


def test_a_folder_of_every_kind_is_imported(tmp_path: Path) -> None:
    result = run_kefu("kb", "import", _good_files(tmp_path / "files"), home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "3 added, 0 changed, 0 unchanged from 3 of 3 files." in result.stdout


def test_bad_files_are_listed_and_the_others_imported(tmp_path: Path) -> None:
    folder = _good_files(tmp_path / "files")
    (folder / "locked.docx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    )
    (folder / "scan.pdf").write_bytes(pdf([[]], picture=True))
    (folder / "broken.csv").write_text("id,question,answer\na,q,\n", "utf-8")
    result = call_kefu("kb", "import", folder, "--collection", "mine", home=tmp_path)
    assert result.returncode == 1
    assert "3 added, 0 changed, 0 unchanged from 3 of 6 files." in result.stdout
    said = [line for line in result.stderr.splitlines() if line.startswith("kefu: ")]
    assert [line.removeprefix(f"kefu: {folder}/") for line in said] == [
        "broken.csv, line 2: answer is empty; nothing of it was imported",
        "locked.docx: is encrypted; save it without a password; nothing of it was imported",
        "scan.pdf: its pages are pictures without text, as a scanner makes them; run OCR on it "
        "first; nothing of it was imported",
    ]
    assert "mine" in call_kefu("kb", "list", home=tmp_path).stdout


def test_without_a_good_file_there_is_no_collection(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf([[]], picture=True))
    result = call_kefu("kb", "import", tmp_path / "scan.pdf", "--collection", "no", home=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "no " not in call_kefu("kb", "list", home=tmp_path).stdout


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "\x1b[2J[red].txt").write_bytes(b"\0")
    result = call_kefu("kb", "import", folder, home=tmp_path)
    assert result.returncode == 1
    assert "\x1b[2J" not in result.stderr
    assert "?[2J[red].txt, line 1: a NUL byte" in result.stderr


def test_the_help_names_the_formats(tmp_path: Path) -> None:
    said = call_kefu("kb", "import", "--help", home=tmp_path).stdout
    for name in ("XLSX", "PDF", "DOCX", "HTML", "ZIP", "sitemap.xml", "MaxKB", "Dify"):
        assert name in said
