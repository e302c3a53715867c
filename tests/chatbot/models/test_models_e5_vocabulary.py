from __future__ import annotations

import pytest

from chatbot.models.e5_vocabulary import kept_pieces


def is_kept(piece: str) -> bool:
    return kept_pieces([piece]).tolist() == [0]


@pytest.mark.parametrize(
    "piece",
    [
        *("<s>", "<mask>", "▁", "▁refund", "café", "ß", "ﬁ", "▁Việt", "ＡＢ"),
        *("退款", "繁體", "▁發票", "㐀㐁", "𠀀𠀁", "豈更", "ㄅㄆ", "客服AI"),
        *("。”", "～～", "・・", "ーー", "…", "①②", "½", "℃℃", "¥1", "→→", "──"),
        *("😀😀", "👍🏽", "1️⃣", "©®", "❤️", "🇨🇳", "e\u0301"),
    ],
)
def test_english_chinese_and_what_all_scripts_share_is_kept(piece):
    assert is_kept(piece)


@pytest.mark.parametrize(
    "piece",
    [
        *("привет", "▁на", "αβ", "とは", "カード", "한국", "ᄒᆞ", "שלום", "مرحبا", "नमस्ते"),
        *("สวัส", "გამ", "հայ", "ችግ", "日本の", "ﾌﾟﾗ", "ကို", "ខ្ញុ", "ﷺﷺ", "A과"),
    ],
)
def test_longer_pieces_of_other_scripts_are_dropped(piece):
    assert not is_kept(piece)


@pytest.mark.parametrize("piece", ["Ω", "▁μ", "の", "я", "▁한"])
def test_single_characters_of_other_scripts_are_kept(piece):
    assert is_kept(piece)


def test_ids_rise_and_point_to_the_old_places():
    assert kept_pieces(["<s>", "とは", "a", "на", "b"]).tolist() == [0, 2, 4]
