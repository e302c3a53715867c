from __future__ import annotations

import base64
import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from chatbot.models.charsmap import compile_charsmap

characters = st.characters(min_codepoint=1, exclude_categories=["Cs"])
mappings = st.dictionaries(
    characters.map(ord), st.text(characters, max_size=4), min_size=1, max_size=300
)


def normaliser(mapping: dict[int, str]):
    """What `tokenizers` makes of the compiled map."""
    charsmap = base64.b64encode(compile_charsmap(mapping)).decode()
    content = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]},
    }
    return Tokenizer.from_str(json.dumps(content)).normalizer


@settings(max_examples=60, deadline=None)
@given(mappings, st.lists(characters, max_size=20))
def test_every_code_point_becomes_what_the_mapping_says_and_others_stay(mapping, others):
    normalise = normaliser(mapping).normalize_str
    for code_point in (*mapping, *map(ord, others)):
        assert normalise(chr(code_point)) == mapping.get(code_point, chr(code_point))


def test_a_mapping_of_thousands_of_characters_is_exact_for_all_of_unicode():
    mapping = {
        code_point: unicodedata.normalize("NFKC", chr(code_point))
        for code_point in range(1, 0x30000)
        if unicodedata.normalize("NFKC", chr(code_point)) != chr(code_point)
        and not 0xD800 <= code_point < 0xE000
    }
    normalise = normaliser(mapping).normalize_str
    wrong = [
        hex(code_point)
        for code_point in range(1, 0x30000)
        if not 0xD800 <= code_point < 0xE000
        and normalise(chr(code_point)) != mapping.get(code_point, chr(code_point))
    ]
    assert wrong == []


def test_characters_in_a_sentence_are_mapped_one_by_one():
    normalise = normaliser({ord("Ａ"): "A", ord("！"): "!", 0x3000: " ", 0x0B: ""}).normalize_str
    assert normalise("Ａ\u3000退款！\x0b～😀") == "A 退款!～😀"


def test_the_same_mapping_in_another_order_gives_the_same_bytes():
    forward = {code_point: "x" * (code_point % 3) for code_point in range(0x2000, 0x2100)}
    backward = dict(reversed(forward.items()))
    assert compile_charsmap(forward) == compile_charsmap(backward)
