"""How the interface description names the problems a call may answer with."""

from __future__ import annotations

from typing import Any

from web.schemas import Problem


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": Problem, "content": {"application/problem+json": {}}}
        for status in statuses
    }
