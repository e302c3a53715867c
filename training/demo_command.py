"""`kefu demo`, and with it `kefu demo-day`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from training.demo_day.command import demo_day

if TYPE_CHECKING:
    from training.names.model import NameOrder, NameReport
    from training.progress import RichWatch, Watch

Names = Callable[[], "NameReport | None"]
"""Waits for the name model."""


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("demo-day")(demo_day)


def demo() -> None:
    """Bring up the demo company: weights, articles, intent and name model. Quick when repeated."""
    from chatbot.bootstrap import load_embedder
    from chatbot.cli.models import NEEDED, fetch
    from chatbot.demo.company import COLLECTION, KNOWLEDGE
    from chatbot.knowledge_home import build_knowledge
    from chatbot.settings import load_settings
    from chatbot.vault_home import collection_of, open_vault
    from training.corpus import read_corpus
    from training.demo import train_demo, write_splits
    from training.names.model import NameOrder
    from training.progress import RichWatch

    settings = load_settings()
    console = Console(stderr=True)
    fetch(NEEDED)
    vault = open_vault(settings)
    splits = write_splits(settings.home / "demo")
    background = tuple(row.text for row in read_corpus(splits["train"]).utterances)
    order = NameOrder(settings.names_home, background)
    with RichWatch(console) as watch, _names(order, settings.models_home, watch) as name_model:
        collection = collection_of(settings, COLLECTION, vault=vault)
        collection.import_documents([KNOWLEDGE])
        build_knowledge(settings, collection, load_embedder(settings), progress=_shown_by(watch))
        report = train_demo(
            splits,
            intents_home=settings.intents_home,
            models_home=settings.models_home,
            watch=watch,
            vault=vault,
        )
        names = name_model()
    if names is not None:
        console.print(f"Trained the name model on {names.sentences:,} made-up sentences.")
    if report is not None:
        console.print(f"Trained the intent model {report.version} on {report.rows:,} utterances.")
    console.print("The demo company is ready: `kefu serve`, then open its page.")


@contextmanager
def _names(order: NameOrder, models_home: Path, watch: RichWatch) -> Iterator[Names]:
    """At the first start in a process beside this one, for it keeps one processor busy at most.
    Later there is a model, and to look whether it is the right one takes less than a process."""
    from chatbot.adapters.name_model import MANIFEST
    from training.beside import beside
    from training.names.model import train_names

    if (order.out / MANIFEST).is_file():
        yield lambda: train_names(order, models_home=models_home, watch=watch)
        return
    with beside(train_names, order, models_home=models_home, watch=watch.another()) as names:
        yield names


def _shown_by(watch: Watch) -> Callable[[str, int, int], None]:
    """Of each stage it is told how much is done, and the watch hears how much more that is."""
    stage, behind = "", 0

    def show(name: str, done: int, total: int) -> None:
        nonlocal stage, behind
        if name != stage:
            stage, behind = name, 0
            watch.stage(name, total)
        watch.advance(done - behind)
        behind = done

    return show
