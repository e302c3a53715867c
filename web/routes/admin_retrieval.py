"""Testing the search: one question with its stages, or many with their right answers.

POST /v1/admin/knowledge/search {query, collection, language?, filter?, explain}
POST /v1/admin/knowledge/evaluate {collection, csv | queries} → a job;  GET …/knowledge/runs
GET  /v1/admin/knowledge/gaps?collection=&days=&limit=
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chatbot.errors import InputInvalid
from chatbot.gap_search import search_gaps
from chatbot.inquiry import inquire
from chatbot.query_drop import QueryDrop
from chatbot.read_log import IMPROVE
from chatbot.retrieval_runs import read_retrieval_runs
from chatbot.turn import look_up
from web.auth import KnowledgeReader, KnowledgeWriter, OfficeDep, ReviewReader, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.reads import note_place
from web.routes.admin_jobs import start
from web.schemas_admin import JobBody
from web.schemas_console import Name
from web.schemas_retrieval import (
    MOST_QUERIES,
    EvaluationRequest,
    ExpectedQuery,
    ExplanationBody,
    FoundBody,
    GapBody,
    Gaps,
    RetrievalRequest,
    Retrieved,
    RunBody,
    Runs,
)

router = APIRouter(
    prefix="/v1/admin/knowledge",
    tags=["admin: retrieval"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 413, 422, 503),
)

EVALUATE = "kefu.knowledge.evaluate"


@router.post("/search")
def search(body: RetrievalRequest, user: KnowledgeReader, kefu: KefuDep) -> Retrieved:
    """What a turn would find, on its path; `explain` shows what every stage made of it."""
    desk = kefu.desk(body.collection or kefu.settings.collection)
    if not body.explain:
        hits = look_up(desk, body.query, limit=body.limit, only=body.only())
        return Retrieved(hits=[FoundBody.of(hit) for hit in hits])
    found = inquire(desk, body.query, shown=body.limit, only=body.only())
    return Retrieved(
        hits=[FoundBody.of(hit) for hit in found.explanation.hits],
        explanation=ExplanationBody.of(found),
    )


@router.post("/evaluate", status_code=HTTPStatus.ACCEPTED)
def evaluate(
    body: EvaluationRequest, user: KnowledgeWriter, office: OfficeDep, kefu: KefuDep
) -> JobBody:
    """Measure the search in the background; the questions are deleted afterwards."""
    chosen = kefu.collection(body.collection or kefu.settings.collection)
    chosen.current_version()
    content = _content(body)
    asked = QueryDrop(kefu.settings.home, kefu.vault).leave(content.encode())
    arguments = {"collection": chosen.name, "asked": asked, "name": body.name}
    return start(office, kefu, user, EVALUATE, arguments)


@router.get("/runs")
def runs(
    user: KnowledgeReader, kefu: KefuDep, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> Runs:
    """Measurements that were kept, newest first, also those of the command line."""
    found = read_retrieval_runs(kefu.settings.home, limit=limit)
    return Runs(items=[RunBody.of(run) for run in found])


@router.get("/gaps")
def gaps(
    user: ReviewReader,
    kefu: KefuDep,
    collection: Name | None = None,
    days: Annotated[int, Query(ge=1, le=3660)] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Gaps:
    """Questions without an answer, those that mean the same together, most asked first.

    Takes seconds where hundreds of different ones were asked.
    """
    name, since = collection or kefu.settings.collection, kefu.clock.now() - timedelta(days=days)
    note_place(kefu, user, f"gaps:{name}", purpose=IMPROVE)
    found = search_gaps(kefu, name, since=since, limit=limit)
    return Gaps(since=since, items=[GapBody.of(gap) for gap in found])


def _content(body: EvaluationRequest) -> str:
    """Raises InputInvalid."""
    if (body.csv is None) == (body.queries is None):
        raise InputInvalid("Give the questions either as csv or as queries.")
    if body.queries is not None:
        return _written(body.queries)
    text = body.csv or ""
    try:
        rows = sum(any(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise InputInvalid(f"The questions are no CSV ({error}).") from None
    if rows > MOST_QUERIES + 1:
        raise InputInvalid(f"These are {rows - 1:,} questions, at most {MOST_QUERIES:,} are asked.")
    return text


def _written(queries: list[ExpectedQuery]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("query", "expected_id", "language"))
    writer.writerows((one.query, one.expected_id, one.language) for one in queries)
    return stream.getvalue()
