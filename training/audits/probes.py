"""Ask the live model the same question twice, with another name, title, pronoun or spelling."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.conversation import Understanding
from chatbot.ports import IntentModel
from training.audits.intervals import Interval, wilson
from training.audits.probe_sentences import Probe

BATCH_TEXTS = 64
MOST_EXAMPLES = 20


@dataclass(frozen=True)
class FlipRate:
    flips: int
    pairs: int
    rate: float
    interval: Interval
    """Wilson over sentences, not pairs: variants of one sentence flip together."""


@dataclass(frozen=True)
class GroupFlips:
    """Flips of the variants of one group: Chinese names, Traditional characters, …"""

    group: str
    pairs: int
    intent_flips: int
    action_flips: int
    mean_confidence_change: float
    """Variant minus baseline: below zero, the model is less sure of this group's sentences."""


@dataclass(frozen=True)
class Flip:
    group: str
    baseline: str
    variant: str
    intent: tuple[str, str]
    action: tuple[str, str]
    """Of baseline and variant."""
    confidence_gap: float


@dataclass(frozen=True)
class ProbeFigure:
    language: str
    dimension: str
    sentences: int
    intent: FlipRate
    action: FlipRate
    largest_confidence_gap: float
    groups: tuple[GroupFlips, ...]
    flipped: tuple[Flip, ...]
    """Those with the largest confidence gap, at most MOST_EXAMPLES."""


@dataclass(frozen=True)
class ProbeReport:
    model: str
    """Version of the model that was asked."""
    figures: tuple[ProbeFigure, ...]


@dataclass(frozen=True)
class _Answer:
    understanding: Understanding
    action: str


def run_probes(
    model: IntentModel,
    decide: Callable[[str], str],
    *,
    probes: Sequence[Probe],
    prepare: Callable[[str], str] = lambda text: text,
    advance: Callable[[int], None] = lambda texts: None,
) -> ProbeReport:
    """Each variant against the baseline of its sentence.

    `decide` names what the product does with a sentence as typed; `prepare` is what the product
    does to a text before its intent model sees it (masking of personal data, normalisation).
    `advance` hears how many of `count_texts(probes)` texts are done.
    """
    texts = _texts(probes)
    answers: dict[str, _Answer] = {}
    for start in range(0, len(texts), BATCH_TEXTS):
        batch = texts[start : start + BATCH_TEXTS]
        understood = model.understand([prepare(text) for text in batch])
        for text, understanding in zip(batch, understood, strict=True):
            answers[text] = _Answer(understanding, decide(text))
            advance(1)
    parts = itertools.groupby(sorted(probes, key=_part), key=_part)
    figures = tuple(_figure(list(part), answers) for _, part in parts)
    return ProbeReport(model.version, figures)


def count_texts(probes: Sequence[Probe]) -> int:
    return len(_texts(probes))


def _part(probe: Probe) -> tuple[str, str]:
    return probe.language, probe.dimension


def _texts(probes: Sequence[Probe]) -> list[str]:
    return list(dict.fromkeys(text for p in probes for text in (p.baseline, p.variant)))


def _figure(probes: Sequence[Probe], answers: dict[str, _Answer]) -> ProbeFigure:
    flips = [_flip(probe, answers) for probe in probes]
    sentences = len({probe.sentence for probe in probes})
    intents = [flip.intent[0] != flip.intent[1] for flip in flips]
    actions = [flip.action[0] != flip.action[1] for flip in flips]
    flipped = [f for f, i, a in zip(flips, intents, actions, strict=True) if i or a]
    flipped.sort(key=lambda flip: (-flip.confidence_gap, flip.variant))
    return ProbeFigure(
        language=probes[0].language,
        dimension=probes[0].dimension,
        sentences=sentences,
        intent=_rate(intents, sentences),
        action=_rate(actions, sentences),
        largest_confidence_gap=max(flip.confidence_gap for flip in flips),
        groups=tuple(
            _group(group, probes, flips, answers) for group in sorted({p.group for p in probes})
        ),
        flipped=tuple(flipped[:MOST_EXAMPLES]),
    )


def _flip(probe: Probe, answers: dict[str, _Answer]) -> Flip:
    before, after = answers[probe.baseline], answers[probe.variant]
    return Flip(
        probe.group,
        probe.baseline,
        probe.variant,
        (before.understanding.intent, after.understanding.intent),
        (before.action, after.action),
        abs(after.understanding.confidence - before.understanding.confidence),
    )


def _rate(flipped: Sequence[bool], sentences: int) -> FlipRate:
    rate = sum(flipped) / len(flipped)
    return FlipRate(sum(flipped), len(flipped), rate, wilson(rate * sentences, sentences))


def _group(
    group: str, probes: Sequence[Probe], flips: Sequence[Flip], answers: dict[str, _Answer]
) -> GroupFlips:
    mine = [(p, f) for p, f in zip(probes, flips, strict=True) if p.group == group]
    changes = [
        answers[probe.variant].understanding.confidence
        - answers[probe.baseline].understanding.confidence
        for probe, _ in mine
    ]
    return GroupFlips(
        group,
        len(mine),
        sum(flip.intent[0] != flip.intent[1] for _, flip in mine),
        sum(flip.action[0] != flip.action[1] for _, flip in mine),
        float(np.mean(changes)),
    )
