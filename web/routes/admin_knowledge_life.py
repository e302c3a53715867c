"""The lives of articles: who changed what, states, ways back, uploads.

GET  /v1/admin/knowledge/history?collection=&document=&before=&limit=
GET  /v1/admin/knowledge/diff?older=&newer=&collection=&document=&limit=
GET  /v1/admin/knowledge/personal-data?collection=&document=&offset=&limit=
POST /v1/admin/knowledge/{document_id}/publish|withdraw|restore?collection=
POST /v1/admin/knowledge/rollback {revision, collection?}
POST /v1/admin/knowledge/import?name=&collection=&hold=, the file itself as the body
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from chatbot.article_check import check_articles
from chatbot.article_import import Holding, import_articles
from chatbot.memory_home import MemoryHome
from chatbot.settings import Settings
from knowledge_base.collection import Collection
from knowledge_base.difference import differing
from knowledge_base.errors import DocumentUnknown
from knowledge_base.passages import Document
from knowledge_base.validity import state_on
from web.auth import KnowledgeReader, KnowledgeWriter, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.routes.admin_knowledge import DocumentId
from web.schemas_admin import DocumentBody
from web.schemas_console import Name
from web.schemas_life import (
    BackBody,
    BackRequest,
    ChangeBody,
    DiffBody,
    FindingBody,
    HistoryBody,
    ImportBody,
    PersonalDataBody,
    RevisionBody,
)

router = APIRouter(
    prefix="/v1/admin/knowledge",
    tags=["admin: knowledge"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)

Wanted = Annotated[str | None, Query(pattern=r"^[^\x00-\x1f]{1,256}$")]
FileName = Annotated[str, Query(pattern=r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}$")]
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/history")
def history(
    user: KnowledgeReader,
    kefu: KefuDep,
    collection: Name | None = None,
    document: Wanted = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryBody:
    """Who changed what and when; `before` is the number after which the next page begins."""
    chosen = _collection(kefu, collection)
    if document is None:
        revisions = chosen.revisions(limit=limit, before=before)
        items = [RevisionBody.of(revision) for revision in revisions]
    else:
        found = (
            (revision, change)
            for revision, change in chosen.versions(document)
            if before is None or revision.number < before
        )
        items = [RevisionBody.of(revision, change) for revision, change in found][:limit]
    return HistoryBody(collection=chosen.name, items=items)


@router.get("/diff")
def diff(
    user: KnowledgeReader,
    kefu: KefuDep,
    older: Annotated[int, Query(ge=0)],
    newer: Annotated[int, Query(ge=0)],
    collection: Name | None = None,
    document: Wanted = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DiffBody:
    """What differs between the documents after two revisions; 0 is before the first one."""
    chosen = _collection(kefu, collection)
    before, after = chosen.documents_after(older), chosen.documents_after(newer)
    if document is not None:
        before, after = _only(document, before), _only(document, after)
    found = differing(before, after)
    items = [ChangeBody.of(change) for change in found[:limit]]
    return DiffBody(collection=chosen.name, total=len(found), items=items)


@router.get("/personal-data")
def personal_data(
    user: KnowledgeReader,
    kefu: KefuDep,
    collection: Name | None = None,
    document: Wanted = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PersonalDataBody:
    """Where in the articles, drafts included, personal data stands, and of which type."""
    chosen = _collection(kefu, collection)
    documents = [one for one in chosen.documents() if document in (None, one.id)]
    checked = documents[offset : offset + limit]
    return PersonalDataBody(
        collection=chosen.name,
        total=len(documents),
        checked=len(checked),
        items=[FindingBody.of(finding) for finding in check_articles(checked)],
    )


@router.post("/{document_id}/publish")
def publish(
    document_id: DocumentId, user: KnowledgeWriter, kefu: KefuDep, collection: Name | None = None
) -> DocumentBody:
    """A draft answers after the next build."""
    chosen = _collection(kefu, collection)
    chosen.publish([document_id], by=user.email)
    return _told(kefu, chosen, document_id)


@router.post("/{document_id}/withdraw")
def withdraw(
    document_id: DocumentId, user: KnowledgeWriter, kefu: KefuDep, collection: Name | None = None
) -> DocumentBody:
    """It becomes a draft and stops answering after the next build."""
    chosen = _collection(kefu, collection)
    chosen.withdraw([document_id], by=user.email)
    return _told(kefu, chosen, document_id)


@router.post("/{document_id}/restore")
def restore(
    document_id: DocumentId, user: KnowledgeWriter, kefu: KefuDep, collection: Name | None = None
) -> DocumentBody:
    """What was deleted is there again as it was."""
    chosen = _collection(kefu, collection)
    chosen.restore([document_id], by=user.email)
    return _told(kefu, chosen, document_id)


@router.post("/rollback")
def roll_back(body: BackRequest, user: KnowledgeWriter, kefu: KefuDep) -> BackBody:
    """All documents as they were after a revision; that is a change of its own."""
    chosen = _collection(kefu, body.collection)
    count = chosen.rollback(body.revision, by=user.email)
    return BackBody(collection=chosen.name, differing=count)


async def _uploaded(request: Request) -> bytes:
    return await request.body()


@router.post("/import", openapi_extra=_UPLOAD)
def import_file(
    user: KnowledgeWriter,
    kefu: KefuDep,
    name: FileName,
    content: Annotated[bytes, Depends(_uploaded)],
    collection: Name | None = None,
    hold: Holding = Holding.NOTHING,
) -> ImportBody:
    """Articles from a file of any format that `kefu kb import` reads; its name tells which.

    `hold` makes drafts of the new and changed ones: `all`, or those with `personal_data`.
    """
    chosen = kefu.collection(collection or kefu.settings.collection)
    with _room(kefu.settings, len(content)) as folder:
        path = folder / name
        path.write_bytes(content)
        imported = import_articles(chosen, [path], by=user.email, hold=hold)
        refused = [str(error).replace(f"{folder}/", "") for error in imported.report.refused]
    return ImportBody.of(chosen.name, imported, refused=refused)


@contextmanager
def _room(settings: Settings, size: int) -> Iterator[Path]:
    """Where articles are sealed, an upload touches no disk either."""
    if settings.seal_files:
        memory = MemoryHome(settings.memory_home, installation=settings.home)
        with memory.copy(size) as room:
            yield room
    else:
        with tempfile.TemporaryDirectory(prefix="kefu-import-") as made:
            yield Path(made)


def _collection(kefu: KefuDep, name: str | None) -> Collection:
    """Raises CollectionUnknown."""
    chosen = kefu.collection(name or kefu.settings.collection)
    chosen.documents()
    return chosen


def _told(kefu: KefuDep, collection: Collection, document_id: str) -> DocumentBody:
    for document in collection.documents():
        if document.id == document_id:
            return DocumentBody.of(document, state_on(document, kefu.clock.now().date()))
    raise DocumentUnknown(document_id, f"in {collection.name}")


def _only(document_id: str, documents: dict[str, Document]) -> dict[str, Document]:
    return {one: documents[one] for one in (document_id,) if one in documents}
