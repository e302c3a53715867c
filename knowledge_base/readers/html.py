"""Web pages: their main text under its headings, and the questions that they answer.

Navigation, page headers and footers, sidebars, forms and cookie banners are left out. Questions
are found in schema.org FAQPage data, in `details`, and in `dl` lists whose terms ask.
Weakness: what a page shows only after a script ran is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge_base.passages import Document
from knowledge_base.readers.html_blocks import PageText, shown, size_of
from knowledge_base.readers.limits import DEPTH, ELEMENTS, PAGE_BYTES
from knowledge_base.readers.sections import About, Outline, documents_of
from knowledge_base.readers.source import Source
from knowledge_base.readers.structured_data import faq_pages
from knowledge_base.readers.text import read_prose

_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})")
_CHARSET_WITHIN = 4096
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_CLOSE_BY_THEMSELVES = set(
    "area base br col embed hr img input link meta param source track wbr "
    "p li dt dd tr td th thead tbody tfoot option optgroup colgroup rp rt body html head".split()
)
_OPEN_PER_DEPTH = 10
"""Scripts and comments hold tags too, not all of them closed."""


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of 0 and document."""
    page = _parsed(source)
    outline = Outline()
    about = _about(page)
    scripts = page.css('script[type="application/ld+json"]')
    asked = faq_pages(script.text() for script in scripts)
    for question, answer in asked:
        outline.ask(question, _text_of(answer))
    text = PageText(outline, asked={question for question, _ in asked})
    for part in _main(page):
        text.take(part)
    text.end()
    yield from documents_of(source, about, outline.finish())


def _parsed(source: Source) -> LexborHTMLParser:
    too_many = (
        f"has more elements than a page needs, {DEPTH} inside each other or {ELEMENTS:,} in all; "
        "simplify it"
    )
    if len(source.data) > PAGE_BYTES:
        raise source.refusal(f"is larger than {PAGE_BYTES // 2**20} MiB; split it")
    markup = read_prose(source, declared=_charset(source.data))
    elements, depth = _estimate(markup)
    if elements > ELEMENTS or depth > _OPEN_PER_DEPTH * DEPTH:
        raise source.refusal(too_many)
    page = LexborHTMLParser(markup)
    elements, depth = size_of(page.root) if page.root is not None else (0, 0)
    if depth > DEPTH or elements > ELEMENTS:
        raise source.refusal(too_many)
    return page


def _estimate(markup: str) -> tuple[int, int]:
    """Elements, and about how deep their tree is; the parser takes the square of that in time."""
    elements = depth = deepest = 0
    for tag in _TAG.finditer(markup):
        elements += not tag[1]
        if tag[2].lower() not in _CLOSE_BY_THEMSELVES:
            depth = max(0, depth + (-1 if tag[1] else 1))
            deepest = max(deepest, depth)
    return elements, deepest


def _charset(data: bytes) -> str:
    found = _CHARSET.search(data[:_CHARSET_WITHIN])
    name = found[1].decode("ascii").lower() if found else ""
    # Browsers read what claims GB 2312 as its superset (WHATWG Encoding Standard).
    return "gb18030" if name in ("gb2312", "gbk", "gb_2312-80", "x-gbk") else name


def _main(page: LexborHTMLParser) -> list[LexborNode]:
    """One article is the page; several are a list of them, with words around it."""
    for selector in ("main", '[role="main"]', "article"):
        found = [node for node in page.css(selector) if shown(node)]
        if len(found) == 1:
            return found
    return [page.body] if page.body is not None else []


def _text_of(markup: str) -> str:
    """An answer in structured data may hold markup of its own."""
    if "<" not in markup:
        return markup
    body = LexborHTMLParser(markup).body
    outline = Outline()
    text = PageText(outline, asked=set(), flat=True)
    if body is not None and size_of(body)[1] <= DEPTH:
        text.take(body)
    text.end()
    return "\n".join(section.text for section in outline.finish())


def _about(page: LexborHTMLParser) -> About:
    named: dict[str, str] = {}
    for meta in page.css("meta"):
        attributes = meta.attributes
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        named.setdefault(name.replace("-", "_"), attributes.get("content") or "")
    canonical = page.css_first('link[rel="canonical"]')
    title, html = page.css_first("title"), page.css_first("html")
    language = ((html.attributes.get("lang") if html else "") or "")[:2].lower()
    address = (canonical.attributes.get("href") if canonical else "") or named.get("og:url", "")
    return About(
        title=named.get("og:title") or (title.text(deep=True) if title else ""),
        url=address.strip(),
        language=language if language in ("en", "zh") else "",
        tags=named.get("keywords", ""),
        valid_from=named.get("valid_from", ""),
        valid_until=named.get("valid_until", ""),
        audience=named.get("audience", ""),
    )
