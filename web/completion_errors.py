"""Errors as clients of OpenAI read them: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from chatbot.errors import ConversationClosed, ConversationUnknown, KefuError
from knowledge_base.errors import (
    CollectionNameInvalid,
    CollectionUnknown,
    IndexMissing,
    KnowledgeError,
)
from privacy.errors import PrivacyError
from web.errors import AWAY, status_of
from web.schemas_completions import OpenAiError, OpenAiErrorBody

_log = structlog.get_logger()

INVALID = "invalid_request_error"
_NO_MODEL = (CollectionUnknown, CollectionNameInvalid, IndexMissing)


class OpenAiRoute(APIRoute):
    """A route whose refusals are in that shape instead of RFC 9457's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _unusable(error)
            except HTTPException as error:
                return _refused(error)
            except (KefuError, KnowledgeError, PrivacyError) as error:
                return _domain(error)

        return handled


def openai_error(
    status: HTTPStatus, message: str, *, param: str | None = None, code: str | None = None
) -> JSONResponse:
    kind = "server_error" if status.value >= 500 else INVALID
    body = OpenAiError(error=OpenAiErrorBody(message=message, type=kind, param=param, code=code))
    return JSONResponse(body.model_dump(), status_code=status.value)


def _unusable(error: RequestValidationError) -> JSONResponse:
    """Names the first fault. Its `input` is left out: it is what the customer wrote."""
    fault = error.errors()[0]
    param = ".".join(str(part) for part in fault["loc"][1:]) or None
    if fault["type"] == "extra_forbidden":
        return openai_error(
            HTTPStatus.BAD_REQUEST,
            f"Kefu does not support the parameter {param} with this value: leave it out.",
            param=param,
            code="unsupported_parameter",
        )
    return openai_error(
        HTTPStatus.BAD_REQUEST,
        f"The request cannot be used: {param or 'body'}: {fault['msg']}.",
        param=param,
        code=fault["type"],
    )


def _refused(error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    code = "invalid_api_key" if status is HTTPStatus.UNAUTHORIZED else None
    response = openai_error(status, str(error.detail), code=code)
    response.headers.update(error.headers or {})
    return response


def _domain(error: Exception) -> JSONResponse:
    if isinstance(error, _NO_MODEL):
        said = "There is no such model: `GET /v1/models` lists the collections that answer."
        return openai_error(HTTPStatus.NOT_FOUND, said, param="model", code="model_not_found")
    if isinstance(error, ConversationUnknown):
        return openai_error(
            HTTPStatus.NOT_FOUND,
            "This key has no such conversation: leave the id out to begin a new one.",
            param="metadata.conversation_id",
            code="conversation_not_found",
        )
    if isinstance(error, ConversationClosed):
        # 409 would be: clients send such a request again by themselves.
        return openai_error(
            HTTPStatus.BAD_REQUEST,
            "This conversation is closed: leave the id out to begin a new one.",
            param="metadata.conversation_id",
            code="conversation_closed",
        )
    status = status_of(error)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # Paths and versions are for the operator, not for the customer's program.
        _log.error("unavailable", error=type(error).__name__, detail=str(error))
        return openai_error(status, AWAY)
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        return openai_error(HTTPStatus.BAD_REQUEST, str(error), param="messages")
    return openai_error(status, str(error))
