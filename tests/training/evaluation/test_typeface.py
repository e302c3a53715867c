from __future__ import annotations

from matplotlib import font_manager

from training.evaluation.typeface import LATIN, choose_typeface


def test_latin_names_need_no_other_font_than_the_one_that_is_always_there() -> None:
    assert choose_typeface(["card_arrival", "coût", "Größe"]).families == (LATIN,)


def test_a_label_that_no_font_draws_becomes_a_number_instead_of_boxes() -> None:
    typeface = choose_typeface(["退款", "refund"], candidates=())
    assert typeface.drawn("refund", 1) == "refund"
    assert typeface.drawn("退款", 2) == "#2"


def test_an_installed_chinese_font_is_found() -> None:
    installed = [font.name for font in font_manager.fontManager.ttflist if "CJK" in font.name]
    typeface = choose_typeface(["退款"], candidates=tuple(installed[:1]))
    assert typeface.draws("退款") is bool(installed)
