"""Write a trained intent model: all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from chatbot.adapters.intent_directory import (
    CALIBRATION,
    CENTROIDS,
    FORMAT,
    KIND,
    LABELS,
    MANIFEST,
    SCORER,
    TERRITORY,
    TOKENIZER,
    file_sha256,
)
from chatbot.adapters.intent_lexicon import LEXICON
from chatbot.adapters.intent_network import IntentNetwork, save_network
from chatbot.adapters.intent_scoring import Scorer
from training.base_weights import BaseModel
from training.errors import OutputTaken

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Provenance:
    """What a later reader needs to know where the model came from."""

    data_sha256: str
    seed: int
    token_limit: int
    recipe: Mapping[str, Any]
    metrics: Mapping[str, Any]


def check_output(out: Path) -> None:
    """Raises OutputTaken where writing would destroy something that is not a model."""
    if out.is_dir() and (not any(out.iterdir()) or (out / MANIFEST).is_file()):
        return
    if out.exists():
        raise OutputTaken(out)


def write_directory(
    out: Path,
    network: IntentNetwork,
    *,
    scorer: Scorer,
    base: BaseModel,
    provenance: Provenance,
    records: Mapping[str, bytes] | None = None,
) -> str:
    """Returns the version. An older model in `out` is replaced once the new one is complete.

    `records` are further files, by name, that are no part of the model: the manifest does not
    list them, and the version does not depend on them.
    """
    check_output(out)
    out = out.resolve()
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _write_files(partial, network, scorer, base)
    manifest = _manifest(partial, base, provenance)
    _write_json(partial / MANIFEST, manifest)
    for name, content in (records or {}).items():
        (partial / name).write_bytes(content)
    if out.exists():
        shutil.rmtree(out)
    partial.replace(out)
    return str(manifest["version"])


def _write_files(folder: Path, network: IntentNetwork, scorer: Scorer, base: BaseModel) -> None:
    save_network(network, folder)
    for name in (TOKENIZER, "tokenizer_config.json"):
        if (base.directory / name).is_file():
            shutil.copyfile(base.directory / name, folder / name)
    _write_json(folder / LABELS, list(scorer.labels))
    _write_json(folder / CALIBRATION, _calibration(scorer))
    save_file(_arrays(scorer), folder / SCORER)
    if scorer.lexicon is not None:
        save_file(scorer.lexicon.tensors(), folder / LEXICON)


def _calibration(scorer: Scorer) -> dict[str, Any]:
    calibration = scorer.calibration
    entries: dict[str, Any] = {
        "temperature": calibration.temperature,
        "out_of_scope": {
            "bias": calibration.out_of_scope.bias,
            "weights": dict(calibration.out_of_scope.weights),
        },
        "out_of_scope_threshold": calibration.threshold,
    }
    if calibration.ambiguity_margin is not None:
        entries["ambiguity_margin"] = calibration.ambiguity_margin
    if scorer.territory is not None:
        entries["neighbours"] = scorer.territory.neighbours
    return entries


def _arrays(scorer: Scorer) -> dict[str, NDArray[np.float32]]:
    arrays = {CENTROIDS: scorer.centroids}
    if scorer.territory is not None:
        territory = scorer.territory
        values = (territory.means, territory.whitening, territory.rows)
        arrays |= dict(zip(TERRITORY, values, strict=True))
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def _manifest(folder: Path, base: BaseModel, provenance: Provenance) -> dict[str, Any]:
    files = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
    content = hashlib.sha256("".join(files.values()).encode()).hexdigest()
    now = datetime.now(UTC)
    return {
        "kind": KIND,
        "format": FORMAT,
        "version": f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}",
        "base": base.name,
        "base_sha256": file_sha256(base.directory / "model.safetensors"),
        "prefix": base.prefix,
        "token_limit": provenance.token_limit,
        "data_sha256": provenance.data_sha256,
        "seed": provenance.seed,
        "recipe": dict(provenance.recipe),
        "libraries": {
            "python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
        "metrics": dict(provenance.metrics),
        "files": files,
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
