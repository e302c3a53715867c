"""`kefu train …` and `kefu evaluate …`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from training.corpus import Finding, Problem

_FINDINGS_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Called by the product's command line for the entry point `kefu.commands`."""
    train = typer.Typer(no_args_is_help=True, help="Train a model from your own examples.")
    train.command("intent")(train_intent)
    app.add_typer(train, name="train")
    evaluate = typer.Typer(no_args_is_help=True, help="Measure a model on labelled data.")
    evaluate.command("intent")(evaluate_intent)
    evaluate.command("pii")(evaluate_pii)
    app.add_typer(evaluate, name="evaluate")


def train_intent(
    data: Annotated[Path, typer.Option(help="CSV text,intent[,language].")],
    out: Annotated[Path, typer.Option(help="Directory for the model; replaced if it holds one.")],
    validation: Annotated[
        Path | None,
        typer.Option(help="CSV for calibration and the best epoch; else rows are held out."),
    ] = None,
    base: Annotated[
        str, typer.Option(help="auto, minilm (English), e5 (multilingual), a path or a hub id.")
    ] = "auto",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same data: same model.")] = 1,
    recipe: Annotated[
        Path | None, typer.Option(help="TOML with other hyper-parameters than the shipped ones.")
    ] = None,
) -> None:
    """Fine-tune an encoder to tell your customers' intents apart."""
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from training.intent import TrainingOrder, train_intent
    from training.progress import RichWatch
    from training.recipe import SHIPPED

    console = Console(stderr=True)
    order = TrainingOrder(data, out, validation, base, epochs, seed, recipe or SHIPPED)
    with RichWatch(console) as watch:
        report = train_intent(order, models_home=load_settings().models_home, watch=watch)
    _show_findings(console, data, report.findings)
    console.print(
        f"Trained on {report.rows:,} rows from {report.base}, {report.epochs} epochs; "
        f"version {report.version} in {out}."
    )
    console.print(_table(f"Held-out rows ({report.held_out_rows:,})", report.metrics))


def evaluate_intent(
    model: Annotated[Path, typer.Option(help="Directory written by `kefu train intent`.")],
    data: Annotated[Path, typer.Option(help="CSV text,intent[,language].")],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
) -> None:
    """Measure an intent model: accuracy, out-of-scope detection, calibration, latency."""
    from chatbot.adapters.intent_torch import TorchIntentModel
    from training.corpus import read_corpus
    from training.evaluation.intent import TIMED_TEXTS, check_intents
    from training.evaluation.intent import evaluate_intent as measure
    from training.progress import RichWatch

    console = Console(stderr=True)
    with RichWatch(console) as watch:
        corpus = read_corpus(data)
        loaded = TorchIntentModel(model)
        check_intents(corpus, loaded)
        rows = len(corpus.utterances)
        watch.stage("Evaluating", rows + min(rows, TIMED_TEXTS))
        figures = measure(loaded, corpus.utterances, advance=watch.advance)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    _show_findings(console, data, corpus.findings)
    console.print(_table(f"{data.name} ({rows:,} rows)", figures))
    console.print(f"The report is in {report}.")


def evaluate_pii(
    data: Annotated[
        Path, typer.Option(help='JSONL {"id","text","spans":[{"start","end","type"}]}.')
    ],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    types: Annotated[
        str, typer.Option(help="Only these types, with commas between; all when empty.")
    ] = "",
    rename: Annotated[
        str, typer.Option(help="Other names in the data: CREDIT_CARD=BANK_CARD,IBAN_CODE=IBAN")
    ] = "",
) -> None:
    """Measure what finds personal data: precision, recall, F1 and F2, exact and by overlap."""
    from rich.progress import track

    from chatbot.pii_file import read_marked
    from privacy.redaction import detect
    from training.evaluation.pii import evaluate_pii as measure
    from training.evaluation.pii import renamed

    console = Console(stderr=True)
    rows = read_marked(data)
    chosen = [name.strip() for name in types.split(",") if name.strip()]
    names = dict(pair.partition("=")[::2] for pair in rename.split(",") if pair)
    figures = measure(
        track(renamed(rows, names), "Detecting", console=console, transient=True),
        lambda text: detect(text, every_url=True),
        types=chosen,
    )
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    table = Table("type", "marked", "precision", "recall", "F1", "F2", "recall by overlap")
    for kind, row in [("all", figures["overall"]), *figures["per_type"].items()]:
        loose = figures["per_type_overlap"].get(kind, figures["overall_overlap"])
        shown = [row[name] for name in ("precision", "recall", "f1", "f2")] + [loose["recall"]]
        table.add_row(kind, f"{row['gold']:,}", *("–" if x is None else f"{x:.3f}" for x in shown))
    console.print(table)
    console.print(f"The report is in {report}.")


def _show_findings(console: Console, path: Path, findings: tuple[Finding, ...]) -> None:
    counts = Counter(finding.problem for finding in findings)
    for problem in Problem:
        if not counts[problem]:
            continue
        lines = [finding for finding in findings if finding.problem is problem]
        shown = "; ".join(
            f"line {finding.line}" + (f" ({finding.detail})" if finding.detail else "")
            for finding in lines[:_FINDINGS_SHOWN]
        )
        more = " …" if len(lines) > _FINDINGS_SHOWN else ""
        console.print(
            f"{path.name}: {problem.value}, {counts[problem]:,} times: {shown}{more}",
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _table(title: str, figures: dict[str, object]) -> Table:
    table = Table("", "value", title=title, title_justify="left")
    for name, value in figures.items():
        if isinstance(value, int | float):
            table.add_row(name.replace("_", " "), _number(value))
    languages = figures.get("per_language")
    for language, row in (languages if isinstance(languages, dict) else {}).items():
        for name in ("n", "accuracy", "oos_auroc"):
            if row[name] is not None:
                table.add_row(f"{language}: {name.replace('_', ' ')}", _number(row[name]))
    return table


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
