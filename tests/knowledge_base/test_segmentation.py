from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.segmentation import stem, terms


def test_chinese_is_cut_into_words_their_parts_and_pairs() -> None:
    found = terms("北京市的订单")
    assert {"北京", "北京市", "订单"} <= set(found)
    assert "的" not in found
    assert "市的" not in found


def test_a_wrong_cut_is_healed_by_pairs() -> None:
    # Cut as 退 / 货运费; the pair brings 退货 back.
    assert "退货" in terms("退货运费")


def test_traditional_and_simplified_are_the_same_terms() -> None:
    assert terms("訂單什麼時候送達") == terms("订单什么时候送达")


def test_full_width_and_upper_case_are_the_same_terms() -> None:
    assert terms("ＡＢＣ１２") == terms("abc 12")


def test_letters_and_digits_part_company() -> None:
    assert terms("iPhone15Pro 3.5") == ["iphon", "15", "pro", "3.5"]


def test_stop_words_go_and_contractions_with_them() -> None:
    assert terms("What's the price of it? I've paid.") == ["pric", "paid"]


@pytest.mark.parametrize(
    "words",
    [
        ("cancel", "cancels", "cancelled", "canceled", "cancelling"),
        ("change", "changes", "changed", "changing"),
        ("delivery", "deliveries"),
        ("ship", "ships", "shipped", "shipping"),
        ("address", "addresses"),
        ("box", "boxes"),
    ],
)
def test_forms_of_a_word_share_a_stem(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words}) == 1


def test_different_words_keep_different_stems() -> None:
    assert len({stem(word) for word in ("sing", "thing", "bus", "red", "speed", "fly")}) == 6


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_terms_without_white_space(text: str) -> None:
    assert all(term and not term.isspace() for term in terms(text))


def test_segmentation_is_silent_and_leaves_no_file(tmp_path: Path) -> None:
    code = "from knowledge_base.segmentation import terms; assert terms('订单')"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    assert (result.stdout, result.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []
