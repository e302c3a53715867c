"""ZIP archives, folders, saved sites, and exports of other programs."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from knowledge_base.readers import read_documents, read_each
from tests.knowledge_base.made_office import xlsx_file, zip_file

SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
)
PAGE = b"<h2 id=fees>Fees</h2><p>Five dollars.</p>"


def _sitemap(*addresses: str) -> bytes:
    entries = "".join(f"<url><loc> {address} </loc></url>" for address in addresses)
    return SITEMAP.format(entries).encode()


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_files_in_an_archive_are_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "help.zip"
    path.write_bytes(zip_file({"a/fees.html": PAGE, "a/": b"", "b/logo.png": b"\x89PNG"}))
    [document] = read_documents(path)
    assert document.id == "help.a.fees.html-fees"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_names_without_the_mark_of_their_encoding_are_read(
    tmp_path: Path, encoding: str
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("XXXXXX.txt", "七天内可以退货。")
    written = "退货".encode(encoding).ljust(6, b"x")
    path = tmp_path / "a.zip"
    path.write_bytes(stream.getvalue().replace(b"XXXXXX", written))
    [document] = read_documents(path)
    assert document.id.startswith("a.退货")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("index.html", "https://shop.example/"),
        ("help/fees.html", "https://shop.example/help/fees"),
        ("help/fees.html", "https://shop.example/help/fees.html?page=1"),
        ("help/fees/index.html", "https://shop.example/help/fees/"),
        ("shop.example/help/fees.htm", "http://shop.example/help/fees"),
        ("帮助/运费.html", "https://shop.example/%E5%B8%AE%E5%8A%A9/%E8%BF%90%E8%B4%B9"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_pages_of_a_saved_site_keep_their_addresses(
    tmp_path: Path, name: str, address: str, zipped: bool
) -> None:
    files = {"sitemap.xml": _sitemap(address, "javascript:alert(1)"), name: PAGE}
    path = tmp_path / "site"
    if zipped:
        path = tmp_path / "site.zip"
        path.write_bytes(zip_file(files))
    else:
        _write(path, files)
    [document] = read_documents(path)
    assert document.url == f"{address}#fees"


def test_a_hostile_sitemap_costs_the_addresses_and_not_the_pages(tmp_path: Path) -> None:
    entity = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
    reading = read_each([_write(tmp_path / "site", {"sitemap.xml": entity, "fees.html": PAGE})])
    assert [document.url for document in reading.documents] == [""]
    [refused] = reading.refused
    assert "sitemap.xml: declares a document type" in str(refused)


def test_links_out_of_a_folder_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Secret.", "utf-8")
    folder = _write(tmp_path / "files", {"good.txt": b"Words.", "old.doc": b"x"})
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    os.mkfifo(folder / "pipe.txt")
    reading = read_each([folder])
    assert [document.answer for document in reading.documents] == ["Words."]
    assert [str(error).removeprefix(f"{folder}/") for error in reading.refused] == [
        f"cannot read {folder / 'gone.txt'}: No such file or directory",
        "link.txt: is a link that leads out of the folder; copy the file; "
        "nothing of it was imported",
        "old.doc: .doc files are not read; save it as .docx; nothing of it was imported",
        f"cannot read {folder / 'pipe.txt'}: it is not a file",
    ]


def test_of_two_files_with_one_id_the_second_is_refused_whole(tmp_path: Path) -> None:
    one = b"id,question,answer\na,q,1\n"
    two = b"id,question,answer\nb,q,2\na,q,2\n"
    reading = read_each([_write(tmp_path / "files", {"1.csv": one, "2.csv": two})])
    assert [document.answer for document in reading.documents] == ["1"]
    assert "2.csv, line 3: id 'a' is taken by" in str(reading.refused[0])


def test_the_watcher_sees_every_file(tmp_path: Path) -> None:
    folder = _write(tmp_path / "files", {"a.txt": b"A.", "b.zip": zip_file({"c.txt": "C."})})
    seen: list[tuple[str, int, int]] = []
    read_each([folder], watch=lambda *step: seen.append(step))
    assert seen == [("a.txt", 0, 2), ("b.zip", 1, 2), ("c.txt", 1, 2), ("", 2, 2)]


def test_an_export_of_maxkb_gives_every_question_of_a_segment(tmp_path: Path) -> None:
    rows = [
        ["分段标题（选填）", "分段内容（必填，问题答案）", "问题（选填，单元格内一行一个）"],
        ["退货", "七天内可以退货。", "怎么退货？\n能退吗？"],
        ["运费", "自付。", ""],
    ]
    path = tmp_path / "export.zip"
    path.write_bytes(zip_file({"知识库.xlsx": xlsx_file({"售后": rows}), "image/1.png": b"\x89"}))
    goods, fees = read_documents(path)
    assert (goods.question, goods.variants) == ("怎么退货？", ("能退吗？",))
    assert (goods.answer, goods.title) == ("七天内可以退货。", "退货")
    assert (fees.question, fees.answer) == ("运费", "自付。")


@pytest.mark.parametrize("header", ["Question,Answer", "问题,答案"])
def test_an_export_of_dify_needs_no_ids(tmp_path: Path, header: str) -> None:
    path = tmp_path / "annotations.csv"
    path.write_text(f"{header}\nOpen?,At nine.\nWhere?,Here.\n", "utf-8")
    documents = read_documents(path)
    assert [(d.question, d.answer) for d in documents] == [
        ("Open?", "At nine."),
        ("Where?", "Here."),
    ]
    assert len({document.id for document in documents}) == 2


def test_an_export_of_dify_as_json_lines_is_read(tmp_path: Path) -> None:
    said = [("system", "Be kind."), ("user", "Open?"), ("assistant", "At nine.")]
    row = {"messages": [{"role": role, "content": text} for role, text in said]}
    path = tmp_path / "annotations.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    [document] = read_documents(path)
    assert (document.question, document.answer) == ("Open?", "At nine.")
