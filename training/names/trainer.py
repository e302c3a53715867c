"""Teaches the name model: sentences are made up as they are needed, none is kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import torch
from torch.nn import functional

from chatbot.adapters.name_network import TAGS, Floats, NameTagger
from chatbot.adapters.name_words import Word, WordVectors, words_of
from privacy.entities import Span
from training.arithmetic import products
from training.names.babble import Babble
from training.names.chinese import ChineseFillers
from training.names.filling import Carrier, Filler, Labelled
from training.names.latin import LatinFillers
from training.names.network import NameNetwork
from training.names.samples import Samples, Shares
from training.names.store import Store
from training.progress import Watch


@dataclass(frozen=True)
class NameRecipe:
    sentences: int = 48_000
    batch_words: int = 1500
    epochs: int = 2
    width: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    dropout: float = 0.15
    precision: str = "auto"
    held_out_share: float = 0.12
    """Of the carriers: the thresholds are chosen on sentences made of them."""
    held_out_sentences: int = 3000
    shares: Shares = field(default_factory=Shares)


@dataclass(frozen=True)
class Read:
    """A sentence as the network reads it."""

    labelled: Labelled
    words: list[Word]
    tags: list[int]


def read(labelled: Labelled) -> Read:
    words = words_of(labelled.text)
    return Read(labelled, words, tags_of(words, labelled.spans))


def tags_of(words: Sequence[Word], spans: Sequence[Span]) -> list[int]:
    tags = [0] * len(words)
    for span in spans:
        begins = True
        for place, word in enumerate(words):
            if word.start < span.end and span.start < word.end:
                tags[place] = TAGS.index(f"{'B' if begins else 'I'}-{span.type}")
                begins = False
    return tags


def is_held_out(carrier: Carrier, share: float) -> bool:
    """By the sentence itself: the same ones in every training."""
    return crc32(carrier.text.encode()) % 1000 < share * 1000


def samples_of(
    carriers: Sequence[Carrier],
    background: Sequence[Carrier],
    recipe: NameRecipe,
    *,
    encoder: Path,
    seed: int,
) -> Samples:
    draw = random.Random(seed)
    latin = LatinFillers(draw)
    babble = Babble(draw, encoder, names=latin.words())
    filler = Filler(draw, latin, ChineseFillers(draw), babble)
    return Samples(carriers, background, filler=filler, draw=draw, shares=recipe.shares)


def train_network(
    sentences: Sequence[Read],
    vectors: WordVectors,
    recipe: NameRecipe,
    *,
    seed: int,
    watch: Watch,
) -> NameNetwork:
    torch.manual_seed(seed)
    draw = random.Random(seed)
    network = NameNetwork(vectors.dimension, width=recipe.width, dropout=recipe.dropout)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    store = Store([one.words for one in sentences], [one.tags for one in sentences], vectors)
    batches = [batch for _ in range(recipe.epochs) for batch in _batches(sentences, recipe, draw)]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.learning_rate, total_steps=len(batches), pct_start=0.1
    )
    watch.stage("Names", len(batches))
    network.train()
    for batch in batches:
        rows, real, targets = store.batch(batch)
        with products(recipe.precision, torch.device("cpu")):
            logits = network(rows, real)
        loss = functional.cross_entropy(logits.float(), targets, label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        watch.advance(note=f"loss {loss.item():.3f}")
    return network.train(False)


def _batches(sentences: Sequence[Read], recipe: NameRecipe, draw: random.Random) -> list[list[int]]:
    order = [number for number, one in enumerate(sentences) if one.words]
    draw.shuffle(order)
    batches: list[list[int]] = [[]]
    words = 0
    for number in order:
        if words > recipe.batch_words:
            batches.append([])
            words = 0
        batches[-1].append(number)
        words += len(sentences[number].words)
    return batches


def probabilities(
    tagger: NameTagger, vectors: WordVectors, sentences: Sequence[Read], *, batch: int = 64
) -> list[Floats]:
    found: list[Floats] = []
    for start in range(0, len(sentences), batch):
        texts = sentences[start : start + batch]
        found += tagger.probabilities([tagger.project(vectors.of(one.words)) for one in texts])
    return found
