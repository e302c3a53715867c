"""The text of a page as a visitor reads it: blocks on lines of their own, tables as `a | b`."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from knowledge_base.han import HAN
from knowledge_base.readers.sections import Outline

_DROPPED = set(
    "script style noscript template nav footer aside form iframe svg math canvas object video "
    "audio button select option textarea dialog head menu".split()
)
_ROLES = set("navigation banner contentinfo search dialog alertdialog complementary menu".split())
# Whole words of `class` and `id`: `cookie-banner` goes, an article about `cookies` stays.
_NAMES = re.compile(
    r"(?i)(?:cookie|consent|gdpr)s?[-_]?(?:banner|bar|notice|popup|consent|modal|dialog|overlay"
    r"|message|law|box)(?:[-_].*)?|onetrust[-_].*|cybotcookiebot.*|breadcrumbs?|nav(?:bar|igation)?"
    r"|(?:site|page|global|main|top|side)[-_]?(?:header|footer|nav|navigation|menu|bar)"
    r"|sidebar|skip[-_]?link|pagination|social[-_]?share|share[-_]?buttons|newsletter(?:[-_].*)?"
)
_NEVER_DROPPED = {"html", "body", "main", "article"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_MARK_OF_LINK = "¶ "
"""Stands behind headings in generated manuals, as a link to the heading itself."""
_DEEPEST = 3
"""Headings below it are lines of the section above."""
_BLOCKS = set(
    "address article blockquote body center dd div dl dt fieldset figcaption figure h4 h5 h6 "
    "header hr main ol p section table tbody td th thead tfoot tr ul details summary".split()
)
_PARAGRAPHS = set("p blockquote ul ol dl table pre section article figure".split())
_LAYOUT = "table, h1, h2, h3, ul, ol, dl, details, p + p"
"""What a table of data does not hold."""
_HAN_BREAK = re.compile(rf"(?<=[{HAN}，。！？；：、])[ \t]*\n\s*(?=[{HAN}])")
_ASKS = ("?", "？", "吗", "呢")


def size_of(root: LexborNode) -> tuple[int, int]:
    """Elements below `root`, and how many stand inside each other, without recursion."""
    elements, depth, deepest = 0, 0, 0
    node: LexborNode | None = root
    while node is not None:
        elements += 1
        deepest = max(deepest, depth)
        if node.child is not None:
            node, depth = node.child, depth + 1
            continue
        while node is not None and node.next is None:
            node, depth = node.parent if depth else None, depth - 1
        node = node.next if node is not None and depth > 0 else None
    return elements, deepest


def shown(node: LexborNode) -> bool:
    """Whether an element is part of what the page says, and not of what surrounds it."""
    tag = node.tag or ""
    if tag in _NEVER_DROPPED:
        return True
    if tag in _DROPPED:
        return False
    if tag == "header" and not _within(node, ("main", "article", "section")):
        return False
    attributes = node.attributes
    if (attributes.get("role") or "").lower() in _ROLES:
        return False
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".split()
    return not any(_NAMES.fullmatch(name) for name in names)


class PageText:
    """Writes a page into an outline. `flat` keeps headings as lines."""

    def __init__(self, outline: Outline, *, asked: set[str], flat: bool = False) -> None:
        self._outline = outline
        self._asked = asked
        self._flat = flat
        self._line: list[str] = []
        self._lists: list[int | None] = []

    def take(self, node: LexborNode) -> None:
        child = node.child
        while child is not None:
            if child.is_text_node:
                self._line.append(child.text_content or "")
            elif child.is_element_node and shown(child):
                self._element(child)
            child = child.next

    def end(self, *, blank: bool = False) -> None:
        """Close the line that is being written."""
        if text := spaced("".join(self._line)):
            self._outline.write(text)
        self._line = []
        if blank:
            self._outline.write("")

    def _element(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "br":
            self.end()
        elif tag == "pre":
            self.end()
            self._outline.write(node.text(deep=True).strip("\n"))
            self.end(blank=True)
        elif tag in _HEADINGS and _HEADINGS[tag] <= _DEEPEST and not self._flat:
            self.end()
            text = spaced(node.text(deep=True)).rstrip(_MARK_OF_LINK)
            self._outline.head(_HEADINGS[tag], text, anchor=_anchor(node))
        elif tag == "details":
            self._details(node)
        elif tag == "dl":
            self._definitions(node)
        elif tag == "table":
            self._table(node)
        elif tag == "li":
            self._item(node)
        elif tag in ("ul", "ol"):
            self._list(node, tag)
        elif tag in _BLOCKS:
            self.end()
            self.take(node)
            self.end(blank=tag in _PARAGRAPHS)
        else:
            self.take(node)

    def _list(self, node: LexborNode, tag: str) -> None:
        self.end()
        self._lists.append(1 if tag == "ol" else None)
        self.take(node)
        self._lists.pop()
        self.end(blank=not self._lists)

    def _item(self, node: LexborNode) -> None:
        self.end()
        number = self._lists[-1] if self._lists else None
        self._line.append("- " if number is None else f"{number}. ")
        if number is not None:
            self._lists[-1] = number + 1
        self.take(node)
        self.end()

    def _table(self, node: LexborNode) -> None:
        self.end()
        if not self._flat and any(found != node for found in node.css(_LAYOUT)):
            self.take(node)
            self.end(blank=True)
            return
        for row in node.css("tr"):
            if not shown(row):
                continue
            cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
            texts = [spaced(cell.text(deep=True, separator=" ")) for cell in cells]
            if any(texts):
                self._outline.write(" | ".join(texts))
        self.end(blank=True)

    def _details(self, node: LexborNode) -> None:
        summary = next((child for child in node.iter() if child.tag == "summary"), None)
        question = spaced(summary.text(deep=True)) if summary is not None else ""
        if self._flat or not question:
            self.end()
            self.take(node)
            self.end(blank=True)
            return
        self.end()
        answer = _flat_text([child for child in node.iter() if child.tag != "summary"])
        if question not in self._asked:
            self._outline.ask(question, answer, anchor=_anchor(node))

    def _definitions(self, node: LexborNode) -> None:
        """Questions where most terms ask, else lines `term: definition`."""
        self.end()
        pairs: list[tuple[str, list[LexborNode], str]] = []
        for child in node.css("dt, dd"):
            if child.tag == "dt":
                pairs.append((spaced(child.text(deep=True)), [], _anchor(child)))
            elif pairs:
                pairs[-1][1].append(child)
        asking = sum(term.endswith(_ASKS) for term, _, _ in pairs)
        for term, definitions, anchor in pairs:
            text = _flat_text(definitions)
            if self._flat or 2 * asking <= len(pairs):
                self._outline.write(f"{term}: {text}")
            elif term not in self._asked:
                self._outline.ask(term, text, anchor=anchor)
        self.end(blank=True)


def spaced(text: str) -> str:
    """White space as a browser shows it; a line break between Han characters is none."""
    return " ".join(_HAN_BREAK.sub("", text).split())


def _flat_text(nodes: list[LexborNode]) -> str:
    outline = Outline()
    text = PageText(outline, asked=set(), flat=True)
    for node in nodes:
        text.take(node)
        text.end()
    return "\n".join(section.text for section in outline.finish())


def _anchor(node: LexborNode) -> str:
    return node.attributes.get("id") or ""


def _within(node: LexborNode, tags: tuple[str, ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in tags:
            return True
        parent = parent.parent
    return False
