import re
from collections import Counter

import pytest

from knowledge_base.han import has_han
from training.names.filling import Carrier, Filler, Labelled, read_carriers

CARRIERS = read_carriers()
NAME_SLOTS = "person surname given latin_person address lines road coded_place box".split()


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
    bare = [one for one in CARRIERS if not any(f"{{{slot}}}" in one.text for slot in NAME_SLOTS)]
    for side in (named, bare):
        assert sum(one.chinese for one in side) > 200
        assert sum(not one.chinese for one in side) > 200


def test_no_sentence_is_written_twice() -> None:
    counts = Counter(CARRIERS)
    assert not [one.text for one, count in counts.items() if count > 1]


def test_no_brace_stands_outside_of_a_slot_that_is_known(filler: Filler) -> None:
    for carrier in CARRIERS:
        braced = re.findall(r"\{[^{}\"]*\}", carrier.text)
        assert all(re.fullmatch(r"\{[a-z_]+\}", slot) for slot in braced), carrier.text


def test_a_span_covers_what_was_filled_in(filler: Filler) -> None:
    labelled = unmasked(filler, "ask {person} at {address} today")
    [(name, person), (_, address)] = parts(labelled)
    assert (person, address) == ("PERSON", "ADDRESS")
    assert labelled.text.startswith(f"ask {name} at ")


def test_two_halves_of_a_name_are_one_span(filler: Filler) -> None:
    assert len(unmasked(filler, "{surname}, {given} called").spans) == 1


@pytest.mark.parametrize("name", ["{given} {given}", "{given} {given} {surname}"])
def test_all_parts_of_a_name_are_one_span(filler: Filler, name: str) -> None:
    labelled = unmasked(filler, f"{name} called")
    assert parts(labelled) == [(labelled.text.removesuffix(" called"), "PERSON")]


def test_a_masked_half_of_a_name_leaves_the_name_before_it_as_it_is(filler: Filler) -> None:
    carrier = Carrier("{person} knows {given} {surname}", False)
    seen = [filler.fill(carrier) for _ in range(400)]
    halves = [one for one in seen if re.search(r"knows <PERSON_\d> [^<]", one.text)]
    assert halves
    for labelled in halves:
        assert all("knows" not in name for name, _ in parts(labelled))


@pytest.mark.parametrize("slot", ["lines", "road", "coded_place", "box"])
def test_every_kind_of_address_is_one(filler: Filler, slot: str) -> None:
    for _ in range(60):
        labelled = unmasked(filler, f"at {{{slot}}}!")
        assert parts(labelled) == [(labelled.text[3:-1], "ADDRESS")]


@pytest.mark.parametrize("slot", ["lines", "road"])
def test_a_chinese_sentence_gets_a_chinese_address(filler: Filler, slot: str) -> None:
    labelled = unmasked(filler, f"x {{{slot}}}", chinese=True)
    assert re.search("[路街道巷同]", labelled.text)


def test_two_names_in_a_row_are_two_spans(filler: Filler) -> None:
    assert len(unmasked(filler, "{person} and {person}").spans) == 2


@pytest.mark.parametrize(
    "slot",
    ["org", "city", "brand", "product", "order", "country", "job", "date", "year", "time"],
)
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


@pytest.mark.parametrize("slot", ["date", "time", "amount", "phone"])
def test_an_english_sentence_gets_no_chinese_figure(filler: Filler, slot: str) -> None:
    for _ in range(200):
        assert not has_han(filler.fill(Carrier(f"{{{slot}}}", False)).text)
