"""Every KeyRing keeps the same promises: the fake and the folder, whoever keeps its master key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy.envelope import Context, seal, unseal
from privacy.errors import KeyDestroyed, KeyUnknown, SealBroken
from privacy.keyring import KeyHistory, KeyRing
from privacy.keyring_file import FileKeyRing
from privacy.keyring_memory import MemoryKeyRing
from tests.privacy.key_keepers import KEEPERS

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
CONTEXT = Context("turns", "1", "original")


@pytest.fixture(params=["memory", "file", *KEEPERS])
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> KeyRing:
    if request.param == "memory":
        return MemoryKeyRing(now=lambda: NOW)
    keepers = (KEEPERS[request.param](tmp_path).source,) if request.param in KEEPERS else ()
    return FileKeyRing(tmp_path / "keys", keepers=keepers, now=lambda: NOW)


def test_a_customer_has_one_key_and_nobody_else_has_it(ring: KeyRing) -> None:
    key = ring.data_key("客户-1")
    assert len(key.secret) == 32
    assert ring.data_key("客户-1") == ring.find("客户-1") == key
    other = ring.data_key("客户-2")
    assert other.secret != key.secret
    assert other.id != key.id


def test_reading_never_makes_a_key(ring: KeyRing) -> None:
    with pytest.raises(KeyUnknown):
        ring.find("nobody")
    assert ring.status().keys == 0


def test_a_key_of_another_id_is_unknown(ring: KeyRing) -> None:
    ring.data_key("c")
    with pytest.raises(KeyUnknown):
        ring.find("c", key_id="0" * 32)


def test_threads_that_race_for_the_first_use_get_the_same_key(ring: KeyRing) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: ring.data_key("c"), range(16)))
    assert len(set(keys)) == 1


def test_what_a_destroyed_key_sealed_cannot_be_opened(ring: KeyRing) -> None:
    sealed = seal("我的地址", ring.data_key("c"), context=CONTEXT)
    assert unseal(sealed, ring, customer="c", context=CONTEXT) == "我的地址"
    assert ring.destroy("c")
    with pytest.raises(KeyDestroyed):
        unseal(sealed, ring, customer="c", context=CONTEXT)
    with pytest.raises(KeyDestroyed):
        ring.find("c")


def test_a_value_of_another_customer_does_not_open(ring: KeyRing) -> None:
    mine = seal("mine", ring.data_key("a"), context=CONTEXT)
    theirs = ring.data_key("b")
    with pytest.raises(KeyUnknown):
        unseal(mine, ring, customer="b", context=CONTEXT)
    renamed = replace(mine, key_id=theirs.id)
    with pytest.raises(SealBroken):
        unseal(renamed, ring, customer="b", context=CONTEXT)


@pytest.mark.parametrize("elsewhere", [{"row": "2"}, {"field": "text"}, {"table": "attributes"}])
def test_a_value_moved_within_its_customer_does_not_open(
    ring: KeyRing, elsewhere: dict[str, str]
) -> None:
    value = seal("mine", ring.data_key("a"), context=CONTEXT)
    with pytest.raises(SealBroken, match="moved"):
        unseal(value, ring, customer="a", context=replace(CONTEXT, **elsewhere))


def test_a_customer_who_returns_gets_a_new_key_and_the_old_values_stay_closed(
    ring: KeyRing,
) -> None:
    first = ring.data_key("c")
    old = seal("before", first, context=CONTEXT)
    ring.destroy("c")
    second = ring.data_key("c")
    assert second.id != first.id
    assert second.secret != first.secret
    assert ring.find("c") == second
    with pytest.raises(KeyDestroyed):
        unseal(old, ring, customer="c", context=CONTEXT)
    ring.destroy("c")
    for key in (first, second):
        with pytest.raises(KeyDestroyed):
            ring.find("c", key_id=key.id)


def test_there_is_nothing_to_destroy_twice_or_for_a_stranger(ring: KeyRing) -> None:
    ring.data_key("c")
    assert ring.destroy("c")
    assert not ring.destroy("c")
    assert not ring.destroy("stranger")
    with pytest.raises(KeyUnknown):
        ring.find("stranger")


def test_rotation_keeps_every_key_and_leaves_one_new_master(ring: KeyRing) -> None:
    keys = {name: ring.data_key(name) for name in ("a", "b", "c")}
    ring.destroy("c")
    former = ring.status().masters[0].id
    seen: list[tuple[int, int]] = []
    new = ring.rotate(progress=lambda done, total: seen.append((done, total)))
    assert ring.find("a") == keys["a"]
    assert ring.find("b") == keys["b"]
    with pytest.raises(KeyDestroyed):
        ring.find("c")
    (master,) = ring.status().masters
    assert (master.id, master.keys, master.current) == (new, 2, True)
    assert new != former
    assert seen[-1] == (3, 3)


def test_a_renewed_key_seals_and_the_former_one_still_opens(ring: KeyRing) -> None:
    former = ring.data_key("c")
    sealed = seal("before", former, context=CONTEXT)
    history = ring.renew("c", older_than=LATER)
    assert history == KeyHistory(ring.data_key("c").id, NOW, (former.id,))
    assert ring.data_key("c").secret != former.secret
    assert ring.find("c", key_id=former.id) == former
    assert unseal(sealed, ring, customer="c", context=CONTEXT) == "before"
    assert ring.status().former == 1


def test_a_key_that_is_young_enough_is_not_renewed(ring: KeyRing) -> None:
    key = ring.data_key("c")
    assert ring.renew("c", older_than=NOW) == KeyHistory(key.id, NOW)
    assert ring.data_key("c") == key


def test_nobody_gets_a_key_by_renewing(ring: KeyRing) -> None:
    with pytest.raises(KeyUnknown):
        ring.renew("stranger", older_than=LATER)
    ring.data_key("c")
    ring.destroy("c")
    with pytest.raises(KeyDestroyed):
        ring.renew("c", older_than=LATER)
    assert ring.status().keys == 0


def test_a_retired_key_is_destroyed_and_the_one_in_use_never(ring: KeyRing) -> None:
    former = ring.data_key("c")
    current = ring.renew("c", older_than=LATER).current
    assert ring.retire("c", {former.id, current, "0" * 32}) == 1
    assert ring.find("c").id == current
    with pytest.raises(KeyDestroyed):
        ring.find("c", key_id=former.id)
    assert ring.retire("c", {former.id}) == ring.retire("stranger", {former.id}) == 0
    assert (ring.status().former, ring.status().destroyed) == (0, 1)


def test_erasure_destroys_former_keys_too(ring: KeyRing) -> None:
    former = ring.data_key("c")
    current = ring.renew("c", older_than=LATER).current
    assert ring.destroy("c")
    for key_id in (former.id, current):
        with pytest.raises(KeyDestroyed):
            ring.find("c", key_id=key_id)


def test_a_rotation_wraps_former_keys_too(ring: KeyRing) -> None:
    former = ring.data_key("c")
    ring.renew("c", older_than=LATER)
    ring.rotate()
    assert ring.find("c", key_id=former.id) == former
    (master,) = ring.status().masters
    assert master.keys == 2


def test_the_status_counts_and_tells_no_secret(ring: KeyRing) -> None:
    key = ring.data_key("zhang@example.com")
    ring.data_key("b")
    ring.destroy("b")
    status = ring.status()
    assert (status.keys, status.destroyed, status.oldest_key_at) == (1, 1, NOW)
    assert status.masters[0].created_at == NOW
    assert "zhang" not in str(status)
    assert str(key.secret) not in str(status) + str(key)


def test_other_secrets_differ_by_purpose_and_outlive_a_rotation(ring: KeyRing) -> None:
    ledger = ring.secret_for("ledger")
    assert len(ledger) == 32
    assert ledger != ring.secret_for("report")
    ring.rotate()
    assert ring.secret_for("ledger") == ledger
