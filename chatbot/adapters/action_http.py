"""A company system behind HTTP: `GET {address}/{value}/…`, secrets in headers.

An address is written to logs on its way, a header is not; so what proves who asks goes into
`Kefu-<Name>` headers, percent-encoded. Answers: 200 with a flat JSON object whose `status` is
known to the form, 404 for what is unknown or not theirs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import httpx

from chatbot.errors import ActionUnavailable
from chatbot.flows.form import NOT_FOUND, ActionResult

ANSWER_BYTES = 64_000
FIELD_CHARACTERS = 200
TRIES = 2
_TRANSIENT = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})


class HttpAction:
    """Asks below one address only and follows nobody elsewhere."""

    def __init__(self, address: str, *, timeout_seconds: float = 3.0) -> None:
        self._address = address.rstrip("/")
        # Proxies from the environment would see who asks for what.
        self._client = httpx.Client(
            timeout=timeout_seconds, follow_redirects=False, trust_env=False
        )

    def look_up(self, values: Mapping[str, str], *, secrets: Mapping[str, str]) -> ActionResult:
        path = "/".join(quote(value, safe="") for value in values.values())
        headers = {
            f"Kefu-{name.replace('_', '-')}": quote(secret) for name, secret in secrets.items()
        }
        response = self._get(f"{self._address}/{path}", headers)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return ActionResult(NOT_FOUND)
        if response.status_code != HTTPStatus.OK:
            raise ActionUnavailable(f"it answers with status {response.status_code}")
        return _read(response)

    def close(self) -> None:
        self._client.close()

    def _get(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """Looking up changes nothing, so it may be done twice."""
        failure = "it does not answer"
        for attempt in range(1, TRIES + 1):
            try:
                response = self._client.get(url, headers=headers)
            except httpx.HTTPError as error:
                failure = f"it does not answer ({type(error).__name__})"
                continue
            if response.status_code not in _TRANSIENT or attempt == TRIES:
                return response
        raise ActionUnavailable(failure) from None


def _read(response: httpx.Response) -> ActionResult:
    if len(response.content) > ANSWER_BYTES:
        raise ActionUnavailable("its answer is too long")
    try:
        row = json.loads(response.content)
    except (ValueError, RecursionError):
        raise ActionUnavailable("its answer is no JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("status"), str):
        raise ActionUnavailable("its answer names no status")
    fields = {
        name: str(value)[:FIELD_CHARACTERS]
        for name, value in row.items()
        if name != "status" and isinstance(value, str | int | float)
    }
    return ActionResult(row["status"], fields)
