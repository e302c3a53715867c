"""Where a smaller model is made: changed, trained on, calibrated anew and written."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.adapters.intent_network import IntentNetwork
from chatbot.adapters.intent_scoring import OUT_OF_SCOPE, Scorer
from training.batching import Examples, Outputs, run_network
from training.compress.pruning import keep_layers, prune_neurons
from training.compress.quantisation import as_served
from training.compress.source import Source, recipe_entries
from training.corpus import Corpus
from training.course import Ears
from training.evaluation.intent import report
from training.finetune import fine_tune, steps_for
from training.model_directory import Provenance, write_directory
from training.progress import Watch
from training.recipe import Recipe
from training.workshop import SAMPLE, Workshop

TRAINING, WEIGHING = "Training", "Weighing neurons"

QAT_RATE = 0.1
"""Of the source's learning rates: its weights are good, they only have to bear the rounding."""
PRUNE_RATE = 0.5
"""Of the source's learning rates: something is gone, and the rest must take over its work."""


@dataclass(frozen=True)
class Cut:
    width: float
    """Share of the feed-forward neurons that stays."""
    layers: int | None = None
    """That stay; None: all."""
    lower: bool = True
    """Whether the lowest of them stay, or the highest."""


@dataclass(frozen=True)
class Bench:
    source: Source
    lessons: Corpus
    held_out: Corpus
    """Rows of known intents that calibrate, and give the manifest its figures."""
    epochs: int
    watch: Watch

    def quantise_aware(self, out: Path) -> str:
        """Train with the rounding of the served graph, and calibrate under it; the version."""
        network = self.source.load()
        # In bfloat16 the levels of the activations would be rounded once more.
        recipe = replace(self._recipe(QAT_RATE), precision="float32")
        return self._finish(network, recipe, out, how={"method": "qat"}, under=as_served(network))

    def prune(self, out: Path, cut: Cut) -> str:
        """Take neurons and layers out, and train what is left; the version."""
        network = self.source.load()
        # Every layer has lost something, also those that a first training leaves as they came.
        recipe = replace(self._recipe(PRUNE_RATE), frozen_layers=0)
        examples = self._workshop(recipe).lessons(self.lessons.utterances).at_most(SAMPLE)
        if cut.layers is not None:
            keep_layers(network, cut.layers, lower=cut.lower)
        if cut.width < 1:
            self.watch.stage(f"{WEIGHING}: {out.name}", 2 * len(examples))
            prune_neurons(network, examples, cut.width, advance=self.watch.advance)
        how = {
            "method": "prune",
            "width": cut.width,
            "neurons": network.config.intermediate_size,
            "layers": network.config.num_hidden_layers,
            "removed": "upper" if cut.lower else "lower",
        }
        return self._finish(network, recipe, out, how=how, under=nullcontext())

    def _finish(
        self,
        network: IntentNetwork,
        recipe: Recipe,
        out: Path,
        *,
        how: dict[str, Any],
        under: AbstractContextManager[None],
    ) -> str:
        workshop = self._workshop(recipe)
        examples = workshop.lessons(self.lessons.utterances)
        held_out = workshop.examples(self.held_out.utterances)
        with under:
            self._train(network, examples, recipe, out.name)
            outputs = run_network(network, held_out.rows)
            scorer = workshop.scorer(network, examples, held_out, outputs=outputs)
            metrics = self._metrics(scorer, outputs, held_out)
        return write_directory(
            out,
            network,
            scorer=scorer,
            base=self.source.files,
            provenance=Provenance(
                data_sha256=self.lessons.sha256,
                seed=self.source.seed,
                token_limit=self.source.token_limit,
                recipe=recipe_entries(recipe, self.source, **how),
                metrics=metrics,
            ),
        )

    def _train(self, network: IntentNetwork, examples: Examples, recipe: Recipe, name: str) -> None:
        labels = self.source.labels
        self.watch.stage(f"{TRAINING}: {name}", steps_for(examples, recipe))
        fine_tune(
            network,
            examples,
            recipe,
            seed=self.source.seed,
            ears=Ears(lambda loss: self.watch.advance(note=f"loss {loss:.3f}"), lambda: True),
            outside=labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else None,
        )

    def _metrics(self, scorer: Scorer, outputs: Outputs, held_out: Examples) -> dict[str, Any]:
        results = scorer.read(outputs.logits, outputs.embeddings, held_out.texts)
        figures = report(self.held_out.utterances, results)
        return {name: value for name, value in figures.items() if name != "per_intent"}

    def _recipe(self, rate: float) -> Recipe:
        recipe = self.source.recipe
        return replace(
            recipe,
            epochs=self.epochs,
            encoder_learning_rate=rate * recipe.encoder_learning_rate,
            head_learning_rate=rate * recipe.head_learning_rate,
        )

    def _workshop(self, recipe: Recipe) -> Workshop:
        return Workshop(
            base=self.source.files,
            labels=self.source.labels,
            recipe=recipe,
            seed=self.source.seed,
            token_limit=self.source.token_limit,
            watch=self.watch,
        )
