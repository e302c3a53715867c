"""Why the model read a text as an intent: what each word adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from chatbot.adapters.intent_directory import NETWORK, TOKENIZER, read_directory
from chatbot.adapters.intent_network import IntentOutput, load_network
from chatbot.conversation import Understanding
from chatbot.errors import ModelDirectoryInvalid
from training.attribution import Piece, Score, integrate_gradients, join_words
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
    """The same, with padding in the place of every token of the text."""
    words: tuple[Word, ...]
    read_to: int
    """Characters that the model reads; the rest of a long text is cut off."""

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
        understanding = self._understand(point)
        chosen = intent or understanding.ranking[0][0]
        score = self._score(labels.index(chosen))
        parts = integrate_gradients(score, point, baseline, steps=steps).sum(dim=-1)  # (t,)
        with torch.inference_mode():
            reached, begun = score(torch.stack([point, baseline])).tolist()
        return Explanation(
            text=text,
            version=self._model.version,
            understanding=understanding,
            intent=chosen,
            score=reached,
            baseline=begun,
            words=_words(text, tokens, parts),
            read_to=max((end for _, end in tokens.spans), default=0),
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

    def _understand(self, point: torch.Tensor) -> Understanding:
        with torch.inference_mode():
            output = self._run(point[None])
        columns = [output.logits, output.embedding]
        return self._model.scorer.read(*(c.numpy().astype(np.float64) for c in columns))[0]

    def _score(self, place: int) -> Score:
        def log_odds(embedded: torch.Tensor) -> torch.Tensor:
            logits = self._run(embedded).logits
            others = [number for number in range(logits.shape[1]) if number != place]
            return logits[:, place] - torch.logsumexp(logits[:, others], dim=1)

        return log_odds

    def _run(self, embedded: torch.Tensor) -> IntentOutput:
        """(b, t, d) word embeddings to the network's output."""
        states = self._network.bert.embeddings(inputs_embeds=embedded)
        mask = torch.ones(embedded.shape[:2], dtype=torch.long)
        return self._network.finish(states, mask, layers=0)


def _words(text: str, tokens: _Tokens, parts: torch.Tensor) -> tuple[Word, ...]:
    pieces = [
        Piece(start, end, score)
        for (start, end), own, score in zip(
            tokens.spans, tokens.own.tolist(), parts.tolist(), strict=True
        )
        if own
    ]
    return tuple(
        Word(text[piece.start : piece.end], piece.start, piece.end, piece.score)
        for piece in join_words(text, pieces)
    )
