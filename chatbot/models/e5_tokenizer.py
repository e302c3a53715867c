"""The tokenizer of an E5S1 file as the JSON files that `transformers` loads."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from chatbot.models.charsmap import compile_charsmap
from chatbot.models.e5_file import Vocabulary
from chatbot.models.e5_vocabulary import WORD_START
from chatbot.models.errors import WeightsInvalid

MASK = "<mask>"


def tokenizer_json(vocabulary: Vocabulary, mapping: Mapping[int, str]) -> dict[str, object]:
    """XLM-RoBERTa's pipeline: map characters, one space for many, Unigram, <s> … </s>.

    The mapping of an E5S1 file knows single code points only; composing first (NFC) gives it the
    letters with accents that the original tokenizer composes itself.
    """
    charsmap = base64.b64encode(compile_charsmap(mapping)).decode("ascii")
    metaspace = {
        "type": "Metaspace",
        "replacement": WORD_START,
        "prepend_scheme": "always",
        "split": True,
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(vocabulary, number) for number in _specials(vocabulary)],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFC"},
                {"type": "Precompiled", "precompiled_charsmap": charsmap},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace],
        },
        "post_processor": _template(vocabulary),
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unk,
            "vocab": [
                [piece, score]
                for piece, score in zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)
            ],
            "byte_fallback": False,
        },
    }


def tokenizer_config(vocabulary: Vocabulary, *, longest: int) -> dict[str, object]:
    """`longest` counts <s> and </s>."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": longest,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        **special_tokens(vocabulary),
    }


def special_tokens(vocabulary: Vocabulary) -> dict[str, str]:
    pieces = vocabulary.pieces
    named = {
        "bos_token": pieces[vocabulary.bos],
        "cls_token": pieces[vocabulary.bos],
        "eos_token": pieces[vocabulary.eos],
        "sep_token": pieces[vocabulary.eos],
        "pad_token": pieces[vocabulary.pad],
        "unk_token": pieces[vocabulary.unk],
    }
    return named | ({"mask_token": MASK} if MASK in pieces else {})


def renumber(old: int, kept: list[int], *, file: str) -> int:
    try:
        return kept.index(old)
    except ValueError:
        raise WeightsInvalid(file, f"its special token {old} would be dropped") from None


def _specials(vocabulary: Vocabulary) -> list[int]:
    numbers = {vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk}
    if MASK in vocabulary.pieces:
        numbers.add(vocabulary.pieces.index(MASK))
    return sorted(numbers)


def _added(vocabulary: Vocabulary, number: int) -> dict[str, object]:
    piece = vocabulary.pieces[number]
    return {
        "id": number,
        "content": piece,
        "single_word": False,
        "lstrip": piece == MASK,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def _template(vocabulary: Vocabulary) -> dict[str, object]:
    bos, eos = vocabulary.pieces[vocabulary.bos], vocabulary.pieces[vocabulary.eos]

    def special(name: str) -> dict[str, object]:
        return {"SpecialToken": {"id": name, "type_id": 0}}

    def sequence(name: str) -> dict[str, object]:
        return {"Sequence": {"id": name, "type_id": 0}}

    return {
        "type": "TemplateProcessing",
        "single": [special(bos), sequence("A"), special(eos)],
        "pair": [
            *(special(bos), sequence("A"), special(eos)),
            *(special(eos), sequence("B"), special(eos)),
        ],
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]}
            for name, number in ((bos, vocabulary.bos), (eos, vocabulary.eos))
        },
    }
