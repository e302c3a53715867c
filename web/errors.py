"""The one place where an error becomes an HTTP status. Bodies follow RFC 9457."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatbot import errors as chatbot_errors
from knowledge_base import errors as knowledge_errors
from privacy import errors as privacy_errors

_log = structlog.get_logger()

# The first class that fits decides, so the narrow ones stand before their parents.
STATUS: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (chatbot_errors.InputInvalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (chatbot_errors.AccountInvalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (chatbot_errors.JobKindUnknown, HTTPStatus.UNPROCESSABLE_ENTITY),
    (chatbot_errors.JobArgumentUnknown, HTTPStatus.UNPROCESSABLE_ENTITY),
    (chatbot_errors.SignInRefused, HTTPStatus.UNAUTHORIZED),
    (chatbot_errors.UnsealRefused, HTTPStatus.FORBIDDEN),
    (chatbot_errors.AttributeRefused, HTTPStatus.FORBIDDEN),
    (chatbot_errors.ConversationUnknown, HTTPStatus.NOT_FOUND),
    (chatbot_errors.CustomerUnknown, HTTPStatus.NOT_FOUND),
    (chatbot_errors.JobUnknown, HTTPStatus.NOT_FOUND),
    (chatbot_errors.NotFound, HTTPStatus.NOT_FOUND),
    (chatbot_errors.ConversationClosed, HTTPStatus.CONFLICT),
    (chatbot_errors.CustomerMissing, HTTPStatus.CONFLICT),
    (chatbot_errors.HandoffRefused, HTTPStatus.CONFLICT),
    (chatbot_errors.OriginalGone, HTTPStatus.GONE),
    (chatbot_errors.SignInThrottled, HTTPStatus.TOO_MANY_REQUESTS),
    (knowledge_errors.CollectionNameInvalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (knowledge_errors.CollectionUnknown, HTTPStatus.NOT_FOUND),
    (knowledge_errors.DocumentUnknown, HTTPStatus.NOT_FOUND),
    (knowledge_errors.RevisionUnknown, HTTPStatus.NOT_FOUND),
    (knowledge_errors.ErasureUnfinished, HTTPStatus.CONFLICT),
    (knowledge_errors.IndexMissing, HTTPStatus.NOT_FOUND),
    (knowledge_errors.KnowledgeError, HTTPStatus.SERVICE_UNAVAILABLE),
    (privacy_errors.PrivacyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (chatbot_errors.KefuError, HTTPStatus.SERVICE_UNAVAILABLE),
)

# Those that a customer may get to read, whatever language the customer speaks.
AWAY = (
    "We are sorry: the service cannot answer at the moment. Please try again later. "
    "非常抱歉，服务暂时无法应答，请稍后再试。"
)
BROKEN = (
    "Something went wrong on our side. Please try again, or ask for a person. "
    "我们这边出了点问题，请重试或联系人工客服。"
)


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(chatbot_errors.KefuError, _domain)
    app.add_exception_handler(knowledge_errors.KnowledgeError, _domain)
    app.add_exception_handler(privacy_errors.PrivacyError, _domain)


def problem(status: HTTPStatus, detail: str) -> JSONResponse:
    return JSONResponse(
        {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail},
        status_code=status.value,
        media_type="application/problem+json",
    )


def status_of(error: Exception) -> HTTPStatus:
    return next(
        (status for kind, status in STATUS if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


async def _domain(_request: Request, error: Exception) -> JSONResponse:
    status = status_of(error)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # Paths and versions are for the operator, not for the customer's browser.
        _log.error("unavailable", error=type(error).__name__, detail=str(error))
        return problem(status, AWAY)
    refusal = problem(status, str(error))
    if isinstance(error, chatbot_errors.SignInThrottled):
        refusal.headers["Retry-After"] = str(error.wait_seconds)
    return refusal


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # `input` is left out on purpose: it is what the customer wrote.
    reasons = "; ".join(
        f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
    )
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"The request cannot be used: {reasons}.")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    response = problem(status, str(error.detail))
    response.headers.update(error.headers or {})
    return response


class LastResort:
    """Turns what nobody foresaw into a problem.

    An exception handler of the framework would do, but it raises again afterwards, and the server
    would print a traceback that may quote the customer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:  # noqa: BLE001
            _log.error("unexpected", error=type(error).__name__)
            if scope["type"] == "http" and not started:
                answer = problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    BROKEN,
                )
                await answer(scope, receive, send)
