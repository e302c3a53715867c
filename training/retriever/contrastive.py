"""The encoder learns which article of its company a customer's words ask for.

Each step takes one trade: its questions in both languages against all of its articles in one of
them. Articles of one company on neighbouring matters are the hard negatives; no others are mined.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from training.optimiser import build_schedule
from training.progress import Watch
from training.retriever.lessons import Asked, Lessons, text_of
from training.retriever.tower import States, Tower

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class EncoderRecipe:
    alone: int = 6
    """Layers that stay as they were pretrained."""
    epochs: int = 4
    questions: int = 134
    """A step, at most."""
    learning_rate: float = 2.5e-4
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    temperature: float = 0.03
    by_heading: float = 0.5
    """Weight of the loss by the articles' own questions alone; by their text alone it is 1, and by
    both together 1."""
    largest_gradient: float = 1.0


@dataclass(frozen=True)
class _Read:
    questions: list[States]
    texts: list[States]
    headings: list[States]


Step = tuple[str, tuple[int, ...]]
"""A trade and the questions asked of it."""


def teach_encoder(
    tower: Tower, lessons: Lessons, recipe: EncoderRecipe, *, seed: int, watch: Watch
) -> list[float]:
    """The mean loss of each epoch; `tower` is what it learnt afterwards."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    asked = [question for question in lessons.questions if question.answered]
    read = _read(tower, lessons, asked, watch)
    parameters = [each for each in tower.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    count = len(list(_steps(lessons, asked, recipe, random.Random(seed)))) * recipe.epochs
    schedule = build_schedule(optimiser, steps=count, warmup_share=recipe.warmup_share)
    tower.train()
    watch.stage("Encoder", count)
    curve = []
    for _ in range(recipe.epochs):
        losses = []
        for step in _steps(lessons, asked, recipe, draw):
            loss = _loss(tower, lessons, asked, read, step, recipe, draw.choice(LANGUAGES))
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, recipe.largest_gradient)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            losses.append(loss.item())
            watch.advance(note=f"loss {loss.item():.2f}")
        curve.append(sum(losses) / len(losses))
    tower.eval()
    return curve


def _read(tower: Tower, lessons: Lessons, asked: Sequence[Asked], watch: Watch) -> _Read:
    watch.stage("Reading", 3)
    parts = []
    for texts in (
        [f"query: {question.text}" for question in asked],
        [f"passage: {text_of(article)}" for article in lessons.articles],
        [f"query: {article.question}" for article in lessons.articles],
    ):
        parts.append(tower.read_alone(texts))
        watch.advance()
    return _Read(*parts)


def _steps(
    lessons: Lessons, asked: Sequence[Asked], recipe: EncoderRecipe, draw: random.Random
) -> Iterator[Step]:
    """Every question once, in parts of equal size a trade, in any order."""
    trades: dict[str, list[int]] = {}
    for number, question in enumerate(asked):
        trades.setdefault(lessons.articles[question.article].trade, []).append(number)
    steps: list[Step] = []
    for trade, numbers in trades.items():
        draw.shuffle(numbers)
        parts = -(-len(numbers) // recipe.questions)
        steps += [(trade, tuple(numbers[part::parts])) for part in range(parts)]
    draw.shuffle(steps)
    return iter(steps)


def _loss(
    tower: Tower,
    lessons: Lessons,
    asked: Sequence[Asked],
    read: _Read,
    step: Step,
    recipe: EncoderRecipe,
    language: str,
) -> torch.Tensor:
    trade, numbers = step
    shelf = lessons.shelves[trade, language]
    known = {lessons.articles[place].article: row for row, place in enumerate(shelf)}
    right = [known.get(lessons.articles[asked[number].article].article) for number in numbers]
    kept = [(number, row) for number, row in zip(numbers, right, strict=True) if row is not None]
    questions = tower.vectors([read.questions[number] for number, _ in kept])
    texts = tower.vectors([read.texts[place] for place in shelf])
    headings = tower.vectors([read.headings[place] for place in shelf])
    gold = torch.tensor([row for _, row in kept], device=questions.device)
    by_text, by_heading = questions @ texts.T, questions @ headings.T
    losses = [
        nn.functional.cross_entropy(scores / recipe.temperature, gold)
        for scores in (by_text, by_heading, (by_text + by_heading) / 2)
    ]
    return losses[0] + recipe.by_heading * losses[1] + losses[2]
