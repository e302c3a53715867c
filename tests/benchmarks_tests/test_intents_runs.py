from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.intents import __main__ as bench
from tests.benchmarks.intents.measuring import CommandFailed, measure, run_command
from tests.benchmarks.intents.plan import Dataset
from tests.benchmarks.intents.preparation import prepare
from tests.benchmarks.intents.results import Results, Run, recipe_sha256
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe

RUN = Run(
    "banking77-5shot", 1, None, "", "v1", 12.0, 10**9, {"test": {"accuracy": 0.8, "ece": 0.0}}
)


def test_runs_are_kept_as_they_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "runs.json"
    results = Results.read(path)
    results.add(RUN)
    assert Results.read(path).of(RUN.data, recipe="") == [RUN]
    results.add(replace(RUN, seed=2))
    assert [run.seed for run in Results.read(path).of(RUN.data, recipe="")] == [1, 2]


def test_a_run_with_another_recipe_does_not_count() -> None:
    results = Results(None, [RUN, replace(RUN, recipe_sha256="other", seed=2)])
    assert [run.seed for run in results.of(RUN.data, recipe="")] == [1]


def test_of_two_runs_with_the_same_seed_the_last_counts() -> None:
    results = Results(None, [RUN, replace(RUN, version="v2")])
    assert [run.version for run in results.of(RUN.data, recipe="")] == ["v2"]


def test_a_long_first_training_remains_the_only_one() -> None:
    assert bench.seeds_left([], None) == [1, 2, 3]
    assert bench.seeds_left([RUN], None) == [2, 3]
    assert bench.seeds_left([replace(RUN, train_seconds=300.5)], None) == []
    assert bench.seeds_left([replace(RUN, train_seconds=300.5)], [1, 4]) == [4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "intents" / "banking77"
    data.mkdir(parents=True)
    for name in ("train_5shot.csv", "train_10shot.csv", "test.csv"):
        write_csv(data / name, toy_rows(2, outside=0))
    return tmp_path


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Datasets and seeds that would have been trained; the third training fails."""
    done: list[tuple[str, int]] = []

    def pretend(
        dataset: Dataset, _prepared: Any, seed: int, *, recipe: Path | None, **_: Any
    ) -> Run:
        done.append((dataset.name, seed))
        if len(done) == 3:
            raise CommandFailed("kefu train intent ended with 1")
        return replace(RUN, data=dataset.name, seed=seed, recipe_sha256=recipe_sha256(recipe))

    monkeypatch.setattr(bench, "measure", pretend)
    return done


def test_a_bench_goes_on_after_a_failure_and_is_resumed_where_it_was(
    folder: Path, trained: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    out, table = folder / "runs.json", folder / "table.md"
    words = [str(folder), "--only", "banking77-5shot,banking77-10shot", "--out", str(out)]
    assert bench.main([*words, "--seeds", "1,2,3"]) == 1
    few, more = "banking77-5shot", "banking77-10shot"
    assert trained == [(few, 1), (few, 2), (few, 3), (more, 1), (more, 2), (more, 3)]
    assert "ended with 1" in capsys.readouterr().out
    trained.clear()
    assert bench.main([*words, "--resume", "--markdown", str(table)]) == 0
    assert trained == [(few, 3)]
    assert "| BANKING77 5-shot: accuracy | ≥ 0.79 | ≥ 0.84 | 0.8000 ± 0.0000 (3) ✓ |" in (
        table.read_text("utf-8")
    )


def test_runs_that_are_there_are_not_written_over(folder: Path) -> None:
    out = folder / "runs.json"
    out.write_text("{}")
    with pytest.raises(SystemExit, match="add --resume to go on with it"):
        bench.main([str(folder), "--only", "banking77-5shot", "--out", str(out)])
    assert out.read_text() == "{}"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--only", "fish"], "There is no dataset 'fish'"),
        (["--only", "clinc150"], r"clinc150/train\.csv does not exist"),
    ],
)
def test_what_cannot_be_measured_is_said_before_anything_is_trained(
    folder: Path, words: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit, match=complaint):
        bench.main([str(folder), *words])


def test_the_memory_of_a_command_is_measured() -> None:
    # From a small process: the system counts a command with the memory of who started it.
    words = ["-c", "b = bytes(200_000_000).replace(b'\\0', b'1')"]
    program = "import sys; from tests.benchmarks.intents.measuring import run_command; "
    program += (
        f"cost = run_command(sys.executable, *{words!r}); print(cost.peak_bytes, cost.seconds)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    peak, seconds = done.stdout.split()
    assert 200_000_000 < int(peak) < 600_000_000
    assert float(seconds) > 0


def test_a_command_that_fails_is_named() -> None:
    with pytest.raises(CommandFailed, match="ended with 3"):
        run_command(sys.executable, "-c", "raise SystemExit(3)")


def test_a_run_trains_and_measures_with_the_shipped_commands(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", toy_rows(20, outside=20))
    write_csv(tmp_path / "test.csv", toy_rows(4, outside=0))
    write_csv(tmp_path / "far.csv", toy_rows(0, outside=5))
    tests = {"far": ["test.csv", "far.csv"]}
    base = str(write_encoder(tmp_path / "tiny"))
    dataset = Dataset("toy", "Toy", ".", "train.csv", tests, (), base=base)
    recipe = write_recipe(tmp_path / "toy.toml")
    run = measure(
        dataset, prepare(dataset, tmp_path, tmp_path), 7, recipe=recipe, model=tmp_path / "model"
    )
    assert (run.data, run.seed, run.recipe) == ("toy", 7, "toy.toml")
    assert run.version
    assert run.peak_bytes > 100_000_000
    assert run.figure("far.n") == 17
    assert 0 <= (run.figure("far.oos_auroc") or -1) <= 1
    assert 0 <= (run.figure("far.in_scope_accuracy_at_threshold") or -1) <= 1
    assert json.loads(json.dumps(run.reports)) == run.reports
