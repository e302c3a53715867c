"""Web pages: main text, sections, questions, metadata, encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from knowledge_base.passages import Document
from knowledge_base.readers import read_documents
from knowledge_base.readers.html_blocks import PageText, size_of
from knowledge_base.readers.sections import Outline


def _read(folder: Path, page: str | bytes) -> list[Document]:
    path = folder / "page.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return read_documents(path)


def _answers(documents: list[Document]) -> dict[str, str]:
    return {document.question: document.answer for document in documents}


@pytest.mark.parametrize(
    "around",
    [
        "<nav>AROUND</nav>",
        "<header>AROUND</header>",
        "<footer>AROUND</footer>",
        "<aside>AROUND</aside>",
        "<form><label>AROUND</label></form>",
        '<div role="navigation">AROUND</div>',
        '<div class="cookie-banner open">AROUND</div>',
        '<div id="onetrust-banner-sdk">AROUND</div>',
        '<ol class="breadcrumb"><li>AROUND</li></ol>',
        "<script>AROUND</script><style>AROUND</style><noscript>AROUND</noscript>",
        "<!-- AROUND -->",
    ],
)
def test_what_surrounds_the_text_is_left_out(tmp_path: Path, around: str) -> None:
    [document] = _read(tmp_path, f"<body>{around}<p>Words.</p>{around}</body>")
    assert document.answer == "Words."


def test_an_article_about_cookies_and_its_own_header_stay(tmp_path: Path) -> None:
    page = (
        '<article class="cookies"><header><h1>Cookies</h1></header>'
        '<p class="cookie-recipe">Bake.</p></article>'
    )
    assert _answers(_read(tmp_path, page)) == {"Cookies": "Bake."}


def test_headings_make_sections_whose_address_leads_to_them(tmp_path: Path) -> None:
    page = (
        "<html lang=en><head><title>Help</title>"
        "<meta name=keywords content='return, refund'><meta name=valid-until content=2027-01-31>"
        "<meta name=audience content=dealers>"
        "<link rel=canonical href='https://shop.example/help'></head><body>"
        "<h1>Help</h1><p>Welcome.</p><h2 id=returns>Returns</h2><p>Within\n15 days.</p>"
        "<h3>Damage</h3><p>Send a picture.</p></body></html>"
    )
    welcome, returns, damage = _read(tmp_path, page)
    assert returns == Document(
        id="page.html-returns",
        question="Returns",
        answer="Within 15 days.",
        title="Help",
        url="https://shop.example/help#returns",
        language="en",
        tags=("return", "refund"),
        position="Help › Returns",
        valid_until="2027-01-31",
        audience="dealers",
    )
    assert (welcome.question, welcome.url) == ("Help", "https://shop.example/help")
    assert (damage.title, damage.position) == ("Help › Returns", "Help › Returns › Damage")


def test_the_mark_behind_a_heading_of_a_generated_manual_is_dropped(tmp_path: Path) -> None:
    page = "<h2>C# ¶</h2><p>Words.</p>"
    assert _answers(_read(tmp_path, page)) == {"C#": "Words."}


def test_lists_and_tables_stay_readable(tmp_path: Path) -> None:
    page = (
        "<main><ul><li>one<li>two</ul><ol><li>first<li>second</ol>"
        "<table><tr><th>地区<th>运费</tr><tr><td>北京<td>8元</tr></table></main>"
    )
    [document] = _read(tmp_path, page)
    assert document.answer.split("\n") == [
        "- one", "- two", "", "1. first", "2. second", "", "地区 | 运费", "北京 | 8元",
    ]  # fmt: skip


def test_a_table_that_only_lays_the_page_out_is_read_as_text(tmp_path: Path) -> None:
    page = (
        "<table><tr><td><h2>Fees</h2><p>Five.</p></td><td><h2>Hours</h2><p>Nine.</p></td></table>"
    )
    assert _answers(_read(tmp_path, page)) == {"Fees": "Five.", "Hours": "Nine."}


def test_questions_in_details_lists_and_structured_data_are_documents(tmp_path: Path) -> None:
    page = """<main><h1>FAQ</h1>
        <script type="application/ld+json">{"@graph": [{"@type": "FAQPage", "mainEntity": [
          {"@type": "Question", "name": "Do you ship?",
           "acceptedAnswer": {"@type": "Answer", "text": "<p>Yes, <b>daily</b>.</p>"}}]}]}</script>
        <details><summary>Do you ship?</summary>Yes, daily.</details>
        <details><summary>Can I swap?</summary><p>You can.</p></details>
        <dl><dt>多久到账？</dt><dd>五天。</dd></dl>
        <dl><dt>Weight</dt><dd>2 kg</dd></dl></main>"""
    assert _answers(_read(tmp_path, page)) == {
        "Do you ship?": "Yes, daily.",
        "Can I swap?": "You can.",
        "多久到账？": "五天。",
        "FAQ": "Weight: 2 kg",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb2312", "gb18030", "utf-16", "big5"])
def test_a_page_is_read_in_the_encoding_that_it_names(tmp_path: Path, encoding: str) -> None:
    page = f'<meta charset="{encoding}"><p>三天送到。</p>'
    [document] = _read(tmp_path, page.encode(encoding))
    assert document.answer == "三天送到。"


def test_a_line_break_between_han_characters_is_no_space(tmp_path: Path) -> None:
    [document] = _read(tmp_path, "<p>三天\n  送达，\n周末除外 OK\nthen</p>")
    assert document.answer == "三天送达，周末除外 OK then"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://x y", "data:text/html,x"])
def test_an_address_that_nobody_should_click_is_dropped(tmp_path: Path, address: str) -> None:
    page = f'<link rel=canonical href="{address}"><p>Words.</p>'
    assert _read(tmp_path, page)[0].url == ""


@settings(deadline=None)
@given(markup=st.text("<>/ab h1dtlip=\"'&;\n", max_size=200))
def test_no_markup_breaks_the_reader(markup: str) -> None:
    page = LexborHTMLParser(markup)
    assert page.body is not None
    elements, depth = size_of(page.body)
    assert 0 <= depth < elements
    outline = Outline()
    text = PageText(outline, asked=set())
    text.take(page.body)
    text.end()
    assert all(section.text.strip() for section in outline.finish())
