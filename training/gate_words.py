"""A check of the gate as one plain sentence, in English and Chinese."""

from __future__ import annotations

_VERDICT = {True: ("Passed", "通过"), False: ("Failed", "未通过")}

_SENTENCES = {
    "test_rows": (
        "{after:.0f} test rows can be compared; at least {limit:.0f} are needed.",
        "可比较的测试句有 {after:.0f} 条，至少需要 {limit:.0f} 条。",
    ),
    "first_accuracy": (
        "the first model decides {after:.1%} of the test rows right; it needs {limit:.0%}.",
        "首个模型在测试集上的正确率为 {after:.1%}，要求不低于 {limit:.0%}。",
    ),
    "accuracy": (
        "accuracy goes from {before:.3f} to {after:.3f}; it may fall by {limit:.3f}.",
        "准确率由 {before:.3f} 变为 {after:.3f}，允许最多下降 {limit:.3f}。",
    ),
    "macro_f1": (
        "the mean F1 of all intents goes from {before:.3f} to {after:.3f}; "
        "it may fall by {limit:.3f}.",
        "各意图 F1 的平均值由 {before:.3f} 变为 {after:.3f}，允许最多下降 {limit:.3f}。",
    ),
    "worst_intent_f1": (
        "the intent that loses most, {subject}, goes from F1 {before:.3f} to {after:.3f}; "
        "one intent may lose {limit:.2f}.",
        "下降最多的意图 {subject} 的 F1 由 {before:.3f} 变为 {after:.3f}，"
        "单个意图允许最多下降 {limit:.2f}。",
    ),
    "oos_auroc": (
        "telling questions outside the scope apart (AUROC) goes from {before:.3f} to {after:.3f}; "
        "it may fall by {limit:.3f}.",
        "识别范围外问题的能力（AUROC）由 {before:.3f} 变为 {after:.3f}，允许最多下降 {limit:.3f}。",
    ),
    "ece": (
        "the gap between confidence and truth (ECE) goes from {before:.3f} to {after:.3f}; "
        "it may grow by {limit:.3f}.",
        "置信度与实际正确率的偏差（ECE）由 {before:.3f} 变为 {after:.3f}，"
        "允许最多增加 {limit:.3f}。",
    ),
    "latency_ms_p50": (
        "one sentence takes {after:.1f} ms instead of {before:.1f} ms; "
        "{limit:.1f} times as long is allowed.",
        "处理一句话的时间由 {before:.1f} 毫秒变为 {after:.1f} 毫秒，最多允许 {limit:.1f} 倍。",
    ),
    "mcnemar": (
        "{before:.0f} rows are lost and {after:.0f} won; chance alone would do this with "
        "probability {subject}, below {limit} counts as worse (McNemar).",
        "新错 {before:.0f} 条，新对 {after:.0f} 条；纯属偶然的概率为 {subject}，"
        "低于 {limit} 即视为变差（McNemar 检验）。",
    ),
    "intent_lost": (
        "the challenger no longer knows the intent {subject}.",
        "候选模型不再认识意图 {subject}。",
    ),
    "new_intent_rows": (
        "the new intent {subject} has {after:.0f} held-out rows; "
        "at least {limit:.0f} are needed to judge it.",
        "新意图 {subject} 只有 {after:.0f} 条留出的测试句，至少需要 {limit:.0f} 条才能评判。",
    ),
    "new_intent": (
        "of the held-out rows of the new intent {subject}, {after:.0%} are understood; "
        "it needs {limit:.0%}.",
        "新意图 {subject} 的留出测试句中有 {after:.0%} 被正确理解，要求不低于 {limit:.0%}。",
    ),
}


def say(
    name: str,
    champion: float | None,
    challenger: float | None,
    *,
    limit: float,
    passed: bool,
    subject: str,
) -> tuple[str, str]:
    """English, then Chinese."""
    values = {"before": champion or 0.0, "after": challenger or 0.0}
    verdicts = _VERDICT[passed]
    english, chinese = (
        sentence.format(**values, limit=limit, subject=subject) for sentence in _SENTENCES[name]
    )
    return f"{verdicts[0]}: {english}", f"{verdicts[1]}：{chinese}"
