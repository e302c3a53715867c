"""A verdict on the ledger in sentences, in English and Chinese."""

from __future__ import annotations

from privacy.ledger import Fault, Verdict

_ENGLISH = {
    Fault.ALTERED: "was changed after it was written",
    Fault.UNLINKED: "do not continue one another: one of the two was rewritten",
    Fault.REMOVED: "is missing: it was removed",
    Fault.REORDERED: "stands in the wrong place",
    Fault.DOUBLED: "stands there twice",
    Fault.TRUNCATED: "is missing at the end: the ledger was cut off",
    Fault.REPLACED: "differs from the head exported earlier: the chain was rewritten",
}
_CHINESE = {
    Fault.ALTERED: "写入后被改动",
    Fault.UNLINKED: "前后不衔接：其中一条被重写",
    Fault.REMOVED: "缺失：已被删除",
    Fault.REORDERED: "顺序不对",
    Fault.DOUBLED: "重复出现",
    Fault.TRUNCATED: "在末尾缺失：日志被截断",
    Fault.REPLACED: "与先前导出的链头不符：整条链被重写",
}


def explain(verdict: Verdict, language: str = "en") -> list[str]:
    """One sentence a finding; any language that begins with `zh` gets Chinese."""
    chinese = language.startswith("zh")
    sentences = []
    for found in verdict.breaks:
        what = (_CHINESE if chinese else _ENGLISH)[found.fault]
        number = str(found.first)
        if found.last != found.first:
            number += f"–{found.last}"
        sentences.append(f"第 {number} 条{what}。" if chinese else f"Entry {number} {what}.")
    if verdict.intact:
        sentences.append(_all_hold(verdict.entries, chinese=chinese))
    if not verdict.anchored:
        sentences.append(
            "未提供先前导出的链头，无法发现末尾被截断。"
            if chinese
            else "Without a head exported earlier, a cut at the end would not show."
        )
    return sentences


def _all_hold(entries: int, *, chinese: bool) -> str:
    if not entries:
        return "日志为空。" if chinese else "The ledger is empty."
    if chinese:
        return f"{entries} 条记录完整。"
    return "The one entry holds." if entries == 1 else f"All {entries} entries hold."
