"""`make bench-languages`: one intent model for both languages, or one for each and a switch?

On the demo company's rows for training and validation, in folds: every model is trained on four
fifths of its language's rows and asked about the rest. A fold is four trainings; `--folds` says
how many of the five are measured. Sentences that mix the languages are a test of their own
(`tests/benchmarks/data/codemixed.csv`): no row of it is trained on, and the first fold's models
alone are asked it.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.conversation import Understanding
from chatbot.language import detect_language
from chatbot.ports import IntentModel
from chatbot.settings import load_settings
from training.corpus import Utterance, read_corpus
from training.cycle_rows import write_rows
from training.demo import write_splits
from training.evaluation.intent import understand_all
from training.evaluation.significance import compare_paired
from training.intent import TrainingOrder, train_intent
from training.progress import RichWatch, Watch
from training.splits import folds

CODE_MIXED = Path(__file__).parent / "data" / "codemixed.csv"
FOLDS, SEED = 5, 1
MEBIBYTE = 1024 * 1024
LANGUAGES = ("en", "zh")
ONE, PAIR, OTHER_PAIR = "one model", "pair", "pair of e5"
WAYS = (ONE, PAIR, OTHER_PAIR)


@dataclass(frozen=True)
class Plan:
    name: str
    base: str
    languages: tuple[str, ...]


BOTH = Plan("e5 on both", "e5", LANGUAGES)
CHINESE = Plan("e5 on Chinese", "e5", ("zh",))
ENGLISH = Plan("MiniLM on English", "minilm", ("en",))
ENGLISH_E5 = Plan("e5 on English", "e5", ("en",))
PLANS = (BOTH, CHINESE, ENGLISH, ENGLISH_E5)
NEEDED = {ONE: (BOTH,), PAIR: (ENGLISH, CHINESE), OTHER_PAIR: (ENGLISH_E5, CHINESE)}

Rows = Sequence[Utterance]


class RoutedPair:
    """Each text goes to the model of the language that carries it."""

    def __init__(self, models: Mapping[str, IntentModel]) -> None:
        self._models = dict(models)
        self.labels = tuple(sorted({one for model in models.values() for one in model.labels}))
        self.version = "+".join(model.version for model in models.values())

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        found: dict[int, Understanding] = {}
        spoken = [detect_language(text).language.base for text in texts]
        for language, model in self._models.items():
            places = [place for place, one in enumerate(spoken) if one == language]
            answers = model.understand([texts[place] for place in places]) if places else []
            found.update(zip(places, answers, strict=True))
        return [found[place] for place in range(len(texts))]


@dataclass
class Tally:
    """Which rows each way gets right, by the kind of text, over all folds in the same order."""

    right: dict[tuple[str, str], list[bool]] = field(default_factory=dict)

    def ask(self, way: str, model: IntentModel, kinds: Mapping[str, Rows]) -> None:
        for kind, rows in kinds.items():
            answers = understand_all(model, rows)
            found = [row.intent == one.intent for row, one in zip(rows, answers, strict=True)]
            self.right.setdefault((way, kind), []).extend(found)

    def table(self) -> Table:
        table = Table("text", "rows", *WAYS, "p, pair", "p, pair of e5")
        table.caption = (
            "Accuracy; pair: MiniLM for English, e5 for Chinese; p: McNemar, to one model"
        )
        for kind in dict.fromkeys(kind for _, kind in self.right):
            columns = [self.right[way, kind] for way in WAYS]
            shares = [f"{sum(column) / len(column):.4f}" for column in columns]
            chances = [compare_paired(columns[0], other).p_value for other in columns[1:]]
            table.add_row(kind, str(len(columns[0])), *shares, *(f"{p:.3f}" for p in chances))
        return table


@dataclass(frozen=True)
class Cost:
    """Of the models as they are served: 8-bit graphs."""

    disk: float
    memory: float
    """MiB of a process that has loaded and asked them, less the same process without."""


def demo_rows(folder: Path) -> list[Utterance]:
    paths = write_splits(folder)
    return [row for name in ("train", "validation") for row in read_corpus(paths[name]).utterances]


def train(plan: Plan, rows: Rows, folder: Path, *, models_home: Path, watch: Watch) -> Path:
    data, out = folder / "train.csv", folder / plan.name.replace(" ", "-")
    write_rows(data, [row for row in rows if row.language in plan.languages])
    order = TrainingOrder(data=data, out=out, base=plan.base, seed=SEED)
    train_intent(order, models_home=models_home, watch=watch)
    return out


def ways_of(models: Mapping[Plan, Path]) -> dict[str, IntentModel]:
    loaded = {plan: TorchIntentModel(path) for plan, path in models.items()}
    chinese = loaded[CHINESE]
    return {
        ONE: loaded[BOTH],
        PAIR: RoutedPair({"en": loaded[ENGLISH], "zh": chinese}),
        OTHER_PAIR: RoutedPair({"en": loaded[ENGLISH_E5], "zh": chinese}),
    }


def kinds_of(rows: Rows, mixed: Rows) -> dict[str, Rows]:
    kinds: dict[str, Rows] = {
        one: [row for row in rows if row.language == one] for one in LANGUAGES
    }
    return {**kinds, "code-mixed": mixed} if mixed else kinds


def cost_of(directories: Sequence[Path]) -> Cost:
    # The weights that were trained stay behind; what is served lies beside them.
    disk = sum(
        file.stat().st_size
        for directory in directories
        for file in directory.rglob("*")
        if file.is_file() and file.name != "model.safetensors"
    )
    return Cost(disk / MEBIBYTE, _resident(directories) - _resident(()))


def _resident(directories: Sequence[Path]) -> float:
    """MiB, of a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        return alone.submit(_load_and_ask, tuple(directories)).result()


def _load_and_ask(directories: tuple[Path, ...]) -> float:
    models = [OnnxIntentModel(directory) for directory in directories]
    for model in models:
        model.understand(["Where is my order? 我的快递到哪了"])
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / MEBIBYTE


def _costs(console: Console, models: Mapping[Plan, Path]) -> None:
    table = Table("served", "on disk, MiB", "in memory, MiB", title="8-bit graphs")
    for way, plans in NEEDED.items():
        directories = [models[plan] for plan in plans]
        for directory in directories:
            # The first to open it writes the graph; what is measured is the second.
            OnnxIntentModel(directory)
        cost = cost_of(directories)
        table.add_row(way, f"{cost.disk:.0f}", f"{cost.memory:.0f}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench-languages")
    parser.add_argument("--folds", type=int, choices=range(1, FOLDS + 1), default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the models of the last fold")
    chosen = parser.parse_args()
    console, tally = Console(stderr=True), Tally()
    models_home = load_settings().models_home
    mixed = read_corpus(CODE_MIXED).utterances
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        parts = folds(demo_rows(folder / "rows"), FOLDS, seed=SEED)
        for place in range(chosen.folds):
            rest = [row for number, part in enumerate(parts) if number != place for row in part]
            work = folder / "models"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            models = {}
            for plan in PLANS:
                console.print(f"Fold {place + 1} of {chosen.folds}: {plan.name}")
                with RichWatch(console) as watch:
                    models[plan] = train(plan, rest, work, models_home=models_home, watch=watch)
            for way, model in ways_of(models).items():
                # Asked again they would count as if they were other sentences.
                tally.ask(way, model, kinds_of(parts[place], () if place else mixed))
        console.print(tally.table())
        _costs(console, models)


if __name__ == "__main__":
    main()
