"""What is odd about labelled rows: worth a look before training, no reason to refuse them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from training.utterance import Utterance, normalise

_REPLACEMENT = "\ufffd"


class Problem(StrEnum):
    EMPTY_TEXT = "empty text"
    EMPTY_INTENT = "intent without an example"
    LONE_EXAMPLE = "intent with one example"
    DUPLICATE = "repeats a line"
    CONFLICT = "same text, different intent"
    LEAK = "also in a file that measures"
    TWIN_INTENTS = "intents with nearly the same name"
    SPOILT_TEXT = "characters lost in an earlier conversion"
    SYNONYM = "synonyms are not used"
    LOOKUP = "lookup tables are not used"
    REGEX = "regular expressions are not used"
    NO_DASH = "no example, the line does not begin with a dash"
    TEMPLATE = "template phrases are not used"
    FALLBACK = "a fallback intent's phrases count as out_of_scope"
    UNLABELLED = "conversations without a label are not used"
    SEVERAL_LABELS = "conversations with several labels are not used"
    NO_QUESTION = "conversations without a customer's message are not used"
    MASKED = "personal data masked"

    @property
    def chinese(self) -> str:
        return _CHINESE[self]


@dataclass(frozen=True)
class Finding:
    problem: Problem
    line: int
    file: str = ""
    """Which file of a folder or a ZIP; empty where the corpus is one file."""
    subject: str = ""
    """The intent, the synonym or the conversation that it is about."""
    other: Utterance | None = None
    """The earlier row, or the row of another corpus, that this one meets."""
    other_path: Path | None = None
    """Of the other corpus."""

    @property
    def detail(self) -> str:
        return self.describe()

    def describe(self, *, chinese: bool = False) -> str:
        """Never the sentence itself."""
        if self.other is None:
            return self.subject
        line = f"第 {self.other.line} 行" if chinese else f"line {self.other.line}"
        name = self.other_path.name if self.other_path else ""
        where = " ".join(part for part in (name, self.other.file, line) if part)
        if self.subject == self.other.intent:
            return where
        if chinese:
            return f"此处为 {self.subject}，{where}为 {self.other.intent}"
        return f"{self.subject}, but {self.other.intent} in {where}"


def oddities(rows: Sequence[Utterance], kept: Sequence[Utterance]) -> Iterator[Finding]:
    """`kept` are the `rows` that have a text."""
    taught = {row.intent for row in kept}
    reported = set()
    for row in rows:
        if row.intent not in taught:
            if row.intent not in reported:
                yield Finding(Problem.EMPTY_INTENT, row.line, row.file, row.intent)
            reported.add(row.intent)
        elif not row.text:
            yield Finding(Problem.EMPTY_TEXT, row.line, row.file)
        elif _REPLACEMENT in row.text:
            yield Finding(Problem.SPOILT_TEXT, row.line, row.file)
    yield from _repeats(kept)
    yield from _lone(kept)
    yield from _twins(kept)


def leaks(
    rows: Iterable[Utterance], measuring: Mapping[Path, Sequence[Utterance]]
) -> Iterator[tuple[Utterance, Finding]]:
    """The rows whose text a measuring corpus holds too, whatever its label there."""
    elsewhere: dict[str, tuple[Path, Utterance]] = {}
    for path, others in measuring.items():
        for other in others:
            elsewhere.setdefault(other.key, (path, other))
    for row in rows:
        if (met := elsewhere.get(row.key)) is not None:
            path, other = met
            yield row, Finding(Problem.LEAK, row.line, row.file, row.intent, other, path)


def _repeats(rows: Sequence[Utterance]) -> Iterator[Finding]:
    # The first row of each intent is enough: a text repeated a thousand times stays quick.
    seen: defaultdict[str, dict[str, Utterance]] = defaultdict(dict)
    for row in rows:
        earlier = seen[row.key]
        if (same := earlier.get(row.intent)) is not None:
            yield Finding(Problem.DUPLICATE, row.line, row.file, row.intent, same)
        differs = next((other for intent, other in earlier.items() if intent != row.intent), None)
        if differs is not None:
            yield Finding(Problem.CONFLICT, row.line, row.file, row.intent, differs)
        earlier.setdefault(row.intent, row)


def _lone(rows: Sequence[Utterance]) -> Iterator[Finding]:
    counts = Counter(row.intent for row in rows)
    for row in rows:
        if counts[row.intent] == 1:
            yield Finding(Problem.LONE_EXAMPLE, row.line, row.file, row.intent)


def _twins(rows: Sequence[Utterance]) -> Iterator[Finding]:
    first: dict[str, Utterance] = {}
    for row in rows:
        first.setdefault(row.intent, row)
    met: dict[str, Utterance] = {}
    for row in first.values():
        name = normalise(row.intent.replace("_", " "))
        if (other := met.setdefault(name, row)) is not row:
            yield Finding(Problem.TWIN_INTENTS, row.line, row.file, row.intent, other)


_CHINESE = {
    Problem.EMPTY_TEXT: "语句为空",
    Problem.EMPTY_INTENT: "意图没有样本",
    Problem.LONE_EXAMPLE: "意图只有一个样本",
    Problem.DUPLICATE: "与前面的行重复",
    Problem.CONFLICT: "语句相同但意图不同",
    Problem.LEAK: "也出现在用于评测的文件中",
    Problem.TWIN_INTENTS: "意图名称几乎相同",
    Problem.SPOILT_TEXT: "含有先前转换时丢失的字符",
    Problem.SYNONYM: "不使用同义词",
    Problem.LOOKUP: "不使用查找表",
    Problem.REGEX: "不使用正则表达式",
    Problem.NO_DASH: "该行不以短横线开头，不作为样本",
    Problem.TEMPLATE: "不使用模板语句",
    Problem.FALLBACK: "后备意图的语句计为 out_of_scope",
    Problem.UNLABELLED: "不使用没有标签的会话",
    Problem.SEVERAL_LABELS: "不使用有多个标签的会话",
    Problem.NO_QUESTION: "不使用没有客户消息的会话",
    Problem.MASKED: "个人信息已遮盖",
}
