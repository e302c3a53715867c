"""Counters for Prometheus: what was decided and how long it took, never what was said."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from chatbot.conversation import Turn

LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter(
            "kefu_turns", "Turns answered", ("action", "language"), registry=self.registry
        )
        self._failures = Counter(
            "kefu_turn_failures", "Turns that ended in an apology", registry=self.registry
        )
        self._seconds = Histogram(
            "kefu_turn_seconds",
            "Time from text to reply",
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=self.registry,
        )

    def count(self, turn: Turn) -> None:
        reply = turn.reply
        self._turns.labels(reply.action.value, reply.language.value).inc()
        self._seconds.observe(reply.latency_ms["total"] / 1000)
        if turn.error is not None:
            self._failures.inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


def _metrics(request: Request) -> Metrics:
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics


MetricsDep = Annotated[Metrics, Depends(_metrics)]
