from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder
from training.batching import Batch
from training.intent import TrainingOrder, train_intent
from training.processes import Team, leads

KEFU = Path(sys.executable).with_name("kefu")
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python")


def _batch(rows: int) -> Batch:
    shape = torch.ones((rows, 4), dtype=torch.int64)
    return Batch(list(range(rows)), shape, shape, torch.arange(rows))


@pytest.mark.parametrize(("rows", "size"), [(7, 2), (8, 3), (2, 5)])
def test_the_processes_share_out_a_batch_without_rest(rows: int, size: int) -> None:
    parts = [Team(rank, size).part(_batch(rows)) for rank in range(size)]
    counted = [n for part, share in parts if share for n in part.numbers]
    assert sorted(counted) == list(range(rows))
    assert sum(share for _, share in parts) == pytest.approx(1.0)
    assert all(len(part.numbers) for part, _ in parts)


def test_a_process_alone_leads_and_does_everything_itself() -> None:
    batch = _batch(3)
    assert leads()
    assert Team().part(batch) == (batch, 1.0)
    assert Team().add_up([], 0.5) == 0.5
    assert Team().gather("x") == ["x"]
    assert Team().any(True)
    assert not Team().any(False)


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    text = RECIPE.replace("dropout = 0.1", "dropout = 0.0").replace("1e-2", "1e-3")
    # 15 rows a batch: the parts differ in size.
    recipe.write_text(text.replace("batch_rows = 16", "batch_rows = 15\naccumulation = 2"))
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(8, outside=8)),
        out=tmp_path / "one",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=recipe,
        epochs=2,
    )
    train_intent(order, models_home=tmp_path)
    two = tmp_path / "two"
    options = ("--data", order.data, "--out", two, "--base", order.base, "--recipe", recipe)
    command = (sys.executable, *TORCHRUN, KEFU, "train", "intent", *options, "--epochs", "2")
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "KEFU_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Trained on 32 rows") == 1
    ours, theirs = (load_file(folder / "model.safetensors") for folder in (order.out, two))
    for name, weight in ours.items():
        # The attention does not depend on this one: its gradient is rounding, and the optimiser
        # takes whole steps after the rounding.
        if not name.endswith("key.bias"):
            assert np.allclose(weight, theirs[name], atol=1e-5), name
    assert not two.with_name("two.partial").exists()
