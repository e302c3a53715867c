"""kill -9 of a real process in the middle of rotations, at moments that nobody chose."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from privacy.envelope import Context, Sealed, seal, unseal
from privacy.keyring_file import FileKeyRing
from privacy.master_given import GivenMasterKeys
from tests.privacy.key_keepers import new_key

CUSTOMERS = tuple(f"customer {number}" for number in range(36))
KILLS = 30
ROTATE_FOR_EVER = """
import sys
from pathlib import Path
from privacy.keyring_file import FileKeyRing
from privacy.master_given import GivenMasterKeys

keepers = [GivenMasterKeys.parse(text, name="KEFU_MASTER_KEY") for text in sys.argv[2:]]
ring = FileKeyRing(Path(sys.argv[1]), keepers=keepers)
print("ready", flush=True)
while True:
    ring.rotate()
"""


def _context(customer: str) -> Context:
    return Context("messages", customer, "text")


@dataclass(frozen=True)
class Keys:
    folder: Path
    given: tuple[str, ...]
    """Master keys from outside the folder."""

    def ring(self) -> FileKeyRing:
        keepers = [GivenMasterKeys.parse(text, name="KEFU_MASTER_KEY") for text in self.given]
        return FileKeyRing(self.folder, keepers=keepers)


@pytest.fixture(params=["in the folder", "given"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys", () if request.param == "in the folder" else (new_key(),))


def _kill_a_rotation(keys: Keys, *, after_seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ROTATE_FOR_EVER, str(keys.folder), *keys.given],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(after_seconds)
    assert process.poll() is None, "the rotation failed by itself"
    process.kill()
    process.wait()
    process.stdout.close()


def _opened(keys: Keys, values: dict[str, Sealed]) -> dict[str, str]:
    ring = keys.ring()
    return {
        customer: unseal(value, ring, customer=customer, context=_context(customer))
        for customer, value in values.items()
    }


def test_after_any_kill_every_value_opens_and_the_rotation_can_be_finished(keys: Keys) -> None:
    ring, chance = keys.ring(), random.Random(5)
    said = {customer: f"what {customer} said 说" for customer in CUSTOMERS}
    values = {
        customer: seal(text, ring.data_key(customer), context=_context(customer))
        for customer, text in said.items()
    }
    broken_off, masters_seen = 0, {ring.status().masters[-1].id}
    for kill in range(KILLS):
        _kill_a_rotation(keys, after_seconds=chance.uniform(0.0, 0.12))
        assert _opened(keys, values) == said, f"after kill {kill}"
        masters = keys.ring().status().masters
        broken_off += len(masters) > 1
        masters_seen |= {master.id for master in masters}
        if kill % 5 == 4:
            # The others leave their former masters to the next process.
            keys.ring().rotate()
            (master,) = keys.ring().status().masters
            assert master.keys == len(CUSTOMERS)
            assert _opened(keys, values) == said, f"after the rotation behind kill {kill}"
    assert broken_off >= KILLS // 3, "the kills did not meet rotations"
    assert len(masters_seen) > KILLS // 2
    assert not list(keys.folder.rglob("*.new"))
