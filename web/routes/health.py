"""Is it alive, can it answer, how is it doing."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from chatbot.errors import KefuError
from knowledge_base.errors import KnowledgeError
from web.dependencies import KefuDep
from web.metrics import MetricsDep
from web.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> Health:
    """The process runs."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
def ready(kefu: KefuDep, response: Response) -> Health:
    """Database and knowledge answer: send customers here."""
    try:
        kefu.store.ping()
        kefu.models(kefu.settings.collection)
    except (KefuError, KnowledgeError) as error:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return Health(status="unavailable", detail=type(error).__name__)
    return Health(status="ok")


@router.get("/metrics", response_class=Response)
def metrics(metrics: MetricsDep) -> Response:
    """Prometheus text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
