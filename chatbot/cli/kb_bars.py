"""The bars of building an index, one a stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console
from rich.progress import Progress, TaskID, TextColumn

from chatbot.cli.jobs import Tongue
from knowledge_base.build import Progress as Shown

_WORDS = {
    "reuse": ("reuse", "复用"),
    "encode": ("encode", "编码"),
    "index": ("index", "索引"),
    "upload": ("upload", "上传"),
    "known": ("{count:,} texts known", "已有 {count:,} 条文本"),
    "rate": ("{count:,.0f} texts/s", "每秒 {count:,.0f} 条文本"),
}


@contextmanager
def stage_bars(language: Tongue = Tongue.EN) -> Iterator[Shown]:
    """On stderr."""
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[texts]}"))
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}
        since = perf_counter()

        def show(stage: str, done: int, total: int) -> None:
            nonlocal since
            if stage not in tasks:
                tasks[stage] = bars.add_task(_stage(stage, language), total=total, texts="")
                since = perf_counter()
            texts = said_of_texts(stage, done, perf_counter() - since, language=language)
            bars.update(tasks[stage], completed=done, total=total, texts=texts)

        yield show


def said_of_texts(stage: str, done: int, seconds: float, *, language: Tongue = Tongue.EN) -> str:
    """Behind the bar of a stage: how many were known already, or are read in a second."""
    if stage == "reuse":
        return _say("known", language, count=done)
    if stage == "encode" and done and seconds:
        return _say("rate", language, count=done / seconds)
    return ""


def _stage(name: str, language: Tongue) -> str:
    """As it is where there are no words for it: no build is lost for a word."""
    return _say(name, language) if name in _WORDS else name


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)
