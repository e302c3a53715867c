"""`kefu compare intent`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from training.printing import LanguageOption, check_extra, say
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.audits.wording import Wording
    from training.comparison_summary import Row

_MEANS = ("accuracy", "macro_f1", "oos_auroc", "ece")


def compare_intent(
    recipe: Annotated[list[Path], typer.Option(help="TOML of hyper-parameters; once for each.")],
    data: Annotated[Path, typer.Option(help="CSV text,intent[,language].")],
    out: Annotated[Path, typer.Option(help="Folder for the results; started again, it goes on.")],
    fractions: Annotated[
        str, typer.Option(help="Shares of the rows to train on, with commas between.")
    ] = "0.25,0.5,1",
    folds: Annotated[int, typer.Option(min=2, help="Parts that are each measured once.")] = 3,
    base: Annotated[
        str, typer.Option(help="auto, minilm (English), e5 (multilingual), a path or a hub id.")
    ] = "auto",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and of each training.")] = 1,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Cross-validate recipes against each other, with all of the rows and with fewer."""
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from chatbot.vault_home import open_vault
    from training.base_weights import opened_base
    from training.comparison import ComparisonOrder, run_comparison
    from training.evaluation.sentences import evaluation_wording, say_keys
    from training.progress import RichWatch

    console, wording = Console(stderr=True), evaluation_wording(language.value)
    shares, settings = _shares(fractions), load_settings()
    check_extra("The learning curve")
    from training.comparison_summary import write_comparison

    with opened_base(base, open_vault(settings)) as start, RichWatch(console) as watch:
        order = ComparisonOrder(
            data=data,
            recipes=tuple(recipe),
            out=out,
            fractions=shares,
            folds=folds,
            base=start,
            epochs=epochs,
            seed=seed,
        )
        cells = run_comparison(order, models_home=settings.models_home, watch=watch)
    facts = {"data": data.name, "folds": folds, "seed": seed, "base": base, "epochs": epochs}
    rows, picture = write_comparison(out, cells.results, facts=facts, wording=wording)
    title = wording.say("compare", "title", data=data.name, folds=folds)
    console.print(_table(rows, title, wording))
    if picture.keys:
        say(console, say_keys(picture.keys, wording))
    counts = {"reused": cells.reused, "cells": len(cells.results)}
    say(console, wording.say("compare", "done", path=out, **counts))


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(share) for share in text.split(",") if share.strip())
    except ValueError:
        raise typer.BadParameter(f"--fractions {text!r} is no list such as 0.25,0.5,1") from None


def _table(rows: list[Row], title: str, wording: Wording) -> Table:
    first = rows[0].recipe
    compared = any(row.against_first is not None for row in rows)
    names = ["recipe", "fraction", "rows", "accuracy", "deviation", *_MEANS[1:], "seconds"]
    names += ["difference", "p_value"] if compared else []
    heads = [Column(Text(wording.say("compare", name, recipe=first))) for name in names]
    table = Table(*heads, title=Text(title), title_justify="left")
    for row in rows:
        table.add_row(*_cells(row, wording), *(_against(row, wording) if compared else ()))
    return table


def _cells(row: Row, wording: Wording) -> list[Text]:
    accuracy, *others = (_figure(row.means[name]) for name in _MEANS)
    cells = (
        row.recipe,
        wording.percent(row.fraction, digits=0),
        f"{row.rows:,.0f}",
        accuracy,
        _figure(row.deviations["accuracy"]),
        *others,
        f"{row.seconds:,.1f}",
    )
    return [Text(cell) for cell in cells]


def _against(row: Row, wording: Wording) -> tuple[str, str]:
    from training.evaluation.sentences import say_p

    test = row.against_first
    if test is None:
        return ("", "")
    low, high = (wording.signed_points(x) for x in (test.interval.low, test.interval.high))
    difference = f"{wording.signed_points(test.difference)} ({low} … {high})"
    return difference, say_p(test.p_value).removeprefix("= ")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
