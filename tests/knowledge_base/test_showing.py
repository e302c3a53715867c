from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.duplicates import say_the_same
from knowledge_base.explanation import Fate
from knowledge_base.passages import Passage
from knowledge_base.showing import choose


def passage(article: str, text: str) -> Passage:
    return Passage(f"{article}#0", article, text, "", "", "en", ("Q?",))


PASSAGES = st.lists(
    st.builds(
        passage,
        st.sampled_from("abcde"),
        st.sampled_from(["Parcels take 3 days.", "PARCELS take 3 days", "Refunds take 5 days."]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(PASSAGES, st.integers(1, 6))
def test_nothing_is_shown_twice_and_nothing_looked_at_is_lost(
    passages: list[Passage], limit: int
) -> None:
    shown = choose(passages, range(len(passages)), limit)
    leads = [passages[row] for row in shown.duplicates]
    assert len(leads) <= limit
    assert list(shown.duplicates) == sorted(shown.duplicates)
    for place, one in enumerate(leads):
        assert not any(say_the_same(one, other) for other in leads[:place])
    behind = [article for articles in shown.duplicates.values() for article in articles]
    articles = [*behind, *(one.document_id for one in leads)]
    assert len(articles) == len(set(articles))
    assert set(articles) == {passages[row].document_id for row in shown.fates}


@settings(deadline=None)
@given(PASSAGES)
def test_every_article_is_shown_or_stands_behind_another_where_there_is_room(
    passages: list[Passage],
) -> None:
    shown = choose(passages, range(len(passages)), 99)
    behind = [article for articles in shown.duplicates.values() for article in articles]
    leads = [passages[row].document_id for row in shown.duplicates]
    assert {*behind, *leads} == {one.document_id for one in passages}


def test_a_duplicate_stands_behind_the_better_one() -> None:
    passages = [passage("b", "Parcels."), passage("a", "parcels!"), passage("c", "Refunds.")]
    shown = choose(passages, [0, 1, 2], 5)
    assert shown.duplicates == {0: ["a"], 2: []}
    assert shown.fate(1) == (Fate.DUPLICATE, "b")


def test_the_pieces_of_a_duplicate_are_not_shown_either() -> None:
    passages = [passage("b", "Parcels."), passage("a", "parcels!"), passage("a", "Refunds.")]
    shown = choose(passages, [0, 1, 2], 5)
    assert list(shown.duplicates) == [0]
    assert shown.fate(2) == (Fate.SAME_ARTICLE, "b")


def test_after_the_last_one_shown_nothing_is_looked_at() -> None:
    passages = [passage("a", "Parcels."), passage("b", "Refunds.")]
    shown = choose(passages, [0, 1], 1)
    assert shown.fate(1) == (Fate.TOO_FAR_DOWN, "")
