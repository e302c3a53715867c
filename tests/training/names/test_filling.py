import re

import pytest

from training.names.filling import Carrier, Filler, Labelled, read_carriers

CARRIERS = read_carriers()


def parts(labelled: Labelled) -> list[tuple[str, str]]:
    return [(labelled.text[span.start : span.end], span.type) for span in labelled.spans]


def unmasked(filler: Filler, text: str, *, chinese: bool = False) -> Labelled:
    """Some names are masked on purpose; those are drawn again."""
    while "_" in (labelled := filler.fill(Carrier(text, chinese))).text:
        pass
    return labelled


def test_every_slot_of_every_sentence_can_be_filled(filler: Filler) -> None:
    for carrier in CARRIERS:
        labelled = filler.fill(carrier)
        assert not re.search(r"\{[a-z_]+\}", labelled.text), carrier.text
        for span in labelled.spans:
            assert labelled.text[span.start : span.end].strip(), carrier.text


def test_there_are_sentences_of_both_languages_with_names_and_without() -> None:
    named = [one for one in CARRIERS if "{person}" in one.text]
    bare = [one for one in CARRIERS if "person}" not in one.text and "{address}" not in one.text]
    for side in (named, bare):
        assert sum(one.chinese for one in side) > 200
        assert sum(not one.chinese for one in side) > 200


def test_a_span_covers_what_was_filled_in(filler: Filler) -> None:
    labelled = unmasked(filler, "ask {person} at {address} today")
    [(name, person), (_, address)] = parts(labelled)
    assert (person, address) == ("PERSON", "ADDRESS")
    assert labelled.text.startswith(f"ask {name} at ")


def test_two_halves_of_a_name_are_one_span(filler: Filler) -> None:
    assert len(unmasked(filler, "{surname}, {given} called").spans) == 1


def test_two_names_in_a_row_are_two_spans(filler: Filler) -> None:
    assert len(unmasked(filler, "{person} and {person}").spans) == 2


@pytest.mark.parametrize("slot", ["org", "city", "brand", "product", "order", "country", "job"])
@pytest.mark.parametrize("chinese", [True, False])
def test_what_is_no_name_gets_no_span(filler: Filler, slot: str, chinese: bool) -> None:
    labelled = filler.fill(Carrier(f"x {{{slot}}}", chinese))
    assert labelled.spans == ()
    assert len(labelled.text) > 2


def test_what_was_masked_before_is_not_to_be_found(filler: Filler) -> None:
    seen = [filler.fill(Carrier("{person}", False)) for _ in range(300)]
    masked = [one for one in seen if one.text.startswith("<PERSON_")]
    assert masked
    assert all(not one.spans for one in masked)
