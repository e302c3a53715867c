from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.errors import LedgerInvalid
from privacy.ledger import (
    Break,
    Entry,
    Fault,
    Head,
    canonical,
    entry_hash,
    head_of,
    next_entry,
    verify,
)
from privacy.ledger_words import explain

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
KEY = b"k" * 32


def _append(previous: Entry | None, *, key: bytes | None = None, actor: str = "agent-7") -> Entry:
    return next_entry(
        previous,
        at=NOW,
        actor=actor,
        role="agent",
        action="unseal",
        subject="customer-1",
        purpose="投诉",
        key=key,
    )


def _chain(length: int, *, key: bytes | None = None) -> list[Entry]:
    chain: list[Entry] = []
    for _ in range(length):
        chain.append(_append(chain[-1] if chain else None, key=key))
    return chain


@given(st.integers(0, 8), st.sampled_from([None, KEY]))
def test_a_chain_left_alone_holds(length: int, key: bytes | None) -> None:
    chain = _chain(length, key=key)
    verdict = verify(chain, head=head_of(chain), key=key)
    assert verdict.intact
    assert verdict.anchored
    assert verdict.entries == length


@given(st.integers(0, 5), st.sampled_from(["actor", "role", "action", "subject", "purpose"]))
def test_a_changed_field_is_found_where_it_was_changed(place: int, name: str) -> None:
    chain = _chain(6)
    change: dict[str, Any] = {name: "x"}
    chain[place] = replace(chain[place], **change)
    assert verify(chain).breaks == (Break(Fault.ALTERED, place + 1, place + 1),)


def test_a_changed_time_is_found() -> None:
    chain = _chain(3)
    chain[1] = replace(chain[1], at=NOW + timedelta(microseconds=1))
    assert verify(chain).breaks == (Break(Fault.ALTERED, 2, 2),)


def test_an_entry_rehashed_after_a_change_no_longer_links() -> None:
    chain = _chain(4)
    forged = replace(chain[1], actor="somebody else")
    chain[1] = replace(forged, hash=entry_hash(forged))
    assert verify(chain).breaks == (Break(Fault.UNLINKED, 2, 3),)


@given(st.integers(0, 4))
def test_removed_entries_are_named(place: int) -> None:
    chain = _chain(6)
    assert verify(chain[:place] + chain[place + 1 :]).breaks == (
        Break(Fault.REMOVED, place + 1, place + 1),
    )


def test_a_removed_stretch_is_one_break() -> None:
    chain = _chain(8)
    assert verify(chain[:2] + chain[5:]).breaks == (Break(Fault.REMOVED, 3, 5),)


def test_swapped_entries_are_found() -> None:
    chain = _chain(5)
    chain[1], chain[2] = chain[2], chain[1]
    assert verify(chain).breaks == (Break(Fault.REORDERED, 2, 2),)


def test_a_doubled_entry_is_found() -> None:
    chain = _chain(3)
    assert Break(Fault.DOUBLED, 2, 2) in verify([*chain[:2], *chain[1:]]).breaks


def test_a_cut_tail_shows_only_against_a_head() -> None:
    chain = _chain(6)
    assert verify(chain[:4]).intact
    assert not verify(chain[:4]).anchored
    assert verify(chain[:4], head=head_of(chain)).breaks == (Break(Fault.TRUNCATED, 5, 6),)
    assert verify([], head=head_of(chain)).breaks == (Break(Fault.TRUNCATED, 1, 6),)


def test_entries_after_the_head_are_welcome() -> None:
    chain = _chain(6)
    assert verify(chain, head=head_of(chain[:3])).intact


def test_a_whole_chain_made_anew_does_not_match_the_head() -> None:
    chain = _chain(3)
    forged: list[Entry] = []
    for _ in range(3):
        forged.append(_append(forged[-1] if forged else None, actor="nobody"))
    assert verify(forged).intact
    assert verify(forged, head=head_of(chain)).breaks == (Break(Fault.REPLACED, 1, 3),)


def test_who_lacks_the_key_cannot_make_an_entry_that_holds() -> None:
    chain = _chain(3, key=KEY)
    forged = [*chain[:2], _append(chain[1], actor="nobody", key=b"guess" * 8)]
    assert verify(forged, key=KEY).breaks == (Break(Fault.ALTERED, 3, 3),)
    assert not verify(chain).intact


def test_fields_do_not_run_together() -> None:
    one, two = _append(None, actor='a","b'), _append(None, actor="a")
    assert canonical(one) != canonical(two)
    moved = replace(one, actor="age", role="ntagent")
    assert canonical(moved) != canonical(replace(one, actor="agent", role="agent"))


def test_the_same_moment_in_another_zone_hashes_alike() -> None:
    entry = _append(None)
    assert entry_hash(replace(entry, at=NOW.astimezone(timezone(timedelta(hours=8))))) == entry.hash


def test_a_head_survives_its_export() -> None:
    head = head_of(_chain(3))
    assert Head.parse(head.export()) == head


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ledger": "x"}', "null"])
def test_other_text_is_no_head(text: str) -> None:
    with pytest.raises(LedgerInvalid):
        Head.parse(text)


def test_an_entry_needs_a_purpose_and_a_time_zone() -> None:
    with pytest.raises(LedgerInvalid, match="purpose"):
        next_entry(None, at=NOW, actor="a", role="r", action="x", subject="s", purpose=" ")
    with pytest.raises(LedgerInvalid, match="time zone"):
        next_entry(
            None,
            at=datetime(2026, 1, 1),
            actor="a",
            role="r",
            action="x",
            subject="s",
            purpose="p",
        )


@pytest.mark.parametrize(
    ("entries", "english", "chinese"),
    [
        (0, "The ledger is empty.", "日志为空。"),
        (1, "The one entry holds.", "1 条记录完整。"),
        (2, "All 2 entries hold.", "2 条记录完整。"),
    ],
)
def test_a_sound_ledger_is_told_by_its_size(entries: int, english: str, chinese: str) -> None:
    verdict = verify(_chain(entries))
    assert explain(verdict, "en")[0] == english
    assert explain(verdict, "zh")[0] == chinese


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_fault_is_explained_in_both_languages(language: str) -> None:
    chain = _chain(4)
    sound = explain(verify(chain, head=head_of(chain)), language)
    assert len(sound) == 1
    assert "4" in sound[0]
    sentences = {
        explain(replace(verify(chain), breaks=(Break(fault, 2, 3),)), language)[0]
        for fault in Fault
    }
    assert len(sentences) == len(Fault)
    assert all("2–3" in sentence for sentence in sentences)
