"""Why the model read a text as an intent: what each word adds to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from chatbot.adapters.intent_directory import NETWORK, TOKENIZER, read_directory
from chatbot.adapters.intent_network import IntentOutput, load_network
from chatbot.adapters.intent_scoring import Floats
from chatbot.conversation import Understanding
from chatbot.errors import ModelDirectoryInvalid
from training.attribution import Piece, Score, integrate_gradients, join_words
from training.credit import add_credits, credit_words
from training.errors import IntentUnknown, NothingToExplain, WeightsMissing

STEPS = 32


@dataclass(frozen=True)
class Word:
    token: str
    start: int
    end: int
    """In characters of the text, the end not included."""
    score: float
    """What the word adds to the log-odds of the intent."""


@dataclass(frozen=True)
class Explanation:
    text: str
    version: str
    understanding: Understanding
    intent: str
    """Which one is explained."""
    score: float
    """Log-odds of the intent against all others, before calibration."""
    baseline: float
    """The same, with padding in the place of every token of the text, and no words for the
    lexical part."""
    words: tuple[Word, ...]
    read_to: int
    """Characters that the network reads; the rest of a long text is cut off."""
    lexical: bool = False
    """The words' scores hold what they add through the lexical part, which reads the whole text."""

    @property
    def gap(self) -> float:
        """What the words' scores miss of their sum, `score` - `baseline`."""
        return sum(word.score for word in self.words) - (self.score - self.baseline)

    def figures(self) -> dict[str, Any]:
        """What JSON holds; `tokens` are `[token, start, end, score]`."""
        return {
            "text": self.text,
            "version": self.version,
            "intent": self.intent,
            "predicted": self.understanding.intent,
            "confidence": self.understanding.confidence,
            "out_of_scope": self.understanding.out_of_scope,
            "score": self.score,
            "baseline": self.baseline,
            "completeness_gap": self.gap,
            "read_to": self.read_to,
            "lexical": self.lexical,
            "tokens": [[word.token, word.start, word.end, word.score] for word in self.words],
        }


@dataclass(frozen=True)
class _Tokens:
    ids: torch.Tensor
    """(t,)"""
    own: torch.Tensor
    """(t,): True for tokens of the text, False for the prefix and the marks around it."""
    spans: list[tuple[int, int]]
    """Places in the text, of every token."""


class Explainer:
    """Works on the torch weights of a model directory.

    Raises ModelDirectoryInvalid, and WeightsMissing where only a compiled form is there.
    """

    def __init__(self, directory: Path) -> None:
        if directory.is_dir() and not (directory / NETWORK[1]).is_file():
            raise WeightsMissing(directory)
        self._model = read_directory(directory)
        try:
            self._network = load_network(directory)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelDirectoryInvalid(directory, f"the network does not load ({error})") from None
        self._network.requires_grad_(False)
        self._lexicon = self._model.scorer.lexicon
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._model.token_limit)

    def explain(self, text: str, intent: str | None = None, *, steps: int = STEPS) -> Explanation:
        """Of the intent that the model puts on top, unless another is named.

        Raises NothingToExplain and IntentUnknown.
        """
        if not text.strip():
            raise NothingToExplain
        labels = self._model.scorer.labels
        if intent is not None and intent not in labels:
            raise IntentUnknown(intent, labels)
        tokens = self._tokens(text)
        point, baseline = self._ends(tokens)
        understanding = self._understand(point, text)
        chosen = intent or understanding.ranking[0][0]
        added = self._added(text)
        score = self._score(labels.index(chosen), tuple(point.shape))
        ends = _beside(point, added), _beside(baseline, torch.zeros_like(added))
        parts = integrate_gradients(score, *ends, steps=steps)[0]
        with torch.inference_mode():
            reached, begun = score(torch.stack(ends)).tolist()
        words = _words(tokens, parts[: point.numel()].view(point.shape).sum(dim=-1), text)
        if self._lexicon is not None:
            slopes = _slopes(parts[point.numel() :], added)
            words = add_credits(words, credit_words(text, self._lexicon, slopes))
        return Explanation(
            text=text,
            version=self._model.version,
            understanding=understanding,
            intent=chosen,
            score=reached,
            baseline=begun,
            words=tuple(Word(text[w.start : w.end], w.start, w.end, w.score) for w in words),
            read_to=max((end for _, end in tokens.spans), default=0),
            lexical=self._lexicon is not None,
        )

    def _tokens(self, text: str) -> _Tokens:
        prefix = len(self._model.prefix)
        encoding = self._tokenizer.encode(self._model.prefix + text)
        marks = zip(encoding.offsets, encoding.special_tokens_mask, strict=True)
        own = [end > prefix and not special for (_, end), special in marks]
        spans = [(max(start - prefix, 0), max(end - prefix, 0)) for start, end in encoding.offsets]
        return _Tokens(torch.tensor(encoding.ids), torch.tensor(own), spans)

    def _ends(self, tokens: _Tokens) -> tuple[torch.Tensor, torch.Tensor]:
        """(t, d) twice: the words' embeddings, and those with padding where the text stood.

        What stands around every text is the same at both ends, so that nothing is credited to it.
        """
        table = self._network.bert.embeddings.word_embeddings.weight
        point = table[tokens.ids]
        padding = table[self._network.config.pad_token_id or 0]
        return point, torch.where(tokens.own[:, None], padding, point)

    def _added(self, text: str) -> torch.Tensor:
        """(labels,): what the lexical part adds to the network's logits."""
        if self._lexicon is None:
            return torch.zeros(len(self._model.scorer.labels))
        return torch.from_numpy(self._lexicon.logits([text])[0]).float()

    def _understand(self, point: torch.Tensor, text: str) -> Understanding:
        with torch.inference_mode():
            output = self._run(point[None])
        logits, embeddings = (
            column.numpy().astype(np.float64) for column in (output.logits, output.embedding)
        )
        return self._model.scorer.read(logits, embeddings, [text])[0]

    def _score(self, place: int, shape: tuple[int, ...]) -> Score:
        size = math.prod(shape)

        def log_odds(given: torch.Tensor) -> torch.Tensor:
            embedded, added = given[:, 0, :size].view(-1, *shape), given[:, 0, size:]
            logits = self._run(embedded).logits + added
            others = [number for number in range(logits.shape[1]) if number != place]
            return logits[:, place] - torch.logsumexp(logits[:, others], dim=1)

        return log_odds

    def _run(self, embedded: torch.Tensor) -> IntentOutput:
        """(b, t, d) word embeddings to the network's output."""
        states = self._network.bert.embeddings(inputs_embeds=embedded)
        mask = torch.ones(embedded.shape[:2], dtype=torch.long)
        return self._network.finish(states, mask, layers=0)


def _beside(embedded: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
    """(1, t · d + labels): both ways into the logits as one point, for one path to go along."""
    return torch.cat([embedded.flatten(), added])[None]


def _slopes(parts: torch.Tensor, added: torch.Tensor) -> Floats:
    """(labels,): what a unit of each added logit was worth on the way."""
    slopes = torch.where(added == 0, torch.zeros_like(parts), parts / added)
    return slopes.numpy().astype(np.float64)


def _words(tokens: _Tokens, parts: torch.Tensor, text: str) -> list[Piece]:
    pieces = [
        Piece(start, end, score)
        for (start, end), own, score in zip(
            tokens.spans, tokens.own.tolist(), parts.tolist(), strict=True
        )
        if own
    ]
    return join_words(text, pieces)
