"""`kefu train retriever`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from knowledge_base.taught import Passing
from training.printing import LanguageOption, say
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.progress import Watch

_WORDS = {
    "Reading": ("Reading", "读取"),
    "Encoder": ("Encoder", "编码器"),
    "Scores": ("Scores", "得分"),
    "Judgement": ("Judgement", "判断"),
    "Exam": ("Exam", "考核"),
    "loss": ("loss", "损失"),
    "taught": ("Taught by {questions:,} questions about {articles:,} articles.",
               "已用 {articles:,} 篇文章的 {questions:,} 个问题训练完成。"),
    "there": ("{version} is what this would train; it is there already.",
              "要训练的正是已有的 {version}，无需再训练。"),
    "indexing": ("Indexing {name}.", "正在为知识库 {name} 建立索引。"),
    "exam": ("on trades never taught", "未学过的行业"),
    "first": ("first", "首位命中"),
    "in three": ("in 3", "前 3 命中"),
    "auroc": ("AUROC", "AUROC"),
    "first look": ("first look", "初检"),
    "second look": ("second look", "复检"),
    "unanswerable": ("of unanswerable", "不可答问题通过率"),
    "threshold": ("threshold", "阈值"),
    "answerable": ("of answerable pass", "可答问题通过率"),
    "at most": ("at most {share:.0f} %", "不超过 {share:.0f} %"),
}  # fmt: skip


def train_retriever(
    pairs: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of JSONL files like those of training/pairs, read instead of them.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, much the same retriever.")] = 1,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Teach the search how customers ask, then index every collection anew with it.

    Takes about half an hour on two cores. Until a collection is indexed anew it is served
    as before; KEFU_RETRIEVER=plain goes back to the encoder as it was pretrained.
    """
    from chatbot.retriever_home import promote_retriever
    from chatbot.settings import load_settings
    from training.pairs.reading import FOLDER
    from training.progress import RichWatch
    from training.retriever.model import RetrieverOrder, train_retriever

    settings = load_settings()
    order = RetrieverOrder(settings.retriever_home, pairs or FOLDER, seed=seed)
    console = Console(stderr=True)
    with RichWatch(console) as watch:
        spoken = Spoken(watch, language)
        report = train_retriever(order, models_home=settings.models_home, watch=spoken)
    if report.trained:
        counts = {"questions": report.questions, "articles": report.articles}
        say(console, _say("taught", language, **counts))
    else:
        say(console, _say("there", language, version=report.version))
    promote_retriever(settings, report.version)
    _index_all(console, language)
    Console().print(exam_table(report.exam, language))
    Console().print(passing_table(report.passing, language))


def _index_all(console: Console, language: Tongue) -> None:
    """Every collection, with the retriever that is current."""
    from chatbot.cli import jobs
    from chatbot.cli.kb import build_with_bars
    from chatbot.retriever_home import load_embedder
    from chatbot.settings import load_settings
    from chatbot.vault_home import collection_of, open_vault
    from knowledge_base.collection import list_collections

    settings = load_settings()
    vault, embedder = open_vault(settings), load_embedder(settings)
    for name in list_collections(settings.collections_home):
        say(console, _say("indexing", language, name=name))
        collection = collection_of(settings, name, vault=vault)
        build_with_bars(settings, collection, embedder, language=jobs.Tongue(language.value))


@dataclass(frozen=True)
class Spoken:
    """A watch that hears stages and notes in the reader's language."""

    watch: Watch
    language: Tongue

    def stage(self, name: str, total: int) -> None:
        self.watch.stage(_named(name, self.language), total)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        name, blank, figure = note.partition(" ")
        self.watch.advance(steps, note=f"{_named(name, self.language)}{blank}{figure}")


def exam_table(exam: Mapping[str, Mapping[str, float]], language: Tongue) -> Table:
    columns = ("exam", "first", "in three", "auroc")
    table = Table(*(_say(column, language) for column in columns))
    for name, row in exam.items():
        shares = (f"{100 * row[key]:.1f} %" for key in ("recall_at_1", "recall_at_3"))
        table.add_row(_named(name, language), *shares, f"{row['auroc']:.3f}")
    return table


def passing_table(rows: Sequence[Passing], language: Tongue) -> Table:
    """What KEFU_ANSWER_RISK chooses from."""
    table = Table(*(_say(name, language) for name in ("unanswerable", "threshold", "answerable")))
    for row in rows:
        most = _say("at most", language, share=100 * row.risk)
        table.add_row(most, f"{row.threshold:.3f}", f"{100 * row.answered:.1f} %")
    return table


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)


def _named(name: str, language: Tongue) -> str:
    """As it is where there are no words for it: no training is lost for a word."""
    return _say(name, language) if name in _WORDS else name
