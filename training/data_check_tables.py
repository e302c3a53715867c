"""What `kefu data check` shows, in English and Chinese, and the same as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.table import Table
from rich.text import Text

from training.data_check import DataCheck
from training.errors import CorpusInvalid
from training.findings import Finding, Problem
from training.retrain_tables import Tongue

SHOWN_OF_EACH = 10

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("What was found in {name}", "{name} 的检查结果"),
    "kind": ("", ""),
    "place": ("where", "位置"),
    "problem": ("what", "问题"),
    "detail": ("more", "说明"),
    "fault": ("fault", "错误"),
    "finding": ("note", "提示"),
    "line": ("line {line}", "第 {line} 行"),
    "more": ("and {count:,} more like it", "另有 {count:,} 处相同问题"),
    "counted": (
        "{rows:,} rows of {intents:,} intents ({languages}), read as {format}.",
        "共 {rows:,} 行、{intents:,} 个意图（{languages}），按 {format} 格式读取。",
    ),
    "leaked": (
        "{count:,} rows stand in a file that measures too; training leaves them out.",
        "有 {count:,} 行同时出现在用于评测的文件中；训练时不使用。",
    ),
    "usable": (
        "It can be trained on: {findings:,} notes, no faults.",
        "可以用于训练：{findings:,} 条提示，没有错误。",
    ),
    "unusable": (
        "It cannot be trained on before its faults are mended: {faults:,}.",
        "须先改正错误才能用于训练：{faults:,} 处。",
    ),
}


def findings_table(check: DataCheck, tongue: Tongue, *, all_rows: bool = False) -> Table:
    """Faults first, then findings by kind; long lists are cut unless `all_rows`."""
    columns = ("kind", "place", "problem", "detail")
    title = Text(word("title", tongue, name=check.path.name))
    table = Table(*(word(name, tongue) for name in columns), title=title, title_justify="left")
    limit = None if all_rows else SHOWN_OF_EACH
    for fault in check.faults[:limit]:
        reason = fault.chinese if tongue is Tongue.ZH else fault.reason
        place = _fault_place(check, fault, tongue)
        table.add_row(word("fault", tongue), Text(place), Text(reason), style="red")
    _add_rest(table, len(check.faults), limit, tongue)
    counts = Counter(finding.problem for finding in check.findings)
    for problem in (each for each in Problem if counts[each]):
        of_kind = [finding for finding in check.findings if finding.problem is problem]
        for finding in of_kind[:limit]:
            _add_finding(table, finding, tongue)
        _add_rest(table, len(of_kind), limit, tongue)
    return table


def summary(check: DataCheck, tongue: Tongue) -> str:
    sentences = []
    if (corpus := check.corpus) is not None:
        languages = ", ".join(f"{name} {count:,}" for name, count in check.languages.items())
        intents = len({row.intent for row in corpus.utterances})
        rows = len(corpus.utterances)
        values = {"intents": intents, "languages": languages, "format": corpus.format}
        sentences.append(word("counted", tongue, rows=rows, **values))
    if check.leaked:
        sentences.append(word("leaked", tongue, count=check.leaked))
    verdict = "unusable" if check.faults else "usable"
    counts = {"faults": len(check.faults), "findings": len(check.findings)}
    sentences.append(word(verdict, tongue, **counts))
    return ("" if tongue is Tongue.ZH else " ").join(sentences)


def fault_sentence(fault: CorpusInvalid, tongue: Tongue) -> str:
    if tongue is not Tongue.ZH:
        return str(fault)
    where = f"{fault.path}，第 {fault.line} 行" if fault.line is not None else f"{fault.path}"
    return f"{where}：{fault.chinese}。"


def as_json(check: DataCheck, tongue: Tongue) -> dict[str, Any]:
    """Never the rows themselves."""
    rows = check.corpus.utterances if check.corpus is not None else ()
    chinese = tongue is Tongue.ZH
    return {
        "path": str(check.path),
        "format": check.corpus.format if check.corpus is not None else None,
        "usable": not check.faults,
        "rows": len(rows),
        "intents": len({row.intent for row in rows}),
        "languages": check.languages,
        "leaked": check.leaked,
        "faults": [
            {
                "file": str(fault.path),
                "line": fault.line,
                "message": fault.chinese if chinese else fault.reason,
            }
            for fault in check.faults
        ],
        "findings": [
            {
                "problem": finding.problem.name.lower(),
                "file": finding.file or check.path.name,
                "line": finding.line,
                "message": finding.problem.chinese if chinese else finding.problem.value,
                "detail": finding.describe(chinese=chinese),
            }
            for finding in check.findings
        ],
    }


def word(key: str, tongue: Tongue, **values: object) -> str:
    return _WORDS[key][tongue is Tongue.ZH].format(**values)


def _add_finding(table: Table, finding: Finding, tongue: Tongue) -> None:
    chinese = tongue is Tongue.ZH
    table.add_row(
        word("finding", tongue),
        Text(_place(finding.file, finding.line, tongue)),
        finding.problem.chinese if chinese else finding.problem.value,
        Text(finding.describe(chinese=chinese)),
    )


def _add_rest(table: Table, count: int, limit: int | None, tongue: Tongue) -> None:
    if limit is not None and count > limit:
        table.add_row("", "…", word("more", tongue, count=count - limit))


def _fault_place(check: DataCheck, fault: CorpusInvalid, tongue: Tongue) -> str:
    name = "" if fault.path == check.path else str(fault.path)
    return _place(name, fault.line, tongue) or fault.path.name


def _place(name: str, line: int | None, tongue: Tongue) -> str:
    where = word("line", tongue, line=line) if line else ""
    return " ".join(part for part in (name, where) if part)
