from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 20
LARGEST_GROWTH = 0.05


def test_twenty_trainings_and_loads_in_one_process_leave_no_memory_behind(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.training.reloading", str(tmp_path), str(ROUNDS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    sizes = [int(line) for line in done.stdout.split()]
    assert len(sizes) == ROUNDS
    assert max(sizes) <= (1 + LARGEST_GROWTH) * sizes[0], sizes
