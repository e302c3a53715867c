from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.index_kind import (
    EXACT_UP_TO,
    GRAPH_BYTES_MOST,
    IndexKind,
    chosen_kind,
    graph_bytes,
)

COUNTS = st.integers(min_value=0, max_value=10**9)
DIMENSIONS = st.integers(min_value=1, max_value=8192)
ORDER = [IndexKind.FLAT, IndexKind.HNSW, IndexKind.IVF]


@given(COUNTS, COUNTS, DIMENSIONS)
def test_more_vectors_never_choose_a_kind_for_fewer(one: int, two: int, dimension: int) -> None:
    fewer, more = sorted((one, two))
    ranks = [ORDER.index(chosen_kind(count, dimension)) for count in (fewer, more)]
    assert ranks == sorted(ranks)


@given(COUNTS, DIMENSIONS, DIMENSIONS)
def test_longer_vectors_never_choose_a_kind_for_shorter(count: int, one: int, two: int) -> None:
    shorter, longer = sorted((one, two))
    ranks = [ORDER.index(chosen_kind(count, dimension)) for dimension in (shorter, longer)]
    assert ranks == sorted(ranks)


@given(DIMENSIONS)
def test_search_is_exact_up_to_the_boundary_and_not_above(dimension: int) -> None:
    assert chosen_kind(EXACT_UP_TO, dimension) is IndexKind.FLAT
    assert chosen_kind(EXACT_UP_TO + 1, dimension) is not IndexKind.FLAT


@given(COUNTS, DIMENSIONS)
def test_no_chosen_graph_takes_more_than_its_share(count: int, dimension: int) -> None:
    if chosen_kind(count, dimension) is IndexKind.HNSW:
        assert graph_bytes(count, dimension) <= GRAPH_BYTES_MOST


@given(st.integers(min_value=1, max_value=1024))
def test_a_graph_is_taken_as_long_as_it_fits(dimension: int) -> None:
    most = GRAPH_BYTES_MOST // graph_bytes(1, dimension)
    assert chosen_kind(most, dimension) is IndexKind.HNSW
    assert chosen_kind(most + 1, dimension) is IndexKind.IVF


def test_the_sizes_of_the_benchmark_meet_all_three_kinds() -> None:
    found = [chosen_kind(count, 384) for count in (1_000, 10_000, 100_000, 1_000_000)]
    assert found == [IndexKind.FLAT, IndexKind.FLAT, IndexKind.HNSW, IndexKind.IVF]
