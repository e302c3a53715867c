from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from training.errors import RetrieverBusy
from training.retriever.alone import only_training

HOLD = """
import sys, time
from pathlib import Path
from training.retriever.alone import only_training
with only_training(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_two_trainings_at_once_are_refused(tmp_path: Path) -> None:
    second = only_training(tmp_path)
    with only_training(tmp_path), pytest.raises(RetrieverBusy, match="by another process: wait"):
        second.__enter__()


def test_one_training_may_follow_another_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), only_training(tmp_path / "new"):
        raise ValueError("broken")
    with only_training(tmp_path / "new"):
        pass


def test_the_lock_of_a_killed_training_is_free(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            with pytest.raises(RetrieverBusy), only_training(tmp_path):
                pass
        finally:
            other.kill()
    with only_training(tmp_path):
        pass
