"""What names and places are drawn from: the same in every process, or no training is repeatable."""

import os
import subprocess
import sys

_DRAWN = """
import random
from training.names.latin import LatinFillers

fillers = LatinFillers(random.Random(7), locales=("it_IT", "en_GB"))
print([fillers.address() + fillers.full_name() for _ in range(300)])
"""


def _in_a_process(hash_seed: str) -> str:
    environment = os.environ | {
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", _DRAWN]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_every_process_draws_the_same_names_and_addresses() -> None:
    assert _in_a_process("1") == _in_a_process("2") != "[]\n"
