"""What the gate found, as values: reading them again needs none of the gate's libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    name: str
    champion: float | None
    challenger: float | None
    limit: float
    passed: bool
    reason_en: str
    reason_zh: str


@dataclass(frozen=True)
class GateResult:
    passed: bool
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


def as_data(result: GateResult) -> dict[str, Any]:
    return asdict(result)


def from_data(data: Mapping[str, Any]) -> GateResult:
    """Raises KeyError and TypeError where `data` is not what `as_data` gave."""
    return GateResult(bool(data["passed"]), tuple(Check(**check) for check in data["checks"]))
