from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chatbot.errors import NotFound
from chatbot.file_vault import FileVault
from chatbot.memory_home import MemoryHome
from chatbot.query_drop import PLACE, QueryDrop
from knowledge_base.vault import PLAIN, Vault
from privacy.keyring_memory import MemoryKeyRing

CONTENT = "query,expected_id\n我的邮箱是 anna@example.com,mail\n".encode()


@pytest.fixture(params=["plain", "sealed"])
def drop(request: pytest.FixtureRequest, tmp_path: Path) -> QueryDrop:
    vault: Vault = PLAIN
    if request.param == "sealed":
        keys = MemoryKeyRing()
        memory = MemoryHome(tmp_path / "memory", installation=tmp_path)
        vault = FileVault(tmp_path, keys=lambda: keys, memory=memory, sealing=True)
    return QueryDrop(tmp_path, vault)


def test_what_is_left_is_found_until_it_is_cleared(drop: QueryDrop) -> None:
    name = drop.leave(CONTENT)
    assert drop.read(name) == CONTENT
    drop.clear(name)
    assert list((drop.home / PLACE).iterdir()) == []
    with pytest.raises(NotFound):
        drop.read(name)


def test_in_a_sealing_vault_no_question_can_be_read_on_the_disk(drop: QueryDrop) -> None:
    drop.leave(CONTENT)
    (file,) = (drop.home / PLACE).iterdir()
    assert (b"anna" in file.read_bytes()) is (drop.vault is PLAIN)


def test_what_no_worker_came_for_is_gone_after_a_day(drop: QueryDrop) -> None:
    drop.leave(CONTENT)
    (old,) = (drop.home / PLACE).iterdir()
    os.utime(old, (time.time() - 90_000,) * 2)
    drop.leave(CONTENT)
    assert old not in list((drop.home / PLACE).iterdir())


@pytest.mark.parametrize("name", ["", "..", "../../kefu.db", "a" * 33, "A" * 32])
def test_a_name_cannot_lead_elsewhere(drop: QueryDrop, name: str) -> None:
    for use in (drop.read, drop.clear):
        with pytest.raises(NotFound):
            use(name)
