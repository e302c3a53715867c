"""Wire models of the retrieval test."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from chatbot.gaps import Gap
from chatbot.inquiry import Inquiry
from chatbot.retrieval_runs import RetrievalRun
from knowledge_base.passages import Filter, Hit
from web.schemas_admin import Line, Tag
from web.schemas_console import Body, HitBody, Name

MOST_QUERIES = 2_000
FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,128}$")]


class FilterRequest(Body):
    tags: list[Tag] = Field(default=[], max_length=50, description="Any of them.")
    audience: Line = Field(default="", description="What is written for everyone is let in too.")


class RetrievalRequest(Body):
    query: str
    collection: Name | None = None
    language: Literal["en", "zh"] | None = Field(default=None, description="Of the articles.")
    filter: FilterRequest = FilterRequest()
    limit: int = Field(default=10, ge=1, le=50, description="Hits, or candidates explained.")
    explain: bool = False

    def only(self) -> Filter:
        return Filter(self.language or "", frozenset(self.filter.tags), self.filter.audience)


class FoundBody(HitBody):
    duplicates: list[str]
    """Other articles that say the same."""

    @classmethod
    def of(cls, hit: Hit) -> FoundBody:
        return cls(**HitBody.of(hit).model_dump(), duplicates=list(hit.duplicates))


class StandingBody(BaseModel):
    value: float
    rank: int
    """From 1 among all candidates."""


class CandidateBody(BaseModel):
    document_id: str
    passage_id: str
    title: str
    text: str
    language: str
    tags: list[str]
    found_by: list[str]
    stages: dict[str, StandingBody]
    nearest_question: str
    words: list[str]
    hint: float | None
    probability: float
    rank: int
    place: int | None
    fate: Literal["shown", "same_article", "duplicate", "too_far_down"]
    instead: str
    passes: bool


class DecisionBody(BaseModel):
    action: str
    reason: str
    documents: list[str]


class ExplanationBody(BaseModel):
    query: str
    """As the models saw it: masked, in simplified characters."""
    version: str
    intent: str
    out_of_scope: float
    hints: dict[str, float]
    thresholds: dict[str, float]
    decision: DecisionBody
    """What a conversation that begins with this question would do."""
    passages: int
    admitted: int
    found: int
    candidates: list[CandidateBody]

    @classmethod
    def of(cls, inquiry: Inquiry) -> ExplanationBody:
        return cls.model_validate(inquiry.record())


class Retrieved(BaseModel):
    hits: list[FoundBody]
    explanation: ExplanationBody | None = None


class ExpectedQuery(Body):
    query: str
    expected_id: str = Field(default="", description="Several with | between; empty for none.")
    language: Literal["en", "zh", ""] = ""


class EvaluationRequest(Body):
    """Either `csv` or `queries`."""

    collection: Name | None = None
    name: FileName = "queries.csv"
    csv: str | None = Field(default=None, description="query,expected_id[,language]")
    queries: list[ExpectedQuery] | None = Field(default=None, max_length=MOST_QUERIES)


class RunBody(BaseModel):
    name: str
    queries: str
    queries_sha256: str
    knowledge: str
    encoder: str
    figures: dict[str, Any]

    @classmethod
    def of(cls, run: RetrievalRun) -> RunBody:
        return cls(**vars(run) | {"figures": dict(run.figures)})


class Runs(BaseModel):
    items: list[RunBody]


class NearestBody(BaseModel):
    document_id: str
    title: str
    score: float


class GapBody(BaseModel):
    id: str
    """For the article that will answer."""
    title: str
    language: str
    count: int
    languages: dict[str, int]
    last_seen: datetime
    examples: list[str]
    nearest: NearestBody | None

    @classmethod
    def of(cls, gap: Gap) -> GapBody:
        near = gap.nearest
        return cls(
            id=gap.slug,
            title=gap.title,
            language=gap.language,
            count=gap.count,
            languages=gap.languages,
            last_seen=gap.last_seen,
            examples=list(gap.examples),
            nearest=None
            if near is None
            else NearestBody(
                document_id=near.passage.document_id,
                title=near.passage.title,
                score=round(near.score, 4),
            ),
        )


class Gaps(BaseModel):
    since: datetime
    items: list[GapBody]
