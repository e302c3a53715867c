"""`make bench-compression`: what 8 bits, training for them and pruning cost and gain.

On the demo company's model in KEFU_HOME, with the rows it was trained on and its validation rows.
`--epochs N` trains for longer, `--report FILE` keeps the figures as JSON.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from chatbot.demo.company import COLLECTION
from chatbot.intent_home import current_intents
from chatbot.settings import load_settings
from training.compress.command import Spoken, compression_table, compression_wording, write_report
from training.compress.compression import CompressionOrder, Method, compress_intent
from training.demo import write_splits
from training.progress import RichWatch

WIDTHS = (0.75, 0.5)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    settings, wording = load_settings(), compression_wording("en")
    model = current_intents(settings.intents_home, COLLECTION)
    if model is None:
        Console(stderr=True).print("The demo company has no intent model: run `kefu demo`.")
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        RichWatch(Console(stderr=True)) as watch,
    ):
        splits = write_splits(Path(folder) / "data")
        order = CompressionOrder(
            model=model,
            data=splits["validation"],
            out=Path(folder) / "models",
            methods=tuple(Method),
            train=splits["train"],
            widths=WIDTHS,
            epochs=given.epochs,
        )
        found = compress_intent(order, watch=Spoken(watch, wording))
    console = Console()
    console.print(compression_table(found, splits["validation"].name, wording))
    console.print(wording.say("done", "notes"))
    if given.report is not None:
        write_report(given.report, found, data=splits["validation"].name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
