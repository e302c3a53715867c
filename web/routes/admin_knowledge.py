"""What the company knows: collections, their articles, and the next index.

GET /v1/admin/collections;  GET /v1/admin/knowledge?collection=&q=&language=&status=&offset=&limit=
PUT|DELETE /v1/admin/knowledge/{document_id}?collection=;  POST /v1/admin/knowledge/build
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from chatbot.errors import NotFound
from chatbot.intent_home import current_intents
from knowledge_base.collection import Collection, list_collections
from knowledge_base.errors import CollectionUnknown, IndexMissing
from knowledge_base.passages import Document
from knowledge_base.validity import State, state_on
from web.auth import KnowledgeReader, KnowledgeWriter, OfficeDep, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.routes.admin_jobs import start
from web.schemas_admin import (
    BuildRequest,
    CollectionBody,
    Collections,
    DocumentBody,
    DocumentRequest,
    Documents,
    JobBody,
)
from web.schemas_console import Name

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin: knowledge"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)

BUILD = "kefu.knowledge.build"
DocumentId = Annotated[str, Path(pattern=r"^[^\x00-\x1f]{1,256}$")]


@router.get("/collections")
def collections(user: KnowledgeReader, kefu: KefuDep) -> Collections:
    """Every collection with the version that serves."""
    home, intents = kefu.settings.collections_home, kefu.settings.intents_home
    return Collections(
        collections=[
            CollectionBody(
                name=name,
                documents=len(kefu.collection(name).documents()),
                version=_version(kefu.collection(name)),
                has_intents=current_intents(intents, name) is not None,
                erasure_unfinished=kefu.collection(name).note.is_there,
            )
            for name in list_collections(home)
        ]
    )


@router.get("/knowledge")
def articles(
    user: KnowledgeReader,
    kefu: KefuDep,
    collection: Name | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    language: Literal["en", "zh"] | None = None,
    status: State | None = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Documents:
    """Articles as they were written; `q` is looked for in all of their words.

    Deleted ones are listed only if `status` asks for them.
    """
    chosen = _collection(kefu, collection)
    today = kefu.clock.now().date()
    found = [
        (document, state)
        for document, state in _with_states(chosen, today, deleted=status is State.DELETED)
        if status in (None, state)
        if language in (None, document.language) and _mentions(document, q)
    ]
    return Documents(
        collection=chosen.name,
        version=_version(chosen),
        total=len(found),
        items=[DocumentBody.of(*one) for one in found[offset : offset + limit]],
    )


@router.put(
    "/knowledge/{document_id}", responses={201: {"model": DocumentBody, "description": "New"}}
)
def write(
    document_id: DocumentId,
    body: DocumentRequest,
    user: KnowledgeWriter,
    kefu: KefuDep,
    response: Response,
    collection: Name | None = None,
) -> DocumentBody:
    """Add or replace one article; it answers after the next build."""
    chosen = _collection(kefu, collection)
    written = body.model_dump() | {"tags": tuple(body.tags), "variants": tuple(body.variants)}
    # What the form does not show, its place in a file and its validity, stays as it was.
    known = next((item for item in _known(chosen) if item.id == document_id), None)
    document = replace(known, **written) if known else Document(id=document_id, **written)
    if chosen.merge([document], by=user.email).added:
        response.status_code = HTTPStatus.CREATED
    return DocumentBody.of(document, state_on(document, kefu.clock.now().date()))


@router.delete("/knowledge/{document_id}", status_code=HTTPStatus.NO_CONTENT)
def remove(
    document_id: DocumentId,
    user: KnowledgeWriter,
    kefu: KefuDep,
    collection: Name | None = None,
) -> None:
    """It stops answering after the next build, and can be restored."""
    if not _collection(kefu, collection).remove([document_id], by=user.email):
        raise NotFound("article")


@router.post("/knowledge/build", status_code=HTTPStatus.ACCEPTED)
def build(body: BuildRequest, user: KnowledgeWriter, office: OfficeDep, kefu: KefuDep) -> JobBody:
    """Index the collection in the background; the new version then serves."""
    chosen = _collection(kefu, body.collection)
    chosen.documents()
    return start(office, kefu, user, BUILD, {"collection": chosen.name})


def _collection(kefu: KefuDep, name: str | None) -> Collection:
    return kefu.collection(name or kefu.settings.collection)


def _known(collection: Collection) -> list[Document]:
    try:
        return collection.documents()
    except CollectionUnknown:
        return []


def _with_states(
    collection: Collection, today: date, *, deleted: bool
) -> list[tuple[Document, State]]:
    if deleted:
        return [(document, State.DELETED) for document in collection.deleted()]
    return [(document, state_on(document, today)) for document in collection.documents()]


def _version(collection: Collection) -> str | None:
    try:
        return collection.current_version()
    except IndexMissing:
        return None


def _mentions(document: Document, wanted: str) -> bool:
    texts = (document.id, document.title, document.question, document.answer, *document.variants)
    return all(any(word in text.casefold() for text in texts) for word in wanted.casefold().split())
