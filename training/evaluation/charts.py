"""The pictures of an evaluation: curves as SVG for a page, the confusion matrix as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.audits.charts import ALARM, GRID, INK, Labels, inline_svg
from training.audits.wording import Wording
from training.evaluation.confusions import Matrix
from training.evaluation.coverage import Coverage
from training.evaluation.metrics import Bin
from training.evaluation.typeface import choose_typeface, png

_HISTOGRAM_BINS = 20
_CELL_INCHES = 0.26
_SMALLEST_INCHES = 4.0
_MOST_NUMBERED = 80
"""Labels: with more, the numbers in the cells are too small to read."""


@dataclass(frozen=True)
class Picture:
    png: bytes
    keys: Mapping[str, str]
    """What the short names stand for that were drawn where no font has a label's characters."""


def draw_confusion(matrix: Matrix, wording: Wording) -> Picture:
    """The root of a share of a gold intent gives the colour, so that rare errors show."""
    names = [wording.say("charts", name) for name in ("predicted", "gold")]
    typeface = choose_typeface([*matrix.labels, *names])
    shown = [typeface.drawn(label, n) for n, label in enumerate(matrix.labels, start=1)]
    side = max(_SMALLEST_INCHES, _CELL_INCHES * len(shown))
    with typeface.worn():
        figure = Figure(figsize=(side, side))
        axes = figure.subplots()
        totals = np.maximum(matrix.counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(np.sqrt(matrix.counts / totals), cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(shown)), shown, rotation=90, fontsize=8)
        axes.set_yticks(range(len(shown)), shown, fontsize=8)
        if all(map(typeface.draws, names)):
            axes.set_xlabel(names[0])
            axes.set_ylabel(names[1])
        if len(shown) <= _MOST_NUMBERED:
            _number(axes, matrix)
        axes.tick_params(length=0)
        axes.spines[:].set_color(GRID)
        keys = {s: label for s, label in zip(shown, matrix.labels, strict=True) if s != label}
        return Picture(png(figure), keys)


def _number(axes: Axes, matrix: Matrix) -> None:
    totals = matrix.counts.sum(axis=1)
    for row, column in zip(*np.nonzero(matrix.counts), strict=True):
        count = matrix.counts[row, column]
        colour = "white" if 5 * count > totals[row] else INK if row == column else ALARM
        axes.text(column, row, str(count), ha="center", va="center", fontsize=7, color=colour)


def draw_histogram(inside: Sequence[tuple[bool, float]], wording: Wording) -> str:
    """SVG: how sure the model is where it is right, and where it is wrong."""
    labels, figure = Labels(), Figure(figsize=(7.6, 2.6), layout="constrained")
    for axes, right, colour in zip(figure.subplots(1, 2), (True, False), (INK, ALARM), strict=True):
        values = [sure for correct, sure in inside if correct is right]
        axes.hist(values, bins=np.linspace(0, 1, _HISTOGRAM_BINS + 1), color=colour)
        title = wording.say("charts", "right" if right else "wrong", n=f"{len(values):,}")
        axes.set_title(labels.token(title), fontsize=10, loc="left", fontweight="bold")
        axes.set_xlabel(labels.token(wording.say("charts", "confidence")), fontsize=9)
        _plain(axes)
    return inline_svg(figure, labels, name="histogram", alt=wording.say("headings", "histogram"))


def draw_reliability(bins: Sequence[Bin], wording: Wording) -> str:
    """SVG: accuracy against confidence; on the diagonal, the confidence is the truth."""
    labels, figure = Labels(), Figure(figsize=(7.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], linestyle="--", color="#8a939c", linewidth=1)
    width = 0.9 * min((b.high - b.low for b in bins), default=1.0)
    middles = [(b.low + b.high) / 2 for b in bins]
    axes.bar(middles, [b.accuracy for b in bins], width=width, color="#b9cbdd")
    axes.plot(
        [b.confidence for b in bins], [b.accuracy for b in bins], "o", color=INK, clip_on=False
    )
    for middle, b in zip(middles, bins, strict=True):
        axes.text(middle, 0.02, f"{b.n:,}", ha="center", fontsize=7, color=INK)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(labels.token(wording.say("charts", "confidence")), fontsize=9)
    axes.set_ylabel(labels.token(wording.say("charts", "accuracy")), fontsize=9)
    _plain(axes)
    return inline_svg(
        figure, labels, name="reliability", alt=wording.say("headings", "reliability")
    )


def draw_coverage(coverage: Coverage, wording: Wording) -> str:
    """SVG: the risk when only the surest rows are covered; the diamond is the model as shipped."""
    labels, figure = Labels(), Figure(figsize=(7.6, 2.8), layout="constrained")
    axes = figure.subplots()
    points = sorted((point.coverage, point.risk) for point in coverage.curve)
    axes.plot([x for x, _ in points], [y for _, y in points], "o-", color=INK)
    if coverage.risk is not None:
        axes.plot(
            [coverage.coverage], [coverage.risk], "D", color=ALARM, markersize=8, clip_on=False
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(labels.token(wording.say("charts", "coverage")), fontsize=9)
    axes.set_ylabel(labels.token(wording.say("charts", "risk")), fontsize=9)
    _plain(axes)
    return inline_svg(figure, labels, name="coverage", alt=wording.say("headings", "coverage"))


@dataclass(frozen=True)
class Curve:
    name: str
    points: tuple[tuple[float, float, float], ...]
    """Rows trained on, mean and standard deviation of the accuracy; the fewest rows first."""


def draw_learning_curves(curves: Sequence[Curve], wording: Wording) -> Picture:
    """What more examples are worth to each recipe; the bars are one standard deviation."""
    names = [wording.say("charts", name) for name in ("rows", "accuracy")]
    typeface = choose_typeface([*(curve.name for curve in curves), *names])
    shown = [typeface.drawn(curve.name, n) for n, curve in enumerate(curves, start=1)]
    with typeface.worn():
        figure = Figure(figsize=(7.6, 4.2))
        axes = figure.subplots()
        for curve, name in zip(curves, shown, strict=True):
            rows, means, deviations = zip(*curve.points, strict=True)
            axes.errorbar(rows, means, yerr=deviations, marker="o", capsize=3, label=name)
        axes.set_xlim(left=0)
        if all(map(typeface.draws, names)):
            axes.set_xlabel(names[0])
            axes.set_ylabel(names[1])
        axes.legend(frameon=False, fontsize=9)
        _plain(axes)
        keys = {s: c.name for s, c in zip(shown, curves, strict=True) if s != c.name}
        return Picture(png(figure), keys)


def _plain(axes: Axes) -> None:
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0, labelsize=8)
