"""`kefu evaluate intent|pii`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from training.evaluation.pii_scheme import SchemeName
from training.printing import LanguageOption, check_extra, number, say, show_findings
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from chatbot.ports import IntentModel
    from training.audits.wording import Wording
    from training.corpus import Corpus
    from training.evaluation.dossier import Dossier
    from training.evaluation.intent import Evaluation
    from training.evaluation.rivalry import Rivalry
    from training.progress import Watch

_PAIRS_PRINTED = 5


def evaluate_intent(
    model: Annotated[Path, typer.Option(help="Directory written by `kefu train intent`.")],
    data: Annotated[Path, typer.Option(help="CSV text,intent[,language].")],
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes.")] = None,
    page: Annotated[
        Path | None, typer.Option("--html", help="Where the report as one HTML page goes.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="Where the misunderstood sentences go, as CSV.")
    ] = None,
    confusion: Annotated[
        Path | None, typer.Option(help="Where the confusion matrix goes, as PNG.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another model's directory: is this one better?")
    ] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Measure an intent model: accuracy, out-of-scope detection, calibration, latency."""
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from chatbot.vault_home import open_vault
    from training.evaluation import writing
    from training.evaluation.sentences import evaluation_wording, say_coverage, say_rivalry
    from training.progress import RichWatch

    if page is not None or confusion is not None:
        check_extra("A report with pictures")
    console, wording = Console(stderr=True), evaluation_wording(language.value)
    with ExitStack() as stack:
        watch = stack.enter_context(RichWatch(console))
        vault = open_vault(load_settings())
        models = [stack.enter_context(vault.opened(one)) for one in (model, against) if one]
        corpus, dossier = _evaluate(models, data, wording=wording, watch=watch)
    show_findings(console, data, corpus.findings)
    console.print(_figures(dossier, wording), _confused(dossier, wording))
    say(console, say_coverage(dossier.coverage, wording))
    if dossier.rivalry is not None:
        say(console, say_rivalry(dossier.rivalry, wording))
    for path, write in (
        (report, writing.write_report),
        (page, writing.write_page),
        (errors, writing.write_errors),
        (confusion, writing.write_confusion),
    ):
        if path is not None:
            say(console, write(path, dossier, wording))


def _evaluate(
    models: Sequence[Path], data: Path, *, wording: Wording, watch: Watch
) -> tuple[Corpus, Dossier]:
    """The first of one or two models, against the other."""
    from chatbot.adapters.intent_torch import TorchIntentModel
    from training.corpus import read_corpus
    from training.evaluation.dossier import Dossier
    from training.evaluation.intent import TIMED_TEXTS, check_intents, read_threshold
    from training.evaluation.intent import evaluate_intent as measure

    corpus = read_corpus(data)
    model, *against = models
    loaded = TorchIntentModel(model)
    other = TorchIntentModel(against[0]) if against else None
    check_intents(corpus, loaded)
    threshold, rows = read_threshold(model), len(corpus.utterances)
    watch.stage(wording.say("stages", "evaluating"), rows + min(rows, TIMED_TEXTS))
    evaluation = measure(loaded, corpus.utterances, threshold=threshold, advance=watch.advance)
    rivalry = None if other is None else _face_off(evaluation, other, wording, watch)
    now = datetime.now(UTC)
    return corpus, Dossier(data.name, loaded.version, threshold, now, evaluation, rivalry)


def _face_off(
    evaluation: Evaluation, other: IntentModel, wording: Wording, watch: Watch
) -> Rivalry:
    from training.evaluation.intent import understand_all
    from training.evaluation.rivalry import face_off

    watch.stage(wording.say("stages", "comparing"), len(evaluation.utterances))
    answers = understand_all(other, evaluation.utterances, advance=watch.advance)
    return face_off(evaluation, other, answers)


def _figures(dossier: Dossier, wording: Wording) -> Table:
    figures = dossier.evaluation.figures
    table = Table(
        wording.say("table", "figure"),
        wording.say("table", "value"),
        title=f"{dossier.data} ({wording.say('page', 'rows')}: {figures['n']:,})",
        title_justify="left",
    )
    for name in wording.tables["figures"]:
        if figures[name] is not None:
            table.add_row(wording.say("figures", name), number(figures[name]))
    for language, row in figures["per_language"].items():
        for name in ("n", "accuracy", "oos_auroc"):
            if row[name] is not None:
                table.add_row(f"{language}: {wording.say('figures', name)}", number(row[name]))
    return table


def _confused(dossier: Dossier, wording: Wording) -> Table:
    columns = [wording.say("confused", name) for name in ("gold", "predicted", "count", "examples")]
    title = wording.say("headings", "confused")
    table = Table(*columns, title=title, title_justify="left")
    for pair in dossier.evaluation.figures["most_confused"][:_PAIRS_PRINTED]:
        cells = (pair["gold"], pair["predicted"], str(pair["count"]), "\n".join(pair["examples"]))
        table.add_row(*map(Text, cells))
    return table


def evaluate_pii(
    data: Annotated[
        Path, typer.Option(help='JSONL {"id","text","spans":[{"start","end","type"}]}.')
    ],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    types: Annotated[
        str,
        typer.Option(
            help="Only these types, with commas between; all when empty. NAME=OUR renames one of "
            "the data: STREET_ADDRESS=ADDRESS"
        ),
    ] = "",
    rename: Annotated[
        str, typer.Option(help="Other names in the data: CREDIT_CARD=BANK_CARD,IBAN_CODE=IBAN")
    ] = "",
    neutral: Annotated[
        str,
        typer.Option(
            help="A finding of ours that lies on nothing but theirs counts neither way: ADDRESS=GPE"
        ),
    ] = "",
    scheme: Annotated[
        SchemeName | None,
        typer.Option(help="Whose types the data has: names, scored types and neutral ones."),
    ] = None,
    every_url: Annotated[
        bool,
        typer.Option(
            "--every-url/--account-urls",
            help="Every web address is to be found, or only one that carries an account.",
        ),
    ] = True,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Measure what finds personal data: precision, recall, F1 and F2 by three rules of matching."""
    from rich.progress import track

    from chatbot.pii_file import read_marked
    from privacy.redaction import detect
    from training.evaluation.pii import evaluate_pii as measure
    from training.evaluation.pii import renamed
    from training.evaluation.pii_scheme import read_scheme
    from training.evaluation.pii_tables import exact_table, relaxed_table, say_alarms
    from training.evaluation.sentences import evaluation_wording

    console, wording = Console(stderr=True), evaluation_wording(language.value)
    stage = wording.say("pii", "detecting")
    rows, scoring = read_marked(data), read_scheme(scheme, types, rename, neutral)
    figures = measure(
        track(renamed(rows, scoring.names), stage, console=console, transient=True),
        lambda text: detect(text, every_url=every_url),
        types=scoring.types,
        neutral=scoring.neutral,
    )
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    console.print(exact_table(figures, wording), relaxed_table(figures, wording))
    say(console, say_alarms(figures, wording))
    say(console, wording.say("done", "report", path=report))
