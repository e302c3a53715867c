from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.chunking import LONGEST, cut, passages_of, sentences, width
from knowledge_base.passages import Document

TEXTS = st.text(st.sampled_from("abc 好的，。！？.!?\n”'9"), max_size=300)


def _bare(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None)
@given(TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@settings(deadline=None)
@given(TEXTS, st.integers(min_value=2, max_value=80))
def test_nothing_is_lost_and_the_order_is_kept(text: str, longest: int) -> None:
    whole = _bare(text)
    begun = {""}
    for piece in map(_bare, cut(text, longest=longest)):
        # What pieces share may be an overlap, or stand there twice ("Yes? Yes?").
        begun = {
            rebuilt
            for before in begun
            for shared in range(len(piece) + 1)
            if before.endswith(piece[:shared])
            and whole.startswith(rebuilt := before + piece[shared:])
        }
    assert whole in begun


@settings(deadline=None)
@given(TEXTS, st.integers(min_value=2, max_value=80))
def test_no_piece_is_too_long_or_empty(text: str, longest: int) -> None:
    pieces = cut(text, longest=longest)
    assert all(width(piece) <= longest for piece in pieces)
    assert len(pieces) == 1 or all(pieces)


def test_a_short_answer_stays_whole() -> None:
    assert cut(" Three days. Or two! ") == ["Three days. Or two!"]


def test_a_piece_begins_with_the_last_sentence_of_the_one_before() -> None:
    assert cut("One is here. Two is here. Three is here.", longest=27) == [
        "One is here. Two is here.",
        "Two is here. Three is here.",
    ]


def test_an_overlap_that_does_not_fit_is_left_out() -> None:
    assert cut("One is here. Two is here. Three is here.", longest=26) == [
        "One is here. Two is here.",
        "Three is here.",
    ]


def test_chinese_sentences_end_at_their_own_marks() -> None:
    assert sentences("三天内送达。“真的吗？”是的！") == ["三天内送达。", "“真的吗？”", "是的！"]


def test_numbers_and_addresses_do_not_end_a_sentence() -> None:
    assert sentences("It costs 3.5 yuan at x.example/a. Really.") == [
        "It costs 3.5 yuan at x.example/a. ",
        "Really.",
    ]


def test_a_sentence_without_end_is_cut_at_a_pause() -> None:
    assert cut("aaaa, bbbb, cccc", longest=8) == ["aaaa,", "bbbb,", "cccc"]


def test_han_characters_count_double() -> None:
    assert len(cut("好。" * (LONGEST // 4))) == 1
    assert len(cut("好。" * (LONGEST // 4 + 1))) == 2


def test_every_passage_carries_the_document_and_its_questions() -> None:
    answer = "A sentence of no importance. " * 60
    document = Document("d", "Q?", answer, title="T", url="/u", tags=("t",), variants=("q2",))
    passages = passages_of(document)
    assert [passage.id for passage in passages] == [f"d#{n}" for n in range(len(passages))]
    assert len(passages) == 3
    for passage in passages:
        assert passage.questions == ("Q?", "q2")
        assert (passage.document_id, passage.title, passage.url, passage.tags) == (
            *("d", "T", "/u"),
            ("t",),
        )


def test_an_answer_of_spaces_alone_has_a_passage_however_long_it_is() -> None:
    for answer in (" ", " " * 2000):
        [passage] = passages_of(Document("d", "What?", answer))
        assert (passage.text, passage.questions) == ("", ("What?",))
