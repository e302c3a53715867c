"""The reranker learns to read a question and a passage together.

It shares the lower layers with the encoder and starts from what the encoder learnt above them.
Questions that come near to an article without being answered by it are wrong for that article, so
that it learns to see whether the fact that is asked for is there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.optimiser import build_schedule
from training.progress import Watch
from training.retriever.lessons import Lessons, other, whole_text_of
from training.retriever.tower import States, Tower, mean, padded
from training.retriever.wording import weights_by_wording

Duo = tuple[int, int]
"""A question and an article, by their places among the lessons."""


@dataclass(frozen=True)
class RerankerRecipe:
    epochs: float = 0.5
    questions: int = 16
    """A step."""
    near: int = 2
    """Wrong articles beside the right one, drawn from those that the encoder puts first."""
    among: int = 10
    """So many are first."""
    other_language: float = 0.25
    """Share of the questions that are asked of the other language's articles."""
    learning_rate: float = 1e-4
    head_learning_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    largest_gradient: float = 1.0


class Reranker(nn.Module):
    def __init__(self, tower: Tower) -> None:
        super().__init__()
        self.tower = tower
        width = tower.config.hidden_size
        self.segments = nn.Parameter(torch.zeros(2, width))
        self.inner = nn.Linear(2 * width, width)
        self.outer = nn.Linear(width, 1)
        self.to(tower.device)

    def forward(self, questions: Sequence[States], articles: Sequence[States]) -> torch.Tensor:
        """`(n,)` logits of n pairs."""
        both = [torch.cat(pair) for pair in zip(questions, articles, strict=True)]
        states, mask = padded(both)
        lengths = torch.tensor([len(each) for each in questions], device=states.device)
        places = torch.arange(states.shape[1], device=states.device)
        first = (places < lengths[:, None]).float()
        second = mask - first
        marked = states + first[..., None] * self.segments[0] + second[..., None] * self.segments[1]
        climbed = self.tower.climb(marked, mask)
        means = torch.cat([mean(climbed, first), mean(climbed, second)], dim=-1)
        logits: torch.Tensor = self.outer(torch.tanh(self.inner(means)))[:, 0]
        return logits


def teach_reranker(
    reranker: Reranker, lessons: Lessons, recipe: RerankerRecipe, *, seed: int, watch: Watch
) -> list[float]:
    """The mean loss of every twentieth of the way; the tower's vectors choose the near ones."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    tower = reranker.tower
    watch.stage("Reading", 2)
    questions = tower.read_alone([f"query: {each.text}" for each in lessons.questions])
    watch.advance()
    articles = tower.read_alone([f"passage: {whole_text_of(each)}" for each in lessons.articles])
    watch.advance()
    near = _similarities(tower, questions, articles)
    weights = torch.tensor(weights_by_wording(lessons), dtype=torch.float32, device=tower.device)
    optimiser = _optimiser(reranker, recipe)
    count = max(1, int(len(questions) * recipe.epochs) // recipe.questions)
    schedule = build_schedule(optimiser, steps=count, warmup_share=recipe.warmup_share)

    def learn(groups: Sequence[Sequence[Duo]]) -> float:
        loss = _loss(reranker, lessons, groups, questions, articles, weights)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    reranker.train()
    watch.stage("Reranker", count)
    order: list[int] = []
    losses = []
    for _ in range(count):
        if len(order) < recipe.questions:
            order = list(range(len(questions)))
            draw.shuffle(order)
        groups = [_group(lessons, order.pop(), near, recipe, draw) for _ in range(recipe.questions)]
        loss = learn(groups)
        nn.utils.clip_grad_norm_(reranker.parameters(), recipe.largest_gradient)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        losses.append(loss)
        watch.advance(note=f"loss {loss:.2f}")
    reranker.eval()
    return [float(np.mean(part)) for part in np.array_split(losses, min(20, len(losses)))]


@torch.no_grad()
def _similarities(
    tower: Tower, questions: Sequence[States], articles: Sequence[States]
) -> NDArray[np.float32]:
    """`(questions, articles)`"""

    def encode(rows: Sequence[States]) -> torch.Tensor:
        return torch.cat([tower.vectors(rows[at : at + 64]) for at in range(0, len(rows), 64)])

    found: NDArray[np.float32] = (encode(questions) @ encode(articles).T).cpu().numpy()
    return found


def _group(
    lessons: Lessons,
    number: int,
    near: NDArray[np.float32],
    recipe: RerankerRecipe,
    draw: random.Random,
) -> list[Duo]:
    """The question with its article, then with wrong ones if that one answers it."""
    question = lessons.questions[number]
    article = lessons.articles[question.article]
    language: str = article.language
    if draw.random() < recipe.other_language:
        language = other(language)
    right = lessons.in_language(question.article, language)
    if right is None:
        right, language = question.article, article.language
    if not question.answered:
        return [(number, right)]
    wrong = [place for place in lessons.shelves[article.trade, language] if place != right]
    wrong.sort(key=lambda place: -near[number, place])
    first = wrong[: recipe.among]
    chosen = draw.sample(first, min(recipe.near, len(first)))
    return [(number, right), *((number, place) for place in chosen)]


def _loss(
    reranker: Reranker,
    lessons: Lessons,
    groups: Sequence[Sequence[Duo]],
    questions: Sequence[States],
    articles: Sequence[States],
    weights: torch.Tensor,
) -> torch.Tensor:
    """Which of its passages is the right one, and for each whether it answers at all.

    `weights` are the questions', for their own article.
    """
    duos = [duo for group in groups for duo in group]
    logits = _logits(reranker, duos, questions, articles)
    labels = torch.zeros(len(duos), device=logits.device)
    counts = torch.ones(len(duos), device=logits.device)
    choices = []
    start = 0
    for group in groups:
        counts[start] = weights[group[0][0]]
        if lessons.questions[group[0][0]].answered:
            labels[start] = 1
            choices.append(torch.logsumexp(logits[start : start + len(group)], 0) - logits[start])
        start += len(group)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, labels, counts)
    return loss + torch.stack(choices).mean() if choices else loss


def _logits(
    reranker: Reranker,
    duos: Sequence[Duo],
    questions: Sequence[States],
    articles: Sequence[States],
) -> torch.Tensor:
    lengths = [len(questions[q]) + len(articles[a]) for q, a in duos]
    order = sorted(range(len(duos)), key=lambda row: lengths[row])
    middle = max(1, len(order) // 2)
    parts = []
    for part in (order[:middle], order[middle:]):
        if part:
            chosen = [duos[row] for row in part]
            asked = [questions[q] for q, _ in chosen]
            parts.append(reranker(asked, [articles[a] for _, a in chosen]))
    found = torch.cat(parts)
    return found[torch.tensor(order, device=found.device).argsort()]


def _optimiser(reranker: Reranker, recipe: RerankerRecipe) -> torch.optim.AdamW:
    layers = [each for each in reranker.tower.parameters() if each.requires_grad]
    head = [reranker.segments, *reranker.inner.parameters(), *reranker.outer.parameters()]
    return torch.optim.AdamW(
        [
            {"params": layers, "lr": recipe.learning_rate},
            {"params": head, "lr": recipe.head_learning_rate},
        ],
        weight_decay=recipe.weight_decay,
    )
