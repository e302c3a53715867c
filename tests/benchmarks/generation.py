"""Questions of the demo company answered by the model `qwen` from one passage each.

    .venv/bin/python -m tests.benchmarks.generation [--threads 2] [--json FILE]

Half of what counts is what is not said: five questions a language have no answer in the passage
they come with. The questions and the fact that each right answer has to hold were written for
this file; nothing was tuned on them.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from chatbot.adapters.generator_llamacpp import LlamaCppGenerator
from chatbot.conversation import Language
from chatbot.demo.company import KNOWLEDGE
from chatbot.generate import Attempt, GenerationLimits, Outcome, generate_answer
from chatbot.models.installed import require
from chatbot.ports import Generator
from chatbot.settings import load_settings
from knowledge_base.passages import Document, Hit, Passage
from knowledge_base.readers import read_documents

LIMITS = GenerationLimits(max_tokens=160, seconds=300.0, passages=1)
LANGUAGES = (Language.EN, Language.ZH_HANS)


@dataclass(frozen=True)
class Question:
    text: str
    article: str
    fact: str = ""
    """A pattern that a right answer matches; empty where the article has no answer."""


QUESTIONS = {
    Language.EN: (
        Question("how much is express shipping?", "delivery-cost-en", r"\b18\b"),
        Question("how many days do I have to send something back?", "return-window-en", r"\b7\b"),
        Question("when does the money reach my credit card?", "refund-time-en", r"\b3\b.*\b7\b"),
        Question("how long is a laptop under warranty?", "warranty-length-en", r"24|two years"),
        Question("do you take cash when the parcel comes?", "payment-methods-en", r"(?i)\bnot?\b"),
        Question("what does shipping to Taiwan cost", "international-delivery-en", r"\b45\b"),
        Question("until when do you keep my order at the shop?", "store-pickup-en", r"\b7\b"),
        Question("is a 6 month plan free of interest?", "instalments-en", r"(?i)interest-free"),
        Question("how long is the reset code good for?", "reset-password-en", r"\b10\b"),
        Question("what do you charge to look at a broken device?", "repair-cost-en", r"\b50\b"),
        Question("can you deliver by drone?", "delivery-time-en"),
        Question("do students get free shipping?", "delivery-cost-en"),
        Question("do you accept Bitcoin?", "payment-methods-en"),
        Question("which brand are your batteries?", "repair-cost-en"),
        Question("who is the manager of the Shanghai shop?", "store-pickup-en"),
    ),
    Language.ZH_HANS: (
        Question("加急快递多少钱", "delivery-cost-zh", r"(?<!\d)18"),
        Question("买了几天之内可以无理由退货？", "return-window-zh", "7|七"),
        Question("退款退到信用卡要几天", "refund-time-zh", "3.*7"),
        Question("笔记本电脑保修多久？", "warranty-length-zh", "24|两年"),
        Question("能不能货到付款", "payment-methods-zh", "不"),
        Question("寄到台湾运费多少", "international-delivery-zh", r"(?<!\d)45"),
        Question("门店自提最多保留几天？", "store-pickup-zh", "7|七"),
        Question("分6期要利息吗", "instalments-zh", "免息"),
        Question("重置密码的验证码多久有效", "reset-password-zh", r"(?<!\d)10(?!\d)"),
        Question("过保的设备检测一下收多少钱？", "repair-cost-zh", r"(?<!\d)50"),
        Question("你们能用无人机送货吗", "delivery-time-zh"),
        Question("学生有没有运费优惠？", "delivery-cost-zh"),
        Question("可以用比特币付款吗", "payment-methods-zh"),
        Question("换的电池是什么牌子的？", "repair-cost-zh"),
        Question("上海门店的店长是谁", "store-pickup-zh"),
    ),
}


@dataclass(frozen=True)
class Answered:
    question: Question
    attempt: Attempt

    @property
    def shown(self) -> bool:
        return self.attempt.outcome is Outcome.ANSWERED

    @property
    def said_something(self) -> bool:
        return self.attempt.outcome in (Outcome.ANSWERED, Outcome.UNGROUNDED, Outcome.CUT_OFF)

    @property
    def usable(self) -> bool:
        text = self.attempt.generated.text if self.attempt.generated else ""
        return bool(self.question.fact and re.search(self.question.fact, text, re.DOTALL))


@dataclass(frozen=True)
class Measured:
    language: str
    answerable: int
    usable: int
    """Shown to the customer, with the fact that was asked for."""
    grounded: int
    """Shown to the customer."""
    blocked: int
    """Said, but not shown: the curated answer is."""
    refused: int
    unanswerable: int
    rightly_refused: int
    fabricated: int
    """Said, though the passage has no answer."""
    fabricated_shown: int
    tokens_per_second: float
    """Pieces behind the first one; llama.cpp gives one token a piece, now and then two."""
    first_token_seconds: float
    """Median."""


def measure(generator: Generator, language: Language) -> tuple[Measured, list[Answered]]:
    articles = {document.id: document for document in read_documents(KNOWLEDGE)}
    rows = [
        Answered(question, _answer(generator, question, articles[question.article], language))
        for question in track(QUESTIONS[language], description=language.value)
    ]
    return _count(language, rows), rows


def _answer(
    generator: Generator, question: Question, article: Document, language: Language
) -> Attempt:
    passage = Passage(
        f"{article.id}#0", article.id, article.answer, article.title, article.url, article.language
    )
    return generate_answer(
        generator, question.text, hits=[Hit(passage, 1.0)], language=language, limits=LIMITS
    )


def _count(language: Language, rows: Sequence[Answered]) -> Measured:
    known = [row for row in rows if row.question.fact]
    unknown = [row for row in rows if not row.question.fact]
    return Measured(
        language=language.value,
        answerable=len(known),
        usable=sum(row.usable for row in known),
        grounded=sum(row.shown for row in known),
        blocked=sum(row.said_something and not row.shown for row in known),
        refused=sum(row.attempt.outcome is Outcome.NO_ANSWER for row in known),
        unanswerable=len(unknown),
        rightly_refused=sum(row.attempt.outcome is Outcome.NO_ANSWER for row in unknown),
        fabricated=sum(row.said_something for row in unknown),
        fabricated_shown=sum(row.shown for row in unknown),
        tokens_per_second=round(_speed(rows), 1),
        first_token_seconds=round(
            median(row.attempt.first_piece_seconds or 0.0 for row in rows), 2
        ),
    )


def _speed(rows: Iterable[Answered]) -> float:
    tokens = seconds = 0.0
    for row in rows:
        tokens += max(row.attempt.pieces - 1, 0)
        seconds += row.attempt.seconds - (row.attempt.first_piece_seconds or 0.0)
    return tokens / seconds if seconds else 0.0


def _details(rows: Iterable[Answered]) -> list[dict[str, object]]:
    return [
        {
            "question": row.question.text,
            "article": row.question.article,
            "outcome": row.attempt.outcome.value,
            "usable": row.usable,
            "said": row.attempt.raw,
            "problems": [
                f"{problem.fault}: {problem.detail}"
                for verdict in (row.attempt.grounding.sentences if row.attempt.grounding else ())
                for problem in verdict.problems
            ],
        }
        for row in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Answers by qwen from the demo knowledge base")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="every question with what was said")
    options = parser.parse_args()
    file = next(require("qwen", home=load_settings().home).glob("*.gguf"))
    generator = LlamaCppGenerator(file, threads=options.threads)
    measured = {language: measure(generator, language) for language in LANGUAGES}
    table = Table(title=f"{generator.version}, {options.threads} threads")
    table.add_column("")
    for language in LANGUAGES:
        table.add_column(language.value)
    for name in Measured.__dataclass_fields__:
        if name != "language":
            table.add_row(name, *(str(getattr(measured[each][0], name)) for each in LANGUAGES))
    Console().print(table)
    if options.json:
        details = {language.value: _details(measured[language][1]) for language in LANGUAGES}
        options.json.write_text(json.dumps(details, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
