"""Wire models of the lives of articles: history, differences, personal data, imports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from chatbot.article_check import Finding
from chatbot.article_import import Imported
from knowledge_base.difference import DocumentChange, Fate
from knowledge_base.history import Change, Deed, Revision
from web.schemas_console import Body, Name


class RevisionBody(BaseModel):
    number: int
    at: datetime
    by: str
    """A user's e-mail address or `command line`; empty for what was found changed."""
    what: Deed
    target: int | None
    """Of a rollback: the revision after which documents were as they are now."""
    added: int
    changed: int
    removed: int

    @classmethod
    def of(cls, revision: Revision, change: Change | None = None) -> RevisionBody:
        """With `change`, the numbers are that document's alone."""
        body = cls.model_validate({name: getattr(revision, name) for name in cls.model_fields})
        if change is None:
            return body
        added, removed = not change.before, change.after is None
        own = {"added": added, "changed": not added and not removed, "removed": removed}
        return body.model_copy(update={name: int(is_so) for name, is_so in own.items()})


class HistoryBody(BaseModel):
    collection: str
    items: list[RevisionBody]
    """The newest first."""


class PieceBody(BaseModel):
    fate: Fate
    text: str


class FieldBody(BaseModel):
    field: str
    pieces: list[PieceBody]


class ChangeBody(BaseModel):
    id: str
    added: bool
    removed: bool
    fields: list[FieldBody]

    @classmethod
    def of(cls, change: DocumentChange) -> ChangeBody:
        return cls(
            id=change.id,
            added=change.added,
            removed=change.removed,
            fields=[
                FieldBody(
                    field=field.field,
                    pieces=[PieceBody(fate=one.fate, text=one.text) for one in field.pieces],
                )
                for field in change.fields
            ],
        )


class DiffBody(BaseModel):
    collection: str
    total: int
    """Documents that differ."""
    items: list[ChangeBody]


class FindingBody(BaseModel):
    document_id: str
    field: str
    counts: dict[str, int]
    """By type; never a value."""
    grave: bool
    """More than contact data, which companies publish on purpose."""

    @classmethod
    def of(cls, finding: Finding) -> FindingBody:
        return cls(
            document_id=finding.document_id,
            field=finding.field,
            counts=dict(finding.counts),
            grave=finding.grave,
        )


class PersonalDataBody(BaseModel):
    collection: str
    total: int
    """Documents, of which `checked` were looked through for this answer."""
    checked: int
    items: list[FindingBody]


class BackRequest(Body):
    revision: Annotated[int, Field(ge=1)]
    collection: Name | None = None


class BackBody(BaseModel):
    collection: str
    differing: int
    """Documents that were changed, brought back or removed."""


class ImportBody(BaseModel):
    collection: str
    added: int
    changed: int
    unchanged: int
    files: int
    refused: list[str]
    """Why nothing of a file was imported: one sentence for each."""
    drafts: int
    findings: list[FindingBody]

    @classmethod
    def of(cls, collection: str, imported: Imported, *, refused: list[str]) -> ImportBody:
        report = imported.report
        return cls(
            collection=collection,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            files=report.files,
            refused=refused,
            drafts=imported.drafts,
            findings=[FindingBody.of(finding) for finding in imported.findings],
        )
