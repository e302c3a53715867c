"""The encoder learns which article of its company a customer's words ask for, and whether any does.

Each step takes one trade: its questions in both languages against all of its articles in one of
them. Articles of one company on neighbouring matters are the hard negatives; no others are mined.
"None of these" is right for what no article answers, for what other companies are asked, and for
an article without the sentences that answer: those questions are worded as any other, so that it
is the missing fact that must be seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from training.optimiser import build_schedule
from training.progress import Watch
from training.retriever.late import Late, Likeness
from training.retriever.lessons import Lessons, text_of
from training.retriever.tower import States, Tower, means
from training.retriever.wording import weights_by_wording

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class EncoderRecipe:
    alone: int = 6
    """Layers that stay as they were pretrained."""
    epochs: int = 3
    questions: int = 200
    """A step, at most."""
    foreign: int = 24
    """Questions of other companies, a step."""
    learning_rate: float = 2.5e-4
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    temperature: float = 0.03
    by_heading: float = 0.5
    """Weight of the loss by the articles' own questions alone; by their text alone it is 1, and by
    both together 1."""
    by_tokens: float = 1.0
    beside: float = 0.5
    """Weights of the three kinds of question that nothing here answers, against those answered."""
    cut: float = 0.5
    strange: float = 0.25
    largest_gradient: float = 1.0
    taken: float = 0.8
    """How far the layers go in the end from what they were to what they learnt: a way that is not
    gone to its end forgets less of what holds everywhere (Wortsman et al. 2022, arXiv
    2109.01903)."""


@dataclass(frozen=True)
class _Read:
    questions: list[States]
    texts: list[States]
    headings: list[States]
    evidence: dict[int, torch.Tensor]
    """`(t,)` by the question: the tokens of its article's text without which nothing answers."""
    weights: torch.Tensor


Step = tuple[str, tuple[int, ...]]
"""A trade and the questions asked of it."""


@dataclass
class Teacher:
    """What the steps of one training share."""

    tower: Tower
    late: Late
    lessons: Lessons
    recipe: EncoderRecipe
    read: _Read
    draw: random.Random

    def loss(self, step: Step, language: str) -> torch.Tensor:
        trade, numbers = step
        shelf = self.lessons.shelves[trade, language]
        rows = {self.lessons.articles[place].article: row for row, place in enumerate(shelf)}
        asked = self.lessons.questions
        gold = {n: rows.get(self.lessons.articles[asked[n].article].article) for n in numbers}
        kept = [n for n in numbers if gold[n] is not None]
        answered = [n for n in kept if asked[n].answered]
        beside = [n for n in kept if not asked[n].answered]
        order = [*answered, *beside, *self._strange(trade)]
        questions = self.tower.climbed([self.read.questions[n] for n in order])
        texts = self.tower.climbed([self.read.texts[place] for place in shelf])
        headings = self.tower.climbed([self.read.headings[place] for place in shelf])
        right = torch.tensor([gold[n] for n in answered], device=self.tower.device)
        loss = self._by_vectors(means(questions[: len(answered)]), texts, headings, right)
        passages = [torch.cat(pair) for pair in zip(texts, headings, strict=True)]
        likeness = Likeness.between(self.late.questions(questions), self.late.passages(passages))
        return loss + self.recipe.by_tokens * self._by_tokens(
            likeness, right, answered, len(beside), self._cuts(answered, shelf, right), order
        )

    def _strange(self, trade: str) -> list[int]:
        """Questions that other companies can answer."""
        found: list[int] = []
        while len(found) < self.recipe.foreign:
            number = self.draw.randrange(len(self.lessons.questions))
            if self.lessons.articles[self.lessons.questions[number].article].trade == trade:
                if len(self.lessons.trades) == 1:
                    return []
                continue
            found.append(number)
        return found

    def _by_vectors(
        self,
        questions: torch.Tensor,
        texts: Sequence[torch.Tensor],
        headings: Sequence[torch.Tensor],
        right: torch.Tensor,
    ) -> torch.Tensor:
        by_text, by_heading = questions @ means(texts).T, questions @ means(headings).T
        losses = [
            nn.functional.cross_entropy(scores / self.recipe.temperature, right)
            for scores in (by_text, by_heading, (by_text + by_heading) / 2)
        ]
        return losses[0] + self.recipe.by_heading * losses[1] + losses[2]

    def _cuts(
        self, answered: Sequence[int], shelf: Sequence[int], right: torch.Tensor
    ) -> list[tuple[int, int, torch.Tensor]]:
        """By the rows of questions and articles: the tokens that answer, where they are known."""
        found = []
        for row, (number, article) in enumerate(zip(answered, right.tolist(), strict=True)):
            own = self.lessons.questions[number].article == shelf[article]
            if own and number in self.read.evidence:
                found.append((row, article, self.read.evidence[number]))
        return found

    def _by_tokens(
        self,
        likeness: Likeness,
        right: torch.Tensor,
        answered: Sequence[int],
        beside: int,
        cuts: Sequence[tuple[int, int, torch.Tensor]],
        order: Sequence[int],
    ) -> torch.Tensor:
        scores = self.late.logits(likeness.questions, likeness.nearest())
        none = torch.zeros(len(scores), 1, device=scores.device)
        choices = torch.cat([scores, none], dim=1)
        known = len(answered)
        nothing = scores.shape[1]
        loss = nn.functional.cross_entropy(choices[:known], right)
        targets = torch.full((len(scores) - known,), nothing, device=scores.device)
        missed = nn.functional.cross_entropy(choices[known:], targets, reduction="none")
        if beside:
            weights = self.read.weights[list(order[known : known + beside])]
            loss = loss + self.recipe.beside * (missed[:beside] * weights).mean()
        if len(missed) > beside:
            loss = loss + self.recipe.strange * missed[beside:].mean()
        if cuts:
            rows = torch.tensor([row for row, _, _ in cuts], device=scores.device)
            columns = torch.tensor([column for _, column, _ in cuts], device=scores.device)
            without = choices[rows].clone()
            without[torch.arange(len(cuts)), columns] = self._without(likeness, cuts)
            loss = loss + self.recipe.cut * nn.functional.cross_entropy(
                without, torch.full((len(cuts),), nothing, device=scores.device)
            )
        return loss

    def _without(
        self, likeness: Likeness, cuts: Sequence[tuple[int, int, torch.Tensor]]
    ) -> torch.Tensor:
        """`(cuts,)`: what the articles score without the tokens that answer."""
        questions = likeness.questions
        found = []
        for row, column, cut in cuts:
            nearest = likeness.nearest_without(row, column, cut)
            found.append((nearest * questions.shares[questions.place(row)]).sum())
        return self.late.sharpness.exp() * (torch.stack(found) - self.late.none)


def teach_encoder(
    tower: Tower, late: Late, lessons: Lessons, recipe: EncoderRecipe, *, seed: int, watch: Watch
) -> list[float]:
    """The mean loss of each epoch; `tower` and `late` are what they learnt afterwards."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    teacher = Teacher(tower, late, lessons, recipe, _read(tower, lessons, watch), draw)
    layers = [each for each in tower.parameters() if each.requires_grad]
    before = [each.detach().clone() for each in layers]
    head = list(late.parameters())
    optimiser = torch.optim.AdamW(
        [
            {"params": layers, "lr": recipe.learning_rate},
            {"params": head, "lr": recipe.head_learning_rate},
        ],
        weight_decay=recipe.weight_decay,
    )
    count = len(list(_steps(lessons, recipe, random.Random(seed)))) * recipe.epochs
    schedule = build_schedule(optimiser, steps=count, warmup_share=recipe.warmup_share)
    tower.train()
    watch.stage("Encoder", count)
    curve = []
    for _ in range(recipe.epochs):
        losses = []
        for step in _steps(lessons, recipe, draw):
            loss = teacher.loss(step, draw.choice(LANGUAGES))
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*layers, *head], recipe.largest_gradient)
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
            losses.append(loss.item())
            watch.advance(note=f"loss {loss.item():.2f}")
        curve.append(sum(losses) / len(losses))
    with torch.no_grad():
        for layer, old in zip(layers, before, strict=True):
            layer.copy_(torch.lerp(old, layer, recipe.taken))
    tower.eval()
    return curve


def _read(tower: Tower, lessons: Lessons, watch: Watch) -> _Read:
    watch.stage("Reading", 3)
    texts = [f"passage: {text_of(article)}" for article in lessons.articles]
    parts = []
    for part in (
        [f"query: {question.text}" for question in lessons.questions],
        texts,
        [f"query: {article.question}" for article in lessons.articles],
    ):
        parts.append(tower.read_alone(part))
        watch.advance()
    questions, articles, headings = parts
    weights = torch.tensor(weights_by_wording(lessons), dtype=torch.float32, device=tower.device)
    return _Read(questions, articles, headings, _evidence(tower, lessons, texts), weights)


def _evidence(tower: Tower, lessons: Lessons, texts: Sequence[str]) -> dict[int, torch.Tensor]:
    tokens = tower.tokens_of(texts)
    headings = tower.tokens_of([f"query: {article.question}" for article in lessons.articles])
    found = {}
    for number, question in enumerate(lessons.questions):
        article = lessons.articles[question.article]
        ahead = len(texts[question.article]) - len(article.answer)
        spans = [
            (ahead + article.sentences[each][0], ahead + article.sentences[each][1])
            for each in question.evidence
        ]
        cut = [
            any(start < end and start < last and first < end for first, last in spans)
            for start, end in tokens[question.article]
        ]
        if any(cut):
            # The heading asks; it never answers.
            whole = [*cut, *([False] * len(headings[question.article]))]
            found[number] = torch.tensor(whole, device=tower.device)
    return found


def _steps(lessons: Lessons, recipe: EncoderRecipe, draw: random.Random) -> Iterator[Step]:
    """Every question once, in parts of equal size a trade, in any order."""
    trades: dict[str, list[int]] = {}
    for number, question in enumerate(lessons.questions):
        trades.setdefault(lessons.articles[question.article].trade, []).append(number)
    steps: list[Step] = []
    for trade, numbers in trades.items():
        draw.shuffle(numbers)
        parts = -(-len(numbers) // recipe.questions)
        steps += [(trade, tuple(numbers[part::parts])) for part in range(parts)]
    draw.shuffle(steps)
    return iter(steps)
