"""Is it alive, can it answer, how is it doing."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from chatbot.bootstrap import Kefu
from chatbot.errors import BrokerUnavailable, KefuError
from knowledge_base.errors import KnowledgeError
from web.dependencies import KefuDep
from web.metrics import MetricsDep
from web.schemas import Health, PartState

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> Health:
    """The process runs."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
def ready(kefu: KefuDep, response: Response) -> Health:
    """Database, knowledge and intents answer: send customers here.

    Broker and worker do the work behind it; without them customers are still answered.
    """
    collection = kefu.settings.collection
    checks: dict[str, Callable[[], object]] = {
        "database": kefu.store.ping,
        "knowledge": lambda: kefu.retriever(collection),
        "intents": lambda: kefu.intents(collection),
    }
    broken = {name: error for name, check in checks.items() if (error := _fault(check))}
    parts: dict[str, PartState] = {
        name: "unavailable" if name in broken else "ok" for name in checks
    }
    parts |= _behind(kefu)
    if broken:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return Health(status="unavailable", detail=next(iter(broken.values())), parts=parts)
    return Health(status="ok", parts=parts)


def _fault(check: Callable[[], object]) -> str | None:
    try:
        check()
    except (KefuError, KnowledgeError) as error:
        return type(error).__name__
    return None


def _behind(kefu: Kefu) -> dict[str, PartState]:
    try:
        works = kefu.broker is not None and kefu.broker.has_worker()
    except BrokerUnavailable:
        return {"broker": "degraded", "worker": "degraded"}
    return {
        "broker": "degraded" if kefu.broker is None else "ok",
        "worker": "ok" if works else "degraded",
    }


@router.get("/metrics", response_class=Response)
def metrics(metrics: MetricsDep) -> Response:
    """Prometheus text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
