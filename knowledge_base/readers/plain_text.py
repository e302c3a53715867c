"""Markdown tokens as the plain text a customer may read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from knowledge_base.han import has_han

_HTML = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def plain(tokens: Sequence[Token]) -> str:
    """Blocks on lines of their own, paragraphs apart by a blank line, tables as `a | b`."""
    blocks = _Blocks()
    for token in tokens:
        blocks.take(token)
    return re.sub(r"\n{3,}", "\n\n", blocks.text).strip()


def plain_inline(token: Token) -> str:
    """Line breaks inside a paragraph become spaces, between Han characters nothing."""
    parts: list[str] = []
    links: list[str] = []
    children = token.children or []
    for index, child in enumerate(children):
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(_joint("".join(parts), children[index + 1 :]))
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            parts.append("\n")
        elif child.type == "link_open":
            links.append(str(child.attrGet("href") or ""))
        elif child.type == "link_close":
            address = links.pop()
            parts.append(f" ({address})" if address not in "".join(parts) else "")
    return "".join(parts).strip()


def _joint(before: str, after: Sequence[Token]) -> str:
    following = next((child.content for child in after if child.content), "")
    return "" if has_han(before[-1:]) and has_han(following[:1]) else " "


class _Blocks:
    """Writes block after block, remembering the lists it stands in."""

    def __init__(self) -> None:
        self.text = ""
        self._counters: list[int | None] = []
        self._cells: list[str] | None = None

    def take(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            ordered = token.type == "ordered_list_open"
            self._counters.append(int(start or 1) if ordered else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._counters.pop()
            self._end_line("" if self._counters else "\n")
        elif token.type == "list_item_open":
            self._open_item()
        elif token.type == "inline" and self._cells is not None:
            self._cells.append(plain_inline(token))
        elif token.type == "inline":
            self.text += plain_inline(token)
        elif token.type in ("paragraph_close", "heading_close"):
            self._end_line("" if token.hidden or self._counters else "\n")
        elif token.type in ("fence", "code_block"):
            self.text += token.content.rstrip("\n")
            self._end_line("\n")
        elif token.type == "html_block":
            self.text += _HTML.sub("", token.content).strip()
            self._end_line("\n")
        elif token.type == "tr_open":
            self._cells = []
        elif token.type == "tr_close":
            self.text += " | ".join(self._cells or [])
            self._cells = None
            self._end_line("")
        elif token.type == "table_close":
            self._end_line("\n")

    def _open_item(self) -> None:
        self._end_line("")
        indent = "  " * (len(self._counters) - 1)
        number = self._counters[-1]
        self.text += f"{indent}- " if number is None else f"{indent}{number}. "
        if number is not None:
            self._counters[-1] = number + 1

    def _end_line(self, blank: str) -> None:
        if self.text and not self.text.endswith("\n"):
            self.text += "\n"
        self.text += blank
