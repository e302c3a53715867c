"""Which pieces of a vocabulary for a hundred languages English and Chinese text can use."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD_START = "▁"

# Unicode blocks of every script but Latin, Han and Bopomofo (Unicode 16, Blocks.txt). What is in
# none of them is kept: letters of the two languages, and all that scripts share (digits,
# punctuation, symbols, emoji, combining marks, the middle dot and the long-vowel mark).
FOREIGN_BLOCKS = (
    (0x0370, 0x1CFF),  # Greek and Cyrillic up to the Vedic extensions, Hangul Jamo among them
    (0x1F00, 0x1FFF),  # Greek extended
    (0x2C00, 0x2C5F),  # Glagolitic
    (0x2C80, 0x2DFF),  # Coptic, Georgian, Tifinagh, Ethiopic, Cyrillic
    (0x3041, 0x3096),  # Hiragana
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),  # Katakana
    (0x30FD, 0x30FF),
    (0x3130, 0x318F),  # Hangul compatibility Jamo
    (0x31F0, 0x31FF),  # Katakana phonetic extensions
    (0xA000, 0xA6FF),  # Yi, Lisu, Vai, Cyrillic, Bamum
    (0xA800, 0xAB2F),  # Syloti Nagri up to Ethiopic extended-A
    (0xAB70, 0xD7FF),  # Cherokee, Meetei Mayek, Hangul syllables
    (0xFB13, 0xFDFF),  # Armenian ligatures, Hebrew and Arabic presentation forms
    (0xFE70, 0xFEFE),  # Arabic presentation forms-B
    (0xFF66, 0xFFDC),  # half-width Katakana and Hangul
    (0x10000, 0x16FDF),  # historical and minority scripts
    (0x17000, 0x1CFFF),  # Tangut up to Kana supplements
    (0x1E000, 0x1EFFF),  # Glagolitic supplement up to Arabic mathematical symbols
)


FOREIGN = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in FOREIGN_BLOCKS) + "]"
)


def kept_pieces(pieces: Sequence[str]) -> NDArray[np.int64]:
    """Ids to keep, rising: all but the longer pieces with a character of another script.

    A dropped piece cannot occur in text of the kept scripts, so the segmentation of such text, and
    with it every embedding, stays what it was. Single characters of the other scripts stay, so
    that "10 Ω" or a name in Cyrillic is read letter by letter instead of becoming unknown.
    """
    kept = [
        number
        for number, piece in enumerate(pieces)
        if len(piece.removeprefix(WORD_START)) <= 1 or not FOREIGN.search(piece)
    ]
    return np.array(kept, np.int64)
