"""Charts as SVG for the inside of a page: no script, no font file, no request.

Labels are drawn as short tokens and replaced in the finished SVG, so that the reader's browser
chooses a font with the needed characters and this machine needs none.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.audits.intervals import Interval

_TITLE_INCHES, _TICKS_INCHES = 0.36, 0.3
INK, ALARM, GRID = "#1f4e79", "#b3261e", "#d5dae0"


@dataclass(frozen=True)
class Mark:
    """One row of a panel: a share with its interval."""

    label: str
    value: float
    interval: Interval
    flagged: bool = False


@dataclass(frozen=True)
class Panel:
    title: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Bar:
    label: str
    count: int


class Labels:
    """Texts of one figure and the tokens that hold their places."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def token(self, text: str) -> str:
        self._texts.append(text)
        return f"kefu{len(self._texts) - 1:04d}"

    def put_into(self, svg: str) -> str:
        return re.sub(r"kefu(\d{4})", lambda m: html.escape(self._texts[int(m[1])]), svg)


def draw_panels(panels: Sequence[Panel], *, name: str, alt: str) -> str:
    """Small multiples with one axis of shares; a flagged mark is a red diamond, others dots.

    `name` must be unique in the page, for ids.
    """
    labels = Labels()
    columns = 2 if len(panels) > 1 else 1
    rows = -(-len(panels) // columns)
    most = max(len(panel.marks) for panel in panels)
    panel_inches = 0.12 + 0.26 * most
    inches = rows * (panel_inches + _TITLE_INCHES + _TICKS_INCHES)
    figure = Figure(figsize=(7.6, inches))
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(
        left=0.2,
        right=0.97,
        wspace=0.55,
        top=1 - _TITLE_INCHES / inches,
        bottom=_TICKS_INCHES / inches,
        hspace=(_TITLE_INCHES + _TICKS_INCHES) / panel_inches,
    )
    for index, panel in enumerate(panels):
        _draw(axes[index // columns][index % columns], panel, labels)
    for spare in range(len(panels), rows * columns):
        axes[spare // columns][spare % columns].set_axis_off()
    return inline_svg(figure, labels, name=name, alt=alt)


def draw_bars(bars: Sequence[Bar], *, name: str, alt: str) -> str:
    """Counts as bars from zero, each with its number; `name` must be unique in the page."""
    labels = Labels()
    figure = Figure(figsize=(7.6, 0.3 + 0.3 * len(bars)))
    axes = figure.subplots()
    figure.subplots_adjust(left=0.3, right=0.92, top=0.97, bottom=0.05)
    rows = range(len(bars))
    axes.barh(rows, [bar.count for bar in bars], height=0.55, color=INK)
    for row, bar in zip(rows, bars, strict=True):
        axes.annotate(
            f"{bar.count:,}", (bar.count, row), (5, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(rows, [labels.token(bar.label) for bar in bars], fontsize=9)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, max(1, *(bar.count for bar in bars)))
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    return inline_svg(figure, labels, name=name, alt=alt)


def inline_svg(figure: Figure, labels: Labels, *, name: str, alt: str) -> str:
    """The figure for the inside of a page; `name` must be unique there."""
    return _inline(_svg(figure, name), labels, name=name, alt=alt)


def _draw(axes: Axes, panel: Panel, labels: Labels) -> None:
    axes.set_title(labels.token(panel.title), fontsize=10, loc="left", fontweight="bold")
    for row, mark in enumerate(panel.marks):
        colour = ALARM if mark.flagged else INK
        bounds = [mark.interval.low, mark.interval.high]
        axes.plot(bounds, [row, row], color=colour, linewidth=2, solid_capstyle="butt")
        marker = "D" if mark.flagged else "o"
        axes.plot([mark.value], [row], marker, color=colour, markersize=6, clip_on=False)
    axes.set_yticks(
        range(len(panel.marks)), [labels.token(mark.label) for mark in panel.marks], fontsize=9
    )
    axes.set_ylim(len(panel.marks) - 0.4, -0.6)
    highest = max((mark.interval.high for mark in panel.marks), default=1.0)
    top = next(limit for limit in (0.1, 0.25, 0.5, 1.0) if highest <= limit or limit == 1.0)
    axes.set_xlim(0, top)
    ticks = (
        [top * part / 5 for part in range(6)] if top != 0.25 else [0, 0.05, 0.1, 0.15, 0.2, 0.25]
    )
    axes.set_xticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks], fontsize=8)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.tick_params(axis="y", pad=8)


def _svg(figure: Figure, name: str) -> str:
    stream = io.StringIO()
    # Text stays text; the salt makes ids the same in every run.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def _inline(svg: str, labels: Labels, *, name: str, alt: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = svg.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg, count=2)
    title = f'<title id="{name}-title">{html.escape(alt)}</title>'
    svg = svg.replace("<svg", f'<svg role="img" aria-labelledby="{name}-title"', 1)
    head, _, rest = svg.partition(">")
    return f"{head}>{title}{labels.put_into(rest)}"
