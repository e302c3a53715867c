"""A trained intent model on disk: what the files are called, and reading them with distrust."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from chatbot.adapters.intent_lexicon import LEXICON, read_lexicon
from chatbot.adapters.intent_scoring import Calibration, OutOfScopeRule, Scorer
from chatbot.adapters.intent_territory import Territory
from chatbot.errors import ModelDirectoryInvalid

KIND = "intent"
FORMAT = 1

MANIFEST = "manifest.json"
LABELS = "labels.json"
CALIBRATION = "calibration.json"
SCORER = "scorer.safetensors"
CENTROIDS = "centroids"
TERRITORY = ("means", "whitening", "rows")
"""Beside the centroids, in models that were surveyed."""
TOKENIZER = "tokenizer.json"
NETWORK = ("config.json", "model.safetensors")

REQUIRED = (*NETWORK, TOKENIZER, LABELS, CALIBRATION, SCORER)


@dataclass(frozen=True)
class IntentDirectory:
    path: Path
    version: str
    prefix: str
    """Stands before every text, as the encoder was taught (`query: ` for e5)."""
    token_limit: int
    scorer: Scorer


def read_directory(path: Path) -> IntentDirectory:
    """Check every file against the manifest, then read the small ones.

    Raises ModelDirectoryInvalid with the first thing that is wrong.
    """
    manifest = _manifest(path)
    _verify(path, manifest)
    try:
        return IntentDirectory(
            path=path,
            version=str(manifest["version"]),
            prefix=str(manifest["prefix"]),
            token_limit=int(manifest["token_limit"]),
            scorer=_scorer(path, lexical=LEXICON in manifest["files"]),
        )
    except KeyError as error:
        raise ModelDirectoryInvalid(path, f"the entry {error} is missing") from None
    except (TypeError, ValueError, AttributeError, SafetensorError) as error:
        raise ModelDirectoryInvalid(path, f"a file cannot be read ({error})") from None


def version_in(path: Path) -> str:
    """What the manifest calls it."""
    return str(_manifest(path)["version"])


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise ModelDirectoryInvalid(path, "there is no such directory")
    if not (path / MANIFEST).is_file():
        raise ModelDirectoryInvalid(path, f"it has no {MANIFEST}")
    manifest = _json(path, MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ModelDirectoryInvalid(path, f"{MANIFEST} does not describe an intent model")
    if manifest.get("format") != FORMAT:
        raise ModelDirectoryInvalid(
            path, f"its format is {manifest.get('format')!r}, this version of Kefu reads {FORMAT}"
        )
    return manifest


def _verify(path: Path, manifest: Mapping[str, Any]) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict):
        raise ModelDirectoryInvalid(path, f"{MANIFEST} lists no files")
    for name in REQUIRED:
        if name not in files:
            raise ModelDirectoryInvalid(path, f"{MANIFEST} does not list {name}")
    for name, expected in files.items():
        if Path(name).name != name:
            raise ModelDirectoryInvalid(path, f"{MANIFEST} names a file outside, {name!r}")
        if not (path / name).is_file():
            raise ModelDirectoryInvalid(path, f"{name} is missing")
        if file_sha256(path / name) != expected:
            raise ModelDirectoryInvalid(path, f"{name} is not the file that was trained")


def _scorer(path: Path, *, lexical: bool) -> Scorer:
    labels = tuple(str(label) for label in _json(path, LABELS))
    calibration = _json(path, CALIBRATION)
    rule = calibration["out_of_scope"]
    threshold = calibration["out_of_scope_threshold"]
    margin = calibration.get("ambiguity_margin")
    arrays = {
        name: np.asarray(array, dtype=np.float64)
        for name, array in load_file(path / SCORER).items()
    }
    return Scorer(
        labels=labels,
        centroids=arrays[CENTROIDS],
        calibration=Calibration(
            temperature=float(calibration["temperature"]),
            out_of_scope=OutOfScopeRule(
                bias=float(rule["bias"]),
                weights={str(name): float(weight) for name, weight in rule["weights"].items()},
            ),
            threshold=None if threshold is None else float(threshold),
            ambiguity_margin=None if margin is None else float(margin),
        ),
        territory=_territory(arrays, calibration),
        lexicon=read_lexicon(path, labels=len(labels)) if lexical else None,
    )


def _territory(
    arrays: Mapping[str, NDArray[np.float64]], calibration: Mapping[str, Any]
) -> Territory | None:
    if TERRITORY[0] not in arrays:
        return None
    means, whitening, rows = (arrays[name] for name in TERRITORY)
    return Territory(means, whitening, rows, neighbours=int(calibration["neighbours"]))


def _json(path: Path, name: str) -> Any:
    try:
        return json.loads((path / name).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelDirectoryInvalid(path, f"{name} is not JSON ({error})") from None
