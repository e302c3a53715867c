"""The curves of a training as a picture: loss by step, accuracy and F1 by epoch."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.journal import Journal

_SMOOTHED_STEPS = 20


def draw_curves(journals: Sequence[Journal]) -> bytes:
    """PNG, one row a stage."""
    figure = Figure(figsize=(9, 3 * len(journals)), layout="constrained")
    table = figure.subplots(len(journals), 2, squeeze=False)
    for (left, right), journal in zip(table, journals, strict=True):
        _draw_loss(left, journal)
        _draw_scores(right, journal)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()


def _draw_loss(axes: Axes, journal: Journal) -> None:
    steps = [line.step for line in journal.steps]
    losses = np.array([line.loss for line in journal.steps])
    axes.plot(steps, losses, color="#b9c6d3", linewidth=0.8)
    width = min(_SMOOTHED_STEPS, len(losses))
    if width:
        middle = np.convolve(losses, np.full(width, 1 / width), mode="valid")
        axes.plot(steps[width - 1 :], middle, color="#1f4e79")
    axes.set(title=journal.stage, xlabel="step", ylabel="loss")


def _draw_scores(axes: Axes, journal: Journal) -> None:
    epochs = [line.epoch for line in journal.epochs]
    if epochs:
        axes.plot(epochs, [line.accuracy for line in journal.epochs], marker="o", label="accuracy")
        axes.plot(epochs, [line.macro_f1 for line in journal.epochs], marker="s", label="macro F1")
        axes.legend(frameon=False)
        axes.set_xticks(epochs)
        axes.set(xlabel="epoch", title="held-out rows")
    else:
        axes.set_axis_off()
