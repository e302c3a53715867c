import random

from hypothesis import given
from hypothesis import strategies as st

from privacy.entities import Span
from training.names.filling import Carrier, Filler, Labelled, read_carriers
from training.names.samples import Samples, Shares, joined, without_signs


def test_the_spans_of_every_sample_stand_within_it_and_apart(filler: Filler) -> None:
    background = [Carrier("where is my parcel", False), Carrier("我的包裹呢", True)]
    samples = Samples(read_carriers(), background, filler=filler, draw=random.Random(2))
    for labelled in samples.take(800):
        position = 0
        for span in labelled.spans:
            assert position <= span.start < span.end <= len(labelled.text)
            position = span.end


def test_as_many_sentences_are_chinese_as_the_shares_say(filler: Filler) -> None:
    carriers = [Carrier("mine", False)] * 9 + [Carrier("我的", True)]
    shares = Shares(babble=0, glued=0, small=0, shouted=0, chinese=0.5)
    samples = Samples(carriers, [], filler=filler, draw=random.Random(3), shares=shares)
    chinese = sum(one.text == "我的" for one in samples.take(1000))
    assert 420 < chinese < 580


def test_carriers_of_one_language_are_enough(filler: Filler) -> None:
    carriers = [Carrier("mine", False)]
    shares = Shares(babble=0, glued=0, small=0, shouted=0)
    samples = Samples(carriers, [], filler=filler, draw=random.Random(3), shares=shares)
    assert {one.text for one in samples.take(30)} == {"mine"}


def test_two_sentences_glued_keep_their_spans() -> None:
    one = Labelled("Ann here", (Span(0, 3, "PERSON"),))
    other = Labelled("ask Bob", (Span(4, 7, "PERSON"),))
    both = joined(one, ". ", other)
    assert [both.text[span.start : span.end] for span in both.spans] == ["Ann", "Bob"]


@given(st.text(alphabet="ab,.!张伟，。", max_size=20), st.integers(0, 19), st.integers(1, 6))
def test_signs_vanish_outside_of_spans_only(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    spans = (Span(start, end, "PERSON"),) if start < end else ()
    cleaned = without_signs(Labelled(text, spans))
    if spans:
        [span] = cleaned.spans
        assert cleaned.text[span.start : span.end] == text[start:end]
        outside = cleaned.text[: span.start] + cleaned.text[span.end :]
    else:
        outside = cleaned.text
    assert not set(outside) & set(",.!，。")
