"""Files that break rules or take all they can get: one clear line each, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge_base.collection import Collection
from knowledge_base.readers import read_each
from knowledge_base.readers.confined import Confinement
from tests.knowledge_base import hostile_files, hostile_office, hostile_pdf
from tests.resident import resident_bytes

SECONDS = 60.0
"""For the slowest of them on a busy machine; the product's own limit is twice as much."""
CELL_BYTES = 2**30
GROWTH_BYTES = 300 * 2**20

FILES: dict[str, Callable[[], bytes]] = {
    f"{name}{suffix}": make
    for suffix, files in (
        (".pdf", hostile_pdf.FILES),
        (".docx", hostile_office.DOCX_FILES),
        (".xlsx", hostile_office.XLSX_FILES),
        (".zip", hostile_files.ZIP_FILES),
        (".html", hostile_files.HTML_FILES),
        ("", hostile_files.TEXT_FILES),
    )
    for name, make in files.items()
}

# What other programs repair, or what is harmless: text comes out, and no more than that.
READ = {
    "a length below zero.pdf",
    "a cross-reference in a circle.pdf",
    "a cross-reference far away.pdf",
    "chapters in a circle.pdf",
    "forms in a circle.pdf",
    "one name twice.zip",
}


class _Lasting(Confinement):
    """One process for all tests, so that what one file leaves behind would meet the next one."""

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def cell() -> Iterator[Confinement]:
    lasting = _Lasting(seconds=SECONDS)
    yield lasting
    Confinement.__exit__(lasting, None, None, None)


def test_there_are_more_than_a_hundred_of_them() -> None:
    assert len(FILES) > 120


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_in_one_line_and_does_no_harm(
    tmp_path: Path, name: str, cell: Confinement
) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    before, started = resident_bytes(), time.monotonic()
    reading = read_each([path], cell=cell)
    assert time.monotonic() - started < SECONDS + 5
    assert resident_bytes() - before < GROWTH_BYTES
    assert _peak_bytes(cell) < CELL_BYTES
    assert list(tmp_path.iterdir()) == [path]
    assert not reading.documents or name in READ
    assert reading.documents or reading.refused
    for refused in reading.refused:
        assert str(refused).startswith(str(path))
        assert "\n" not in str(refused)
        assert len(str(refused).removeprefix(str(path))) < 400


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ten thousand pages.pdf", "10,000 pages"),
        ("a password.pdf", "is encrypted; save it without a password"),
        ("an old password.pdf", "is encrypted"),
        ("scanned.pdf", "run OCR on it first"),
        ("scanned but for a stamp.pdf", "as a scanner makes them; run OCR"),
        ("glyphs without letters.pdf", "fonts do not say which characters"),
        ("a file of the machine as entity.docx", "declares a document type"),
        ("an entity in UTF-16.docx", "declares a document type"),
        ("a billion laughs.xlsx", "declares a document type"),
        ("macros.docx", "holds macros"),
        ("a password.xlsx", "is encrypted"),
        ("a PDF file.docx", "is a PDF, not what its name says"),
        ("a formula without a result.xlsx", "cell B2 of sheet 'FAQ' is a formula"),
        ("a row too many.xlsx", "more than 50,000 rows"),
        ("a cell far away.xlsx", "200 columns"),
        ("a bomb.zip", "a.txt: grows more than 200 times"),
        ("archives in archives.zip", "a.zip: is an archive inside an archive"),
        ("a way out.zip", "leads out of the archive"),
        ("a link.zip", "passwords.txt: is a link"),
        ("macros inside.zip", "a.xlsm: .xlsm files are not read; it may hold macros"),
        ("boxes in boxes.html", "more elements than a page needs"),
        ("nul.txt", "line 1: a NUL byte"),
    ],
)
def test_the_line_says_what_is_wrong(
    tmp_path: Path, name: str, reason: str, cell: Confinement
) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    refused = read_each([path], cell=cell).refused
    assert reason in str(refused[0])


def test_hostile_files_do_not_stop_the_good_ones(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    chosen = [name for number, name in enumerate(FILES) if number % 8 == 0 and name not in READ]
    for name in chosen:
        (folder / name).write_bytes(FILES[name]())
    (folder / "good.pdf").write_bytes(hostile_pdf.GOOD)
    (folder / "good.docx").write_bytes(hostile_office.DOCX)
    (folder / "good.txt").write_text("Words.", "utf-8")
    report = Collection(tmp_path / "shop").import_readable([folder])
    assert report.files == 3
    assert len(report.refused) >= len(chosen)
    assert {document.id for document in Collection(tmp_path / "shop").documents()} == {
        "good.docx-returns",
        "good.pdf-page-1",
        "good.pdf-page-2",
        "good.txt",
    }


def _peak_bytes(cell: Confinement) -> int:
    process = cell.process_id
    if process is None:
        return 0
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    [peak] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(peak.split()[1])
