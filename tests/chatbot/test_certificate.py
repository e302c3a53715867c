"""The certificate of erasure: signed over everything it says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from chatbot.certificate import issue, reached, say_verdict
from privacy.keyring_memory import MemoryKeyRing
from privacy.signing import signing_key

KEYS = MemoryKeyRing()
PUBLIC = signing_key(KEYS).public_key()
CERTIFICATE = issue(
    {
        "erasure_id": "e-1",
        "done_at": "2026-03-04T05:06:07+00:00",
        "key_destroyed": True,
        "counts": {"messages": 2, "keys": 1},
        "models": {"taught": [{"collection": "demo", "version": "v1", "sentences": 1}]},
    },
    KEYS,
)


def test_a_certificate_holds_and_says_so_in_both_languages() -> None:
    holds, sentence = say_verdict(CERTIFICATE, PUBLIC)
    assert holds
    assert sentence.startswith("The certificate holds: erasure e-1")
    holds, sentence = say_verdict(CERTIFICATE, PUBLIC, "zh-CN")
    assert holds
    assert sentence.startswith("证书有效：删除编号 e-1")


def _changed(value: Any) -> Iterator[Any]:
    """The same with one leaf changed, for each of its leaves, and with one entry less."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {key: one for key, one in value.items() if key != name}
            for other in _changed(inner):
                yield value | {name: other}
    elif isinstance(value, list):
        yield [*value, *value]
        for number, inner in enumerate(value):
            for other in _changed(inner):
                yield [*value[:number], other, *value[number + 1 :]]
    else:
        yield not value if isinstance(value, bool) else value * 2


FORGERIES = list(_changed(CERTIFICATE))


@pytest.mark.parametrize("forged", FORGERIES, ids=range(len(FORGERIES)))
def test_whatever_is_changed_or_left_out_breaks_it(forged: dict[str, Any]) -> None:
    assert forged != CERTIFICATE
    for language, said in (("en", "does not hold"), ("zh", "证书无效")):
        holds, sentence = say_verdict(forged, PUBLIC, language)
        assert not holds
        assert said in sentence


def test_another_order_of_its_entries_changes_nothing() -> None:
    turned = dict(reversed(copy.deepcopy(CERTIFICATE).items()))
    assert say_verdict(turned, PUBLIC)[0]


def test_another_installation_s_key_does_not_verify_it() -> None:
    holds, sentence = say_verdict(CERTIFICATE, signing_key(MemoryKeyRing()).public_key())
    assert not holds
    assert "another key" in sentence


def test_rows_training_examples_and_cached_pages_are_summed_up() -> None:
    counts = {
        "originals": 3,
        "messages": 4,
        "review_items": 2,
        "training_rows": 5,
        "training_rows_of_same_words_left": 7,
        "journal_pages": 9,
        "keys": 1,
        "consents_kept": 1,
    }
    assert reached(counts) == {
        "rows": 6,
        "index_entries": 0,
        "cache_pages": 9,
        "training_examples": 7,
    }
