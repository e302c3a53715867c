"""The trained model that finds names and addresses, as it lies in a folder and as it is asked.

`manifest.json` names format, version, thresholds and the encoder whose word vectors it was taught
on; `network.safetensors` holds its weights. Nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from chatbot.adapters.name_network import KINDS, Floats, NameTagger, spans_of
from chatbot.adapters.name_words import Kept, Word, WordVectors, context_of, words_of
from chatbot.errors import NameModelInvalid
from knowledge_base.errors import EncoderUnusable
from knowledge_base.storage import sha256_of
from privacy.entities import Span

MANIFEST, NETWORK = "manifest.json", "network.safetensors"
FORMAT = 1
_WORDS_AT_ONCE = 4096
"""Of a text that is longer, stretches are read on their own."""
_MARGIN = 16
"""Words that two stretches share: further than the network sees."""
_TEXTS = 32


@dataclass(frozen=True)
class NameManifest:
    version: str
    encoder_sha256: str
    network_sha256: str
    thresholds: Mapping[str, float]
    figures: Mapping[str, Any]


class NameModel:
    """Satisfies `privacy.names.NameFinder`; safe to call from several threads.

    Raises NameModelInvalid where a file is missing, broken or not the one that was trained,
    or the encoder is another one.
    """

    def __init__(self, directory: Path, encoder: Path) -> None:
        manifest = read_manifest(directory)
        try:
            self._tagger = NameTagger(load_file(directory / NETWORK))
            self._vectors = WordVectors(encoder)
        except (OSError, SafetensorError, KeyError, ValueError, EncoderUnusable) as error:
            raise NameModelInvalid(directory, f"it does not load ({error})") from None
        if self._vectors.dimension != self._tagger.dimension:
            raise NameModelInvalid(directory, "it was taught on another encoder")
        self._thresholds = dict(manifest.thresholds)
        self._meant = Kept[str]()
        self.version = manifest.version

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        found: list[list[Span]] = []
        for start in range(0, len(texts), _TEXTS):
            found += self._find(texts[start : start + _TEXTS])
        return found

    def _find(self, texts: Sequence[str]) -> list[list[Span]]:
        words = [words_of(text) for text in texts]
        filled = [place for place, some in enumerate(words) if some]
        found: list[list[Span]] = [[] for _ in texts]
        if not filled:
            return found
        short = [place for place in filled if len(words[place]) <= _WORDS_AT_ONCE]
        shares: dict[int, Floats] = {}
        if short:
            rows = [self._rows(words[place]) for place in short]
            shares = dict(zip(short, self._tagger.probabilities(rows), strict=True))
        for place in filled:
            tagged = shares.get(place)
            if tagged is None:
                tagged = self._in_stretches(words[place])
            found[place] = list(spans_of(words[place], tagged, thresholds=self._thresholds))
        return found

    def _in_stretches(self, words: Sequence[Word]) -> Floats:
        parts = []
        for start in range(0, len(words), _WORDS_AT_ONCE):
            first = max(0, start - _MARGIN)
            stretch = words[first : start + _WORDS_AT_ONCE + _MARGIN]
            tagged = self._tagger.probabilities([self._rows(stretch)])[0]
            parts.append(tagged[start - first : start - first + _WORDS_AT_ONCE])
        return np.concatenate(parts)

    def _rows(self, words: Sequence[Word]) -> Floats:
        """`(words, width)`; most words of a chat were met before."""
        meant = self._meant.rows([word.text for word in words], self._mean)
        return self._tagger.enter(meant, context_of(words))

    def _mean(self, texts: list[str]) -> Floats:
        return self._tagger.mean(self._vectors.meanings(texts))


def read_manifest(directory: Path) -> NameManifest:
    """Of weights that are those trained. Raises NameModelInvalid."""
    manifest = _parsed(directory)
    try:
        whole = sha256_of(directory / NETWORK) == manifest.network_sha256
    except OSError as error:
        raise NameModelInvalid(directory, f"{NETWORK} cannot be read ({error.strerror})") from None
    if not whole:
        raise NameModelInvalid(directory, f"{NETWORK} is not the file trained")
    return manifest


def _parsed(directory: Path) -> NameManifest:
    try:
        data = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        thresholds = {kind: float(data["thresholds"][kind]) for kind in KINDS}
        manifest = NameManifest(
            str(data["version"]),
            str(data["encoder_sha256"]),
            str(data["network_sha256"]),
            thresholds,
            dict(data["figures"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"no readable {MANIFEST} ({type(error).__name__})"
        raise NameModelInvalid(directory, reason) from None
    if data.get("format") != FORMAT:
        raise NameModelInvalid(directory, f"{MANIFEST} has another format")
    return manifest


def write_model(
    directory: Path,
    tensors: Mapping[str, Floats],
    *,
    version: str,
    encoder: Path,
    thresholds: Mapping[str, float],
    figures: Mapping[str, Any],
) -> None:
    """The manifest last: a folder without it is no model."""
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / f"{NETWORK}.new"
    save_file(dict(tensors), fresh)
    fresh.replace(directory / NETWORK)
    data = {
        "format": FORMAT,
        "version": version,
        "encoder_sha256": sha256_of(encoder / "model.safetensors"),
        "network_sha256": sha256_of(directory / NETWORK),
        "thresholds": dict(thresholds),
        "figures": dict(figures),
    }
    unfinished = directory / f"{MANIFEST}.new"
    unfinished.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(directory / MANIFEST)
