"""`kefu demo`, and with it `kefu demo-day`."""

from __future__ import annotations

import typer
from rich.console import Console

from training.demo_day.command import demo_day


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("demo-day")(demo_day)


def demo() -> None:
    """Bring up the demo company: weights, articles, intent and name model. Quick when repeated."""
    from chatbot.bootstrap import load_embedder
    from chatbot.cli.kb import build_with_bars
    from chatbot.cli.models import NEEDED, fetch
    from chatbot.demo.company import COLLECTION, KNOWLEDGE
    from chatbot.settings import load_settings
    from knowledge_base.collection import Collection
    from training.corpus import read_corpus
    from training.demo import train_demo, write_splits
    from training.names.model import NameOrder, train_names
    from training.progress import RichWatch

    settings = load_settings()
    console = Console(stderr=True)
    fetch(NEEDED)
    collection = Collection(settings.collections_home / COLLECTION)
    collection.import_documents([KNOWLEDGE])
    build_with_bars(collection, load_embedder(settings))
    splits = write_splits(settings.home / "demo")
    with RichWatch(console) as watch:
        report = train_demo(
            splits,
            intents_home=settings.intents_home,
            models_home=settings.models_home,
            watch=watch,
        )
        background = tuple(row.text for row in read_corpus(splits["train"]).utterances)
        names = train_names(
            NameOrder(settings.names_home, background),
            models_home=settings.models_home,
            watch=watch,
        )
    if names is not None:
        console.print(f"Trained the name model on {names.sentences:,} made-up sentences.")
    if report is not None:
        console.print(f"Trained the intent model {report.version} on {report.rows:,} utterances.")
    console.print("The demo company is ready: `kefu serve`, then open its page.")
