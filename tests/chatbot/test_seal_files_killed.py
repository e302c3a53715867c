"""kill -9 of a real process that seals and opens files, at moments that nobody chose."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.file_vault import is_sealed
from chatbot.seal_files import convert, convertible
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from tests.memory_places import IN_MEMORY, memory_place

pytestmark = pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")

KILLS = 12
MODEL = "20260101T000000Z-00000001"
SEAL_AND_OPEN_FOR_EVER = """
import sys
from pathlib import Path
from chatbot.seal_files import convert, convertible
from chatbot.settings import Settings
from chatbot.vault_home import open_vault

settings = Settings(home=Path(sys.argv[1]), memory_home=Path(sys.argv[2]), _env_file=None)
vault = open_vault(settings)
print("ready", flush=True)
while True:
    for opening in (False, True):
        convert(vault, convertible(settings, opening=opening), opening=opening)
        print("half", flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with memory_place() as place:
        yield Settings(home=tmp_path / "home", memory_home=place, _env_file=None)


def _kill_in_the_middle(settings: Settings, *, after_halves: int, after_seconds: float) -> None:
    words = [str(settings.home), str(settings.memory_home)]
    process = subprocess.Popen(
        [sys.executable, "-c", SEAL_AND_OPEN_FOR_EVER, *words], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    # By the clock alone, a busy machine would be killed before it ever opens what it sealed.
    for _ in range(after_halves):
        assert process.stdout.readline() == b"half\n"
    time.sleep(after_seconds)
    assert process.poll() is None, "it failed by itself"
    process.kill()
    process.wait()
    process.stdout.close()


def test_after_any_kill_everything_loads_and_the_work_can_be_finished(settings: Settings) -> None:
    weights = os.urandom(3_000_000)
    files = {"manifest.json": b"{}", "model.safetensors": weights, "a": b"", "b": b"b"}
    model = settings.intents_home / "shop" / MODEL
    model.mkdir(parents=True)
    for name, content in files.items():
        (model / name).write_bytes(content)
    articles = collection_of(settings, "shop")
    articles.merge([Document("en", "Where is it?", "On its way.", "Parcels", language="en")])
    version = articles.build(HashingEmbedder())
    chance, states, broken_off = random.Random(7), list[bool](), 0
    vault = open_vault(settings)
    for kill in range(KILLS):
        later = chance.uniform(0.0, 0.15) if kill % 2 else 0.0
        _kill_in_the_middle(settings, after_halves=kill % 3, after_seconds=later)
        assert articles.load(HashingEmbedder()).version == version, f"after kill {kill}"
        assert [document.id for document in articles.documents()] == ["en"]
        assert [revision.number for revision in articles.revisions(limit=9)] == [1]
        with vault.opened(model) as opened:
            found = {name: (opened / name).read_bytes() for name in files}
        assert found == files, f"after kill {kill}"
        states.append(is_sealed(model))
        broken_off += bool(convertible(settings) and convertible(settings, opening=True))
        if kill % 4 == 3:
            # The others leave what they had begun to the next process.
            opening = kill % 8 == 3
            convert(vault, convertible(settings, opening=opening), opening=opening)
            assert convertible(settings, opening=opening) == []
            assert is_sealed(model) is not opening
            assert not [path for path in settings.home.rglob("*.draft") if path.name[0] == "."]
    assert broken_off, "the kills met no work"
    assert set(states) == {True, False}, "the kills met one state only"
