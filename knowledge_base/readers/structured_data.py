"""Questions and answers in a page's structured data (schema.org FAQPage and QAPage, JSON-LD)."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator

_DEEPEST = 20
_PAGES = {"FAQPage", "QAPage"}


def faq_pages(scripts: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of question and answer, the answer perhaps with markup; broken data counts as none.

    Breaking off there would lose the page for what no visitor sees.
    """
    found: list[tuple[str, str]] = []
    for script in scripts:
        try:
            data = json.loads(script)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data, 0):
            if _PAGES & set(_types(node)):
                found += _questions(node)
    return list(dict(found).items())


def _nodes(data: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"), depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from _nodes(item, depth + 1)


def _types(node: dict[str, object]) -> list[str]:
    names = node.get("@type")
    listed = names if isinstance(names, list) else [names]
    return [name.rpartition("/")[2] for name in listed if isinstance(name, str)]


def _questions(page: dict[str, object]) -> list[tuple[str, str]]:
    found = []
    for entity in _listed(page.get("mainEntity")):
        answers = _listed(entity.get("acceptedAnswer")) or _listed(entity.get("suggestedAnswer"))
        question = entity.get("name") or entity.get("text")
        texts = [answer.get("text") for answer in answers]
        answer = next((text for text in texts if isinstance(text, str) and text.strip()), "")
        if isinstance(question, str) and question.strip() and answer:
            found.append((" ".join(html.unescape(question).split()), answer))
    return found


def _listed(value: object) -> list[dict[str, object]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
