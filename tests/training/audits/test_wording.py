from __future__ import annotations

import string

from training.audits.outcomes import DIMENSIONS, OUTCOMES
from training.audits.privacy_evidence import PrivacyEvidence
from training.audits.probe_sentences import read_probes
from training.audits.wording import load_wording

ENGLISH, CHINESE = load_wording("en"), load_wording("zh")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    assert ENGLISH.tables.keys() == CHINESE.tables.keys()
    for table, sentences in ENGLISH.tables.items():
        assert sentences.keys() == CHINESE.tables[table].keys()
        for key, text in sentences.items():
            assert _placeholders(text) == _placeholders(CHINESE.tables[table][key]), (table, key)


def test_both_languages_have_the_same_lists() -> None:
    for name, items in ENGLISH.lists.items():
        twins = CHINESE.lists[name]
        assert [_placeholders(item) for item in items] == [_placeholders(twin) for twin in twins]


def test_everything_measured_has_a_name() -> None:
    probes = read_probes()
    for wording in (ENGLISH, CHINESE):
        assert {outcome.name for outcome in OUTCOMES} <= wording.tables["outcomes"].keys()
        assert {dimension.name for dimension in DIMENSIONS} <= wording.tables["dimensions"].keys()
        assert {probe.dimension for probe in probes} <= wording.tables["probes"].keys()
        assert {probe.group for probe in probes} <= wording.tables["groups"].keys()
        parts = {f"privacy_{name}" for name in vars(PrivacyEvidence())}
        assert parts <= wording.tables["parts"].keys()


def test_a_channel_without_a_word_keeps_its_name() -> None:
    assert ENGLISH.label("groups", "kiosk") == "kiosk"


def test_what_is_not_defined_is_said_not_shown_as_zero() -> None:
    assert ENGLISH.percent(None) == ENGLISH.ratio(None) == "not defined"
    assert CHINESE.percent(0.125) == "12.5%"


def test_a_difference_has_a_sign_and_nothing_is_not_less_than_nothing() -> None:
    assert ENGLISH.signed_points(-0.036) == "−3.6"
    assert ENGLISH.signed_points(-0.0001) == "+0.0"
