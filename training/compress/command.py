"""`kefu compress intent`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from training.printing import LanguageOption, say, show_findings
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.audits.wording import Wording
    from training.compress.compression import Compression, Method
    from training.compress.measuring import Figures
    from training.progress import Watch

_WORDING = Path(__file__).parent / "wording"
_COLUMNS = (
    ("method", "runtime"),
    ("accuracy", "loss"),
    ("p_value",),
    ("equal",),
    ("megabytes", "saved"),
    ("ms", "speed_up"),
    ("rate",),
)
"""Two figures in one column stand below each other: so the table fits a terminal of 80."""


class Removed(StrEnum):
    UPPER = "upper"
    LOWER = "lower"


def compress_intent(
    model: Annotated[Path, typer.Option(help="Directory written by `kefu train intent`.")],
    data: Annotated[
        Path, typer.Option(help="CSV text,intent[,language] that was not trained on: it measures.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the smaller models, one directory each.")
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="int8 only measures what is served; qat trains for 8 bits; prune leaves neurons "
            "out. Several times, or with commas between."
        ),
    ] = None,
    train: Annotated[
        Path | None, typer.Option(help="CSV the model was trained on; qat and prune need it.")
    ] = None,
    width: Annotated[
        list[float] | None,
        typer.Option(help="Share of the neurons that prune keeps, 0.5 to 1 [default: 0.75]."),
    ] = None,
    layers: Annotated[
        int | None, typer.Option(min=1, help="How many layers prune keeps; all when left out.")
    ] = None,
    remove: Annotated[
        Removed, typer.Option(help="Which layers go, where fewer are kept.")
    ] = Removed.UPPER,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over --train for qat and prune.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes.")] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Make an intent model smaller and faster, and see what each way costs in accuracy."""
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from chatbot.vault_home import open_vault
    from training.compress.compression import CompressionOrder
    from training.compress.compression import compress_intent as compress
    from training.progress import RichWatch

    order = partial(
        CompressionOrder,
        data=data,
        out=out,
        methods=_methods(method or ["int8"]),
        train=train,
        widths=tuple(width or (0.75,)),
        layers=layers,
        lower=remove is Removed.UPPER,
        epochs=epochs,
    )
    console, wording = Console(stderr=True), compression_wording(language.value)
    with open_vault(load_settings()).opened(model) as directory, RichWatch(console) as watch:
        found = compress(order(model=directory), watch=Spoken(watch, wording))
    if train is not None:
        show_findings(console, train, found.findings)
    _tell(console, found, data.name, wording)
    if report is not None:
        write_report(report, found, data=data.name)
        say(console, wording.say("done", "report", path=report))


def _tell(console: Console, found: Compression, data: str, wording: Wording) -> None:
    console.print(compression_table(found, data, wording))
    say(console, wording.say("done", "notes"))
    for path in found.written:
        say(console, wording.say("done", "model", path=path))


def compression_wording(language: str) -> Wording:
    from training.audits.wording import load_wording

    return load_wording(language, folder=_WORDING)


@dataclass(frozen=True)
class Spoken:
    """A watch that hears the names of the stages in the reader's language."""

    watch: Watch
    wording: Wording

    def stage(self, name: str, total: int) -> None:
        stage, _, method = name.partition(": ")
        shown = (self.wording.label("stages", stage), self.wording.label("methods", method))
        self.watch.stage(": ".join(shown), total)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.watch.advance(steps, note=note)


def compression_table(found: Compression, data: str, wording: Wording) -> Table:
    title = wording.say("table", "title", data=data, n=f"{found.n:,}", version=found.version)
    heads = ["\n".join(wording.say("table", name) for name in names) for names in _COLUMNS]
    columns = [Column(Text(head), overflow="fold", no_wrap=not n) for n, head in enumerate(heads)]
    table = Table(*columns, title=Text(title), title_justify="left", box=SIMPLE_HEAD)
    table.pad_edge = False
    for figures in found.figures:
        cells = _cells(figures, wording)
        table.add_row(*(Text("\n".join(cells[name] for name in names)) for names in _COLUMNS))
    return table


def write_report(path: Path, found: Compression, *, data: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"data": data, **found.entries()}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _cells(figures: Figures, wording: Wording) -> dict[str, str]:
    from training.evaluation.sentences import say_p

    return {
        "method": wording.label("methods", figures.method),
        "runtime": wording.label("runtimes", figures.runtime),
        "accuracy": f"{figures.accuracy:.4f}",
        "loss": f"{100 * figures.loss + 0.0:+.2f}",
        "p_value": say_p(figures.mcnemar_p).removeprefix("= "),
        "equal": wording.percent(figures.equal_decisions),
        "megabytes": f"{figures.megabytes:,.1f}",
        "saved": f"{figures.megabytes_saved + 0.0:,.1f}",
        "ms": f"{figures.ms_p50:,.2f}",
        "speed_up": f"{figures.speed_up:.2f}",
        "rate": f"{figures.sentences_per_s:,.0f}",
    }


def _methods(given: list[str]) -> tuple[Method, ...]:
    from training.compress.compression import Method

    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Method):
            raise typer.BadParameter(f"--method {name!r} is none of {', '.join(Method)}")
    return tuple(dict.fromkeys(Method(name) for name in names))
