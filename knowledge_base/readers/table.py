"""Rows under a header become documents, whichever program wrote the header.

Besides Kefu's own names these are known: MaxKB's export (分段标题, 分段内容, 问题 with one question
a line) and that of Dify (`Question,Answer` or 问题,答案). A table without an `id` column
gives each document an id made from its question.
Sources: 1Panel-dev/MaxKB, `apps/common/handle/impl/qa/`; langgenius/dify, `header-opts` of the
annotation page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base.han import simplify
from knowledge_base.passages import Document
from knowledge_base.readers.fields import OPTIONAL, REQUIRED, FieldInvalid, document_from
from knowledge_base.readers.source import Ids, digest

_CONTENT = "content"
"""MaxKB's name for the answer; the cell with the questions then holds one a line."""
_NAMES = (*REQUIRED, *OPTIONAL)
_ALIASES = {
    "questions": "question",
    "问题": "question",
    "问": "question",
    "提问": "question",
    "标准问题": "question",
    "answers": "answer",
    "答案": "answer",
    "答": "answer",
    "回答": "answer",
    "答复": "answer",
    "分段内容": _CONTENT,
    "section content": _CONTENT,
    "paragraph content": _CONTENT,
    "分段标题": "title",
    "section title": "title",
    "paragraph title": "title",
    "标题": "title",
    "编号": "id",
    "链接": "url",
    "网址": "url",
    "语言": "language",
    "标签": "tags",
    "相似问题": "variants",
    "similar questions": "variants",
    "生效日期": "valid_from",
    "失效日期": "valid_until",
    "受众": "audience",
}
_REMARK = re.compile(r"[(（].*[)）]")


def columns_of(header: Sequence[str]) -> list[str]:
    """Kefu's name for each column, its own one where there is none.

    Raises FieldInvalid where a name stands twice, or where question or answer lack.
    """
    written = [name.strip().lower() for name in header]
    named = [name for name in written if name]
    if len(set(named)) < len(named):
        raise FieldInvalid("the header names a column twice")
    columns: list[str] = []
    for name in written:
        meant = name if name in _NAMES else _ALIASES.get(simplify(_REMARK.sub("", name)).strip())
        # Kefu's own name, wherever it stands, goes before another's.
        taken = meant != name and (meant in written or meant in columns)
        columns.append(name if meant is None or taken else meant)
    if _CONTENT in columns and "answer" not in columns:
        return columns
    lacking = [name for name in REQUIRED if name not in columns]
    if set(lacking) - {"id"}:
        raise FieldInvalid(f"the header lacks {', '.join(lacking)}")
    return columns


def has_questions(header: Sequence[str]) -> bool:
    try:
        columns_of(header)
    except FieldInvalid:
        return False
    return True


def document_of(cells: dict[str, str], ids: Ids, *, title: str = "") -> Document:
    """`cells` by the names of `columns_of`; `title` where the row has none of its own.

    Raises FieldInvalid.
    """
    known = {name: cell for name, cell in cells.items() if name in _NAMES}
    known["title"] = known.get("title") or title
    if "answer" not in known:
        known |= _maxkb(cells)
    if "id" not in known:
        known["id"] = ids.new(digest(known["question"].strip() or known["answer"].strip()))
    return document_from(known)


def _maxkb(cells: dict[str, str]) -> dict[str, str]:
    """Without a question the title asks, without a title the beginning of the answer."""
    answer = cells[_CONTENT].strip()
    lines = [line.strip() for line in cells.get("question", "").splitlines() if line.strip()]
    asked = lines or [cells.get("title", "").strip() or answer.split("\n")[0][:80]]
    return {"answer": answer, "question": asked[0], "variants": " | ".join(asked[1:])}
