"""`make answers`: the held-back questions through `kefu ask --input`, as a customer's would go.

Nothing in `tests/data` is ever trained on or tuned with.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chatbot.cli.ask import ask

DATA = Path(__file__).parent.parent / "data"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Measured:
    language: str
    questions: int
    right: int
    """Answered, with the right article cited first."""
    offered: int
    """Not answered at once, but the right article is among the quick replies."""
    wrong: int
    """Answered from another article."""
    unanswerable: int
    answered_anyway: int

    @property
    def right_share(self) -> float:
        return self.right / self.questions

    @property
    def answered_anyway_share(self) -> float:
        return self.answered_anyway / self.unanswerable


def measure(language: str, folder: Path) -> Measured:
    """Runs two ask files; the rows stay in `folder` for whoever wants to read them."""
    expected = {row["id"]: row["expected"] for row in _rows(DATA / f"questions.{language}.jsonl")}
    answers = _ask(f"questions.{language}.jsonl", folder)
    refusals = _ask(f"unanswerable.{language}.jsonl", folder)
    answered = [row for row in answers if row["action"] == "answer"]
    right = [row for row in answered if row["citations"][:1] == [expected[row["id"]]]]
    return Measured(
        language=language,
        questions=len(answers),
        right=len(right),
        offered=sum(
            row["action"] == "clarify" and expected[row["id"]] in row["suggestions"]
            for row in answers
        ),
        wrong=len(answered) - len(right),
        unanswerable=len(refusals),
        answered_anyway=sum(
            row["action"] == "answer" and bool(row["citations"]) for row in refusals
        ),
    )


def _ask(name: str, folder: Path) -> list[dict[str, object]]:
    output = folder / name
    ask(source=DATA / name, output=output, collection="demo")
    return _rows(output)


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    table = Table(title="Held-back questions, `kefu ask --input`")
    for column in ("language", "right first", "offered", "wrong", "unanswerable, answered"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            measured = measure(language, Path(folder))
            table.add_row(
                language,
                f"{measured.right}/{measured.questions} ({measured.right_share:.1%})",
                str(measured.offered),
                str(measured.wrong),
                f"{measured.answered_anyway}/{measured.unanswerable} "
                f"({measured.answered_anyway_share:.1%})",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
