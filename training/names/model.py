"""From sentences with slots to a model in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chatbot.adapters.name_model import FORMAT, MANIFEST, read_manifest, write_model
from chatbot.adapters.name_network import KINDS, NameTagger
from chatbot.adapters.name_words import WordVectors
from chatbot.errors import NameModelInvalid
from knowledge_base.han import has_han
from knowledge_base.storage import sha256_of
from training.base_weights import MULTILINGUAL, find_base
from training.names.filling import FOLDER, Carrier, read_carriers
from training.names.thresholds import Figures, choose_thresholds, measure
from training.names.trainer import (
    NameRecipe,
    Read,
    is_held_out,
    probabilities,
    read,
    samples_of,
    train_network,
)
from training.progress import Watch


@dataclass(frozen=True)
class NameOrder:
    out: Path
    background: tuple[str, ...] = ()
    """What the company's customers write, nobody named in it: taught as free of names."""
    recipe: NameRecipe = field(default_factory=NameRecipe)
    seed: int = 1


@dataclass(frozen=True)
class NameReport:
    version: str
    sentences: int
    thresholds: dict[str, float]
    figures: dict[str, Figures]
    """On sentences made of carriers that were held out."""


def train_names(order: NameOrder, *, models_home: Path, watch: Watch) -> NameReport | None:
    """None where the folder holds what this order would train. Raises BaseModelUnavailable."""
    encoder = find_base(MULTILINGUAL, models_home=models_home).directory
    version = _version(order, encoder)
    if _holds(order.out, version):
        return None
    vectors = WordVectors(encoder)
    taught, examined = _sentences(order, encoder, watch)
    network = train_network(taught, vectors, order.recipe, seed=order.seed, watch=watch)
    tensors = network.tensors()
    shares = probabilities(NameTagger(tensors), vectors, examined)
    thresholds = choose_thresholds(examined, shares)
    figures = measure(examined, shares, thresholds)
    write_model(
        order.out,
        tensors,
        version=version,
        encoder=encoder,
        thresholds=thresholds,
        figures={kind: asdict(figures[kind]) for kind in KINDS},
    )
    return NameReport(version, len(taught), thresholds, figures)


def _sentences(order: NameOrder, encoder: Path, watch: Watch) -> tuple[list[Read], list[Read]]:
    recipe = order.recipe
    share = recipe.held_out_share
    sides: tuple[list[Read], list[Read]] = ([], [])
    counts = (recipe.sentences, recipe.held_out_sentences)
    watch.stage("Sentences", sum(counts))
    background = [Carrier(text, has_han(text)) for text in order.background if "{" not in text]
    for out, (side, count) in enumerate(zip(sides, counts, strict=True)):
        samples = samples_of(
            [one for one in read_carriers() if is_held_out(one, share) == bool(out)],
            [one for one in background if is_held_out(one, share) == bool(out)],
            recipe,
            encoder=encoder,
            seed=order.seed + out,
        )
        for labelled in samples.take(count):
            side.append(read(labelled))
            watch.advance()
    return sides


def _holds(folder: Path, version: str) -> bool:
    if not (folder / MANIFEST).is_file():
        return False
    try:
        return read_manifest(folder).version == version
    except NameModelInvalid:
        return False


def _version(order: NameOrder, encoder: Path) -> str:
    """Of everything that the weights follow from."""
    parts: Sequence[object] = (
        FORMAT,
        order.recipe,
        order.seed,
        sha256_of(encoder / "model.safetensors"),
        *(sha256_of(path) for path in _sources()),
        *order.background,
    )
    return "names-" + hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _sources() -> list[Path]:
    here = Path(__file__).parent
    return [
        *sorted(FOLDER.glob("*.txt")),
        *sorted(here.glob("*.py")),
        *sorted(here.glob("*.toml")),
    ]
