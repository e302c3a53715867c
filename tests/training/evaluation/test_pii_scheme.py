from __future__ import annotations

from training.evaluation.pii_scheme import SCHEMES, SchemeName, read_scheme

PRESIDIO = SCHEMES[SchemeName.PRESIDIO]


def test_nothing_asked_scores_every_type_under_its_own_name() -> None:
    scheme = read_scheme(None, "")
    assert (scheme.names, scheme.types, scheme.neutral) == ({}, frozenset(), {})


def test_names_alone_leave_only_themselves() -> None:
    assert read_scheme(None, "PERSON, ADDRESS").types == {"PERSON", "ADDRESS"}


def test_a_renaming_leaves_all_types() -> None:
    scheme = read_scheme(None, "STREET_ADDRESS=ADDRESS,CREDIT_CARD = BANK_CARD")
    assert scheme.names == {"STREET_ADDRESS": "ADDRESS", "CREDIT_CARD": "BANK_CARD"}
    assert scheme.types == frozenset()


def test_a_renaming_beside_a_name_alone_is_scored_too() -> None:
    scheme = read_scheme(None, "PERSON,STREET_ADDRESS=ADDRESS")
    assert scheme.types == {"PERSON", "ADDRESS"}


def test_the_older_option_only_renames() -> None:
    scheme = read_scheme(None, "PERSON", "TEL=PHONE_NUMBER,MAIL")
    assert scheme.types == {"PERSON"}
    assert scheme.names == {"TEL": "PHONE_NUMBER"}


def test_every_renamed_and_every_neutral_type_of_a_scheme_is_scored() -> None:
    assert set(PRESIDIO.names.values()) <= PRESIDIO.types
    assert set(PRESIDIO.neutral) <= PRESIDIO.types


def test_what_is_asked_comes_on_top_of_the_scheme() -> None:
    scheme = read_scheme(SchemeName.PRESIDIO, "PERSON,LOCATION=ADDRESS")
    assert scheme.types == {"PERSON", "ADDRESS"}
    assert scheme.names == {**PRESIDIO.names, "LOCATION": "ADDRESS"}
    assert scheme.neutral == PRESIDIO.neutral


def test_neutral_types_add_to_those_of_the_scheme() -> None:
    scheme = read_scheme(SchemeName.PRESIDIO, "", neutral="ADDRESS=COUNTRY,PERSON=TITLE")
    assert scheme.neutral["ADDRESS"] == {"GPE", "ZIP_CODE", "COUNTRY"}
    assert scheme.neutral["PERSON"] == {"TITLE"}
    assert PRESIDIO.neutral["ADDRESS"] == {"GPE", "ZIP_CODE"}
