"""Help articles as pages, so that a citation leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from knowledge_base.passages import Document

STATIC = Path(__file__).parent / "static"

_WORDS = {
    "en": {"help": "Help centre", "home": "Shop", "all": "All articles", "other": "中文"},
    "zh": {"help": "帮助中心", "home": "商城首页", "all": "全部文章", "other": "English"},
}


@dataclass(frozen=True)
class Shop:
    """Whose pages these are."""

    companies: Mapping[str, str]
    """Name by language."""
    collection: str


def article_page(document: Document, shop: Shop) -> str:
    """The whole article as the company wrote it."""
    words = _WORDS[document.language]
    paragraphs = "".join(
        f"<p>{escape(paragraph)}</p>" for paragraph in document.answer.split("\n") if paragraph
    )
    body = (
        f"<h1>{escape(document.title)}</h1>"
        f'<p class="question">{escape(document.question)}</p>{paragraphs}'
        f'<p><a href="/help?lang={document.language}">{words["all"]}</a></p>'
    )
    return _page(document.language, document.title, body, shop)


def contents_page(documents: Sequence[Document], language: str, shop: Shop) -> str:
    """Every article of one language that has an address."""
    links = "".join(
        f'<li><a href="{escape(document.url)}">{escape(document.title)}</a></li>'
        for document in documents
        if document.language == language and document.url.startswith("/")
    )
    words = _WORDS[language]
    return _page(language, words["help"], f"<h1>{words['help']}</h1><ul>{links}</ul>", shop)


def _page(language: str, title: str, body: str, shop: Shop) -> str:
    template = Template((STATIC / "shop" / "article.html").read_text(encoding="utf-8"))
    words = _WORDS[language]
    return template.substitute(
        language="zh-Hans" if language == "zh" else "en",
        lang=language,
        other_lang="en" if language == "zh" else "zh",
        other=words["other"],
        title=escape(title),
        help=words["help"],
        home=words["home"],
        body=body,
        company=escape(shop.companies[language]),
        collection=escape(shop.collection),
    )
