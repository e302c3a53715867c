"""What came of a simulation: counts, failures, times, and where canaries were planted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.simulate.script import Script

WORST_SHOWN = 5


@dataclass(frozen=True)
class Failure:
    number: int | None
    """Of the conversation; None for an agent's work."""
    step: str
    what: str


@dataclass
class Visit:
    """One conversation as it went."""

    script: Script
    conversation_id: str | None = None
    actions: list[str] = field(default_factory=list)
    """Of the replies, in order."""
    milliseconds: list[float] = field(default_factory=list)
    up: int = 0
    down: int = 0
    told: int = 0
    """Attributes given for audits."""
    wanted_person: bool = False
    met_agent: bool = False
    failures: list[Failure] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.failures:
            return "failed"
        if self.wanted_person:
            return "helped_by_agent" if self.met_agent else "handed_off"
        for action in ("answer", "act", "collect", "clarify"):
            if action in self.actions:
                return {"answer": "answered", "act": "answered"}.get(action, action)
        return "refused"


@dataclass
class AgentTally:
    taken: int = 0
    missed: int = 0
    """Another agent was quicker."""
    replies: int = 0
    suggestions_sent: int = 0
    suggestions_edited: int = 0
    returned: int = 0
    closed: int = 0
    corrected: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Tally:
    seed: int
    seconds: float
    visits: Sequence[Visit]
    agents: AgentTally

    @property
    def failures(self) -> list[Failure]:
        return [each for visit in self.visits for each in visit.failures] + self.agents.failures

    def outcomes(self, language: str | None = None) -> Counter[str]:
        return Counter(
            visit.outcome for visit in self.visits if language in (None, visit.script.language)
        )

    def latency(self) -> dict[str, float]:
        """Milliseconds of a message as its sender saw them; empty without messages."""
        times = [value for visit in self.visits for value in visit.milliseconds]
        if not times:
            return {}
        p50, p95 = np.percentile(times, [50, 95])
        named = {"p50": p50, "p95": p95, "max": max(times)}
        return {name: round(float(value), 1) for name, value in named.items()}

    def to_json(self) -> dict[str, Any]:
        languages = sorted({visit.script.language for visit in self.visits})
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "conversations": len(self.visits),
            "messages": sum(len(visit.milliseconds) for visit in self.visits),
            "outcomes": dict(self.outcomes()),
            "outcomes_by_language": {name: dict(self.outcomes(name)) for name in languages},
            "plots": dict(Counter(visit.script.plot.value for visit in self.visits)),
            "actions": dict(Counter(action for visit in self.visits for action in visit.actions)),
            "ratings": {
                "up": sum(visit.up for visit in self.visits),
                "down": sum(visit.down for visit in self.visits),
            },
            "attributes_told": sum(visit.told for visit in self.visits),
            "latency_ms": self.latency(),
            "agents": {k: v for k, v in asdict(self.agents).items() if k != "failures"},
            "failures": [asdict(failure) for failure in self.failures],
            "canaries": [
                {
                    "conversation_id": visit.conversation_id,
                    "customer": visit.script.customer,
                    "kind": each.kind.value,
                    "value": each.value,
                }
                for visit in self.visits
                for each in visit.script.canaries
            ],
            "conversation_ids": [visit.conversation_id for visit in self.visits],
        }

    def write(self, path: Path) -> None:
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
