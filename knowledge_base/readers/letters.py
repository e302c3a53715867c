"""Characters that a PDF names by their shape become the ones that people type.

Fonts draw a radical and the character of the same shape with one glyph, and browsers that print a
page write down the radical: 工 comes back as U+2F2F, 页 as U+2EDA. Nobody's question would match.
Sources: Unicode 16, compatibility decompositions (UAX 15); EquivalentUnifiedIdeograph.txt.
"""

from __future__ import annotations

import re
import unicodedata

# Radicals, compatibility ideographs and ligatures; not the rest of NFKC, which would also
# turn ： into a colon and ① into a one.
_DECOMPOSED = re.compile("[\u2f00-\u2fd5\u2e9f\u2ef3\uf900-\ufad9\ufb00-\ufb06]")
# The block CJK Radicals Supplement as far as its shapes are characters that stand alone.
_SUPPLEMENT = {
    0x2E81: "厂", 0x2E87: "几", 0x2E8E: "兀", 0x2E92: "巳", 0x2E93: "幺", 0x2E9C: "日",
    0x2E9D: "月", 0x2EA0: "民", 0x2EA9: "王", 0x2EAB: "目", 0x2EB6: "羊", 0x2EBC: "月",
    0x2EC1: "虎", 0x2EC4: "西", 0x2EC5: "见", 0x2EC6: "角", 0x2EC7: "角", 0x2EC9: "贝",
    0x2ECB: "车", 0x2ED1: "長", 0x2ED3: "长", 0x2ED4: "门", 0x2ED7: "雨", 0x2ED8: "青",
    0x2ED9: "韦", 0x2EDA: "页", 0x2EDB: "风", 0x2EDC: "飞", 0x2EDD: "食", 0x2EE1: "首",
    0x2EE2: "马", 0x2EE3: "骨", 0x2EE4: "鬼", 0x2EE5: "鱼", 0x2EE6: "鸟", 0x2EE7: "卤",
    0x2EE8: "麦", 0x2EE9: "黄", 0x2EEA: "黾", 0x2EEB: "斉", 0x2EEC: "齐", 0x2EED: "歯",
    0x2EEE: "齿", 0x2EEF: "竜", 0x2EF0: "龙", 0x2EF1: "龜", 0x2EF2: "亀",
}  # fmt: skip


def as_typed(text: str) -> str:
    composed = _DECOMPOSED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return composed.translate(_SUPPLEMENT)
