"""Documents on disk: what was stored before fields were added stays as it was."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.chunking import passages_of
from knowledge_base.passages import DRAFT, PUBLISHED, Document
from knowledge_base.records import dump_lines, load_documents, load_passages

OLD = (
    b'{"id": "a", "question": "q", "answer": "a", "title": "", "url": "", "language": "en", '
    b'"tags": ["t"], "variants": []}\n'
)


def test_a_document_stored_by_an_older_version_is_read_and_keeps_its_bytes() -> None:
    [document] = load_documents(OLD)
    assert document == Document("a", "q", "a", language="en", tags=("t",))
    assert dump_lines([document]) == OLD


def test_a_passage_without_position_has_no_key_for_it() -> None:
    [passage] = passages_of(Document("a", "q", "a"))
    assert "position" not in json.loads(dump_lines([passage]))


def test_a_passage_knows_where_its_document_stands() -> None:
    [passage] = passages_of(Document("a", "q", "a", position="page 3"))
    assert load_passages(dump_lines([passage])) == [passage]
    assert passage.position == "page 3"


@given(
    st.builds(
        Document, id=st.just("a"), question=st.text(), answer=st.text(), position=st.text(),
        valid_from=st.sampled_from(["", "2026-01-31"]), audience=st.text(),
        status=st.sampled_from([PUBLISHED, DRAFT]),
    )
)  # fmt: skip
def test_what_is_stored_is_read_back(document: Document) -> None:
    assert load_documents(dump_lines([document])) == [document]
