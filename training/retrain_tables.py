"""What `kefu retrain` shows, in plain words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.table import Table
from rich.text import Text

from training.curriculum import LeftOut
from training.cycle_run import Outcome, Run, Step
from training.lineage import State, Version
from training.review import ReviewItem, ReviewState
from training.verdict import GateResult


class Tongue(StrEnum):
    EN = "en"
    ZH = "zh"


_WORDS: dict[str, tuple[str, str]] = {
    State.CHAMPION.value: ("serves", "正在服务"),
    State.CHALLENGER.value: ("waits", "待上线"),
    State.REFUSED.value: ("refused", "未通过"),
    State.RETIRED.value: ("served before", "曾经服务"),
    "deleted": ("deleted", "已删除"),
    Outcome.PROMOTED.value: ("promoted", "已上线"),
    Outcome.WAITING.value: ("waits for a person", "等待人工确认"),
    Outcome.NOTHING_NEW.value: ("nothing new", "没有新内容"),
    Outcome.ABANDONED.value: ("abandoned", "已放弃"),
    Outcome.TAKEN_BACK.value: ("sentences taken back", "语句被撤回"),
    Step.BEGUN.value: ("begun", "已开始"),
    Step.PREPARED.value: ("rows collected", "已收集数据"),
    Step.TRAINED.value: ("trained", "已训练"),
    Step.REGISTERED.value: ("registered", "已登记"),
    Step.JUDGED.value: ("compared", "已比较"),
    LeftOut.IN_TEST.value: ("in the test set", "在测试集中"),
    LeftOut.PERSONAL_DATA.value: ("personal data", "含个人信息"),
    LeftOut.NEW_INTENT_TOO_SMALL.value: ("new intent too small", "新意图样本太少"),
    "versions": ("Intent models of {name}", "{name} 的意图模型"),
    "version": ("version", "版本"),
    "state": ("state", "状态"),
    "since": ("since", "时间"),
    "by": ("by", "操作人"),
    "parent": ("builds on", "基于"),
    "why": ("why", "原因"),
    "comparison": ("The challenger against the model that serves", "候选模型与现有模型的比较"),
    "runs": ("Retrainings", "再训练记录"),
    "run": ("run", "编号"),
    "reviewed": ("reviewed sentences", "已审核语句"),
    "left_out": ("left out", "未采用"),
    "begun_anew": ("begun anew", "重新开始"),
    "anew": (
        "It was begun anew {times}×: sentences that it had been taught were taken back meanwhile "
        "(a customer was erased or withdrew consent, or a label was rejected), and what had been "
        "trained with them was destroyed.",
        "此次训练重新开始了 {times} 次：训练期间有语句被撤回"
        "（客户数据被删除、客户撤回同意或标注被拒绝），"
        "使用这些语句训练的结果已销毁。",
    ),
    "queue": (
        "Review queue: {pending} to label, {approved} approved, {rejected} rejected.",
        "审核队列：待标注 {pending} 条，已采纳 {approved} 条，已拒绝 {rejected} 条。",
    ),
    "done_promoted": (
        "{version} serves now, taught with {reviewed} reviewed sentences.",
        "{version} 已上线，训练中使用了 {reviewed} 条已审核语句。",
    ),
    "done_refused": (
        "{version} was refused, the model that serves stays: {reasons}",
        "{version} 未通过检查，继续使用现有模型：{reasons}",
    ),
    "done_waiting": (
        "{version} passed; let it serve with `kefu retrain promote {version}`.",
        "{version} 已通过检查；请用 `kefu retrain promote {version}` 上线。",
    ),
    "done_nothing_new": (
        "There is nothing new to teach: review sentences first, or add --even-if-nothing-new.",
        "没有新内容可训练：请先审核语句，或加上 --even-if-nothing-new。",
    ),
    "done_abandoned": (
        "This run broke off and a later one did its job: take a new run id.",
        "此次运行已中断，由后来的运行完成：请使用新的编号。",
    ),
    "done_taken_back": (
        "No version came of it, the model that serves stays: the next run does without these "
        "sentences.",
        "本次未产生新版本，继续使用现有模型：下一次训练不再使用这些语句。",
    ),
    "serves_now": ("{version} serves now.", "{version} 已上线。"),
    "rolled_back": ("{version} serves again.", "已恢复到 {version}。"),
    "exported": ("{count} sentences are in {path}.", "已将 {count} 条语句导出到 {path}。"),
    "imported": (
        "{approved} sentences approved, {rejected} rejected.",
        "已采纳 {approved} 条语句，拒绝 {rejected} 条。",
    ),
}


def word(key: str, tongue: Tongue, **values: object) -> str:
    return _WORDS[key][tongue is Tongue.ZH].format(**values)


def versions_table(collection: str, versions: Sequence[Version], tongue: Tongue) -> Table:
    """Newest first."""
    columns = ("version", "state", "since", "by", "parent", "why")
    title = word("versions", tongue, name=collection)
    table = Table(*(word(name, tongue) for name in columns), title=title, title_justify="left")
    for version in versions:
        last = version.events[-1] if version.events else None
        table.add_row(
            version.name,
            word(version.state.value if version.kept else "deleted", tongue),
            f"{last.at:%Y-%m-%d %H:%M}" if last else "",
            Text(last.by if last else ""),
            version.parent or "",
            Text(_why(version, tongue)),
        )
    return table


def runs_table(runs: Sequence[Run], tongue: Tongue) -> Table:
    columns = ("run", "state", "since", "by", "version", "reviewed", "left_out")
    title = word("runs", tongue)
    table = Table(*(word(name, tongue) for name in columns), title=title, title_justify="left")
    for run in runs:
        notes = [f"{word(why, tongue)}: {count}" for why, count in run.left_out.items()]
        if run.begun_anew:
            notes.append(f"{word('begun_anew', tongue)}: {run.begun_anew}")
        table.add_row(
            run.id,
            word((run.outcome or run.step).value, tongue),
            f"{run.started_at:%Y-%m-%d %H:%M}",
            Text(run.by),
            run.version or "",
            str(run.reviewed),
            "; ".join(notes),
        )
    return table


def gate_table(gate: GateResult, tongue: Tongue) -> Table:
    table = Table(show_header=False, title=word("comparison", tongue), title_justify="left")
    for check in gate.checks:
        table.add_row(
            "✓" if check.passed else "✗", Text(_reason(check.reason_en, check.reason_zh, tongue))
        )
    return table


def queue_line(items: Sequence[ReviewItem], tongue: Tongue) -> str:
    counts = {state.value: sum(i.state is state for i in items) for state in ReviewState}
    return word("queue", tongue, **counts)


def outcome_line(run: Run, tongue: Tongue) -> str:
    outcome = run.outcome or Outcome.NOTHING_NEW
    failed = run.gate.failed if run.gate is not None else ()
    reasons = " ".join(_reason(check.reason_en, check.reason_zh, tongue) for check in failed)
    values = {"version": run.version, "reviewed": run.reviewed, "reasons": reasons}
    said = word(f"done_{outcome.value}", tongue, **values)
    if run.begun_anew:
        gap = "" if tongue is Tongue.ZH else " "
        said = word("anew", tongue, times=run.begun_anew) + gap + said
    return said


def _why(version: Version, tongue: Tongue) -> str:
    if version.gate is not None and version.gate.failed:
        check = version.gate.failed[0]
        return _reason(check.reason_en, check.reason_zh, tongue)
    return version.events[-1].note if version.events else ""


def _reason(english: str, chinese: str, tongue: Tongue) -> str:
    return chinese if tongue is Tongue.ZH else english
