"""A BERT of a few thousand weights and toy data it can learn: real training in a second."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

from training.corpus import Utterance

SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[UNK]")
TOPICS = {
    "parcel": ("parcel", "courier", "delivery", "shipping", "box"),
    "refund": ("refund", "money", "back", "return", "paid"),
    "login": ("password", "login", "account", "email", "forgotten"),
}
OUTSIDE = ("weather", "pizza", "football", "song", "moon")
FILLERS = ("my", "the", "please", "where", "is", "how", "about", "today", "still", "what")

RECIPE = """
few_shot_examples = 3
[default]
epochs = 3
batch_rows = 16
encoder_learning_rate = 1e-2
head_learning_rate = 1e-2
layer_decay = 0.9
weight_decay = 0.01
warmup_share = 0.1
clip_norm = 1.0
dropout = 0.1
head_dropout = 0.1
label_smoothing = 0.0
averaging = 0.0
freeze_embeddings = true
frozen_layers = 0
inverse_regularisation = 10.0
names_as_examples = false
precision = "float32"
held_out_share = 0.25
largest_rejected_share = 0.05
[few_shot]
epochs = 4
"""


def write_encoder(directory: Path, *, hidden_size: int = 32, intermediate_size: int = 64) -> Path:
    """A pretrained encoder as `kefu models pull` leaves it, with random weights."""
    words = [*SPECIAL, *(w for topic in TOPICS.values() for w in topic), *OUTSIDE, *FILLERS]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "tokenizer_config.json").write_text("{}")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=hidden_size,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=intermediate_size,
        max_position_embeddings=160,
        initializer_range=0.2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(config, add_pooling_layer=False).save_pretrained(directory)
    return directory


def write_recipe(path: Path) -> Path:
    path.write_text(RECIPE, encoding="utf-8")
    return path


def toy_rows(count: int = 20, *, outside: int = 20) -> list[Utterance]:
    """`count` sentences an intent, each with one word that gives it away."""
    rows = [
        Utterance(f"{_filler(n)} {words[n % len(words)]} {_filler(n // 5 + 3)} {n}", topic, "en")
        for topic, words in TOPICS.items()
        for n in range(count)
    ]
    rows += [
        Utterance(f"{_filler(n)} {OUTSIDE[n % 5]} {_filler(n // 5 + 3)} {n}", "out_of_scope", "en")
        for n in range(outside)
    ]
    return rows


def write_csv(path: Path, rows: Iterable[Utterance]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "intent", "language"])
        writer.writerows((row.text, row.intent, row.language) for row in rows)
    return path


def _filler(number: int) -> str:
    return FILLERS[number % len(FILLERS)]
