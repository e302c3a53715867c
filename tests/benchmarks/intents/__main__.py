"""`make bench-intents BENCHMARKS=folder`: intents beside what is asked for and was published.

With the shipped commands. The folder holds `intents/…`; test files are only measured on. A
dataset's model is trained with three seeds, or one where that takes over five minutes. Exit code 1
where a command failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tests.benchmarks.intents.measuring import CommandFailed, measure
from tests.benchmarks.intents.plan import RECIPES, Dataset, read_plan
from tests.benchmarks.intents.preparation import missing_files, prepare
from tests.benchmarks.intents.results import Results, Run, recipe_sha256
from tests.benchmarks.intents.table import lines, markdown, rich_table

SEEDS = (1, 2, 3)
LONG_SECONDS = 300
"""A first training that took longer remains the only one."""


def seeds_left(done: Sequence[Run], wanted: Sequence[int] | None) -> list[int]:
    """What remains to be trained; without `wanted`, time decides."""
    seeds = SEEDS if wanted is None else wanted
    if wanted is None and any(run.train_seconds > LONG_SECONDS for run in done):
        return []
    return [seed for seed in seeds if seed not in {run.seed for run in done}]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    console = Console(width=160)
    intents = options.benchmarks / "intents"
    chosen = _chosen(options.only)
    for dataset in chosen:
        for path in missing_files(dataset, intents):
            sys.exit(f"{path} does not exist.")
    if options.out is not None and options.out.exists() and not options.resume:
        sys.exit(f"{options.out} exists; add --resume to go on with it, or remove it.")
    results = Results.read(options.out) if options.out is not None else Results(None)
    failures = 0
    for dataset in chosen:
        try:
            _run_all(dataset, intents, results, options, console)
        except CommandFailed as error:
            console.print(f"{dataset.title}: {error}", style="red", markup=False)
            failures += 1
    shown = [
        line for dataset in chosen for line in lines(dataset, _done(dataset, results, options))
    ]
    console.print(rich_table(shown))
    if options.markdown is not None:
        options.markdown.write_text(markdown(shown), "utf-8")
    return 1 if failures else 0


def _run_all(
    dataset: Dataset,
    intents: Path,
    results: Results,
    options: argparse.Namespace,
    console: Console,
) -> None:
    recipe = dataset.recipe(options.recipes)
    while left := seeds_left(_done(dataset, results, options), options.seeds):
        title = f"{dataset.title}, seed {left[0]}"
        console.rule(title if recipe is None else f"{title}, recipe {recipe.name}")
        with tempfile.TemporaryDirectory() as name, _home(options.models, Path(name)) as models:
            prepared = prepare(dataset, intents, Path(name))
            model = models / f"{dataset.name}-{left[0]}"
            results.add(measure(dataset, prepared, left[0], recipe=recipe, model=model))


def _done(dataset: Dataset, results: Results, options: argparse.Namespace) -> list[Run]:
    digest = recipe_sha256(dataset.recipe(options.recipes))
    runs = results.of(dataset.name, recipe=digest)
    return [run for run in runs if options.seeds is None or run.seed in options.seeds]


@contextmanager
def _home(kept: Path | None, fleeting: Path) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    yield kept or fleeting


def _chosen(only: Sequence[str] | None) -> list[Dataset]:
    plan = {dataset.name: dataset for dataset in read_plan()}
    for name in only or ():
        if name not in plan:
            sys.exit(f"There is no dataset {name!r}; there are {', '.join(plan)}.")
    return [plan[name] for name in only or plan]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-intents", description=__doc__)
    parser.add_argument("benchmarks", type=Path, help="the folder that holds intents/")
    parser.add_argument("--only", type=_words, metavar="NAME,NAME", help="these datasets alone")
    parser.add_argument("--seeds", type=_seeds, metavar="1,2,3", help="these, however long")
    parser.add_argument("--out", type=Path, help="JSON that keeps every run as it ends")
    parser.add_argument("--resume", action="store_true", help="skip the runs that --out holds")
    parser.add_argument("--markdown", type=Path, help="where the table goes as Markdown")
    parser.add_argument("--models", type=Path, help="folder that keeps the trained models")
    parser.add_argument("--recipes", type=Path, default=RECIPES, help="folder of NAME.toml")
    options = parser.parse_args(arguments)
    if options.resume and options.out is None:
        parser.error("--resume needs --out, the file to go on with")
    return options


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _seeds(text: str) -> list[int]:
    return [int(word) for word in _words(text)]


if __name__ == "__main__":
    sys.exit(main())
