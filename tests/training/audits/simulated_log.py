"""Logs with a known truth: who is handed off how often is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from chatbot.conversation import Language
from training.audits.records import ConversationRecord

START = datetime(2026, 3, 1, tzinfo=UTC)
FAIR: Mapping[Language, float] = {}


def simulate_log(
    conversations: int = 300,
    *,
    seed: int,
    handoff: float = 0.15,
    handoff_by_language: Mapping[Language, float] = FAIR,
    handoff_by_region: Mapping[str, float] | None = None,
    conversations_a_customer: int = 2,
) -> list[ConversationRecord]:
    """Two languages of equal size, two channels, a region that 60 % tell. Customers
    differ in how much help they need, so conversations of one customer are alike."""
    rng = np.random.default_rng(seed)
    customers = max(1, conversations // conversations_a_customer)
    language = [Language.EN if rng.random() < 0.5 else Language.ZH_HANS for _ in range(customers)]
    group = [rng.choice(["a", "b"]) if rng.random() < 0.6 else None for _ in range(customers)]
    records = []
    for number in range(conversations):
        customer = int(rng.integers(customers))
        spoken = language[customer]
        chance = handoff_by_language.get(spoken, handoff)
        chance = (handoff_by_region or {}).get(str(group[customer]), chance)
        turns = int(rng.integers(1, 6))
        refused = rng.binomial(turns, 0.1)
        clarified = rng.binomial(turns - refused, 0.15)
        records.append(
            ConversationRecord(
                id=f"c{number}",
                customer=f"p{customer}",
                language=spoken,
                channel="web" if rng.random() < 0.5 else "app",
                started_at=START + timedelta(minutes=number),
                turns=turns,
                handed_off=bool(rng.random() < chance),
                refused=refused / turns,
                clarified=clarified / turns,
                failed=float(rng.random() < 0.02),
                out_of_scope=rng.binomial(turns, 0.08) / turns,
                helpful=bool(rng.random() < 0.8) if rng.random() < 0.4 else None,
                first_latency_ms=float(rng.lognormal(3, 0.4)),
                groups={} if group[customer] is None else {"region": str(group[customer])},
            )
        )
    return records
