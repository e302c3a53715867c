"""Everything one training run shares: encoder, tokens, labels, recipe, seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.adapters.intent_directory import TOKENIZER
from chatbot.adapters.intent_lexicon import Lexicon
from chatbot.adapters.intent_network import IntentNetwork, load_network
from chatbot.adapters.intent_scoring import (
    OUT_OF_SCOPE,
    Calibration,
    Floats,
    Scorer,
    in_scope_logits,
    out_of_scope_signals,
    softmax,
)
from chatbot.adapters.intent_territory import Territory
from chatbot.adapters.intent_tokens import Tokens
from knowledge_base.allocation import give_back
from training.augmentation import augmented
from training.base_weights import BaseModel
from training.batching import Examples, Outputs, run_network
from training.best import BestEpoch
from training.calibration import (
    choose_margin,
    choose_threshold,
    fit_out_of_scope,
    fit_temperature,
)
from training.checkpoint import Checkpoint, Checkpoints, Remembering
from training.corpus import Utterance
from training.course import Ears
from training.errors import BaseModelUnavailable
from training.finetune import (
    Variants,
    contrastive_steps_for,
    fine_tune,
    pull_together,
    steps_for,
)
from training.head import blend_head, initialise_head
from training.journal import Journal
from training.lexicon import choose_scale, fit_lexicon
from training.processes import Team
from training.progress import Watch
from training.recipe import Recipe
from training.territory import survey

SAMPLE = 40
"""Examples of a class that fix its place in the embedding; more only cost time."""


@dataclass(frozen=True)
class Workshop:
    base: BaseModel
    labels: tuple[str, ...]
    """In logit order."""
    recipe: Recipe
    seed: int
    token_limit: int
    watch: Watch
    team: Team = field(default_factory=Team)
    checkpoints: Checkpoints | None = None
    start: Path | None = None
    """A trained model whose encoder is taken instead of the base's; its head is not."""

    @property
    def start_directory(self) -> Path:
        return self.start or self.base.directory

    def lessons(self, utterances: Sequence[Utterance]) -> Examples:
        """What the network is trained on: the utterances, and where the recipe says so the
        intents' names."""
        names = [
            Utterance(label.replace("_", " "), label)
            for label in self.labels
            if label != OUT_OF_SCOPE and self.recipe.names_as_examples
        ]
        return self.examples([*utterances, *names])

    def examples(self, utterances: Sequence[Utterance]) -> Examples:
        """Intents that are no label (out of scope, where no class was trained) get target -1."""
        texts = tuple(utterance.text for utterance in utterances)
        places = {label: number for number, label in enumerate(self.labels)}
        targets = np.array([places.get(u.intent, -1) for u in utterances], dtype=np.int64)
        return Examples(self._tokens().encode(texts), targets, texts)

    def train(
        self,
        examples: Examples,
        *,
        stage: str,
        select_on: Examples | None = None,
        journals: list[Journal] | None = None,
    ) -> IntentNetwork:
        """Train for all epochs; with `select_on`, go back to the epoch that was best on it, and
        end early where the recipe has patience. `journals` gets one more for each stage."""
        network = self._fresh_network()
        torch.nn.Module.to(network, self.team.device)
        if self.recipe.contrastive_epochs:
            before = self._pull_together(network, examples, stage)
            if journals is not None:
                journals.append(before)
        sample = examples.at_most(SAMPLE)
        initialise_head(
            network,
            run_network(network, sample.rows, precision=self.recipe.precision).embeddings,
            sample.targets,
            inverse_regularisation=self.recipe.inverse_regularisation,
        )
        journal = Journal(stage)
        best = BestEpoch(
            network,
            select_on,
            patience=self.recipe.patience,
            precision=self.recipe.precision,
        )

        def after_epoch() -> bool:
            journal.epoch(best.look())
            return not best.exhausted

        self.watch.stage(stage, steps_for(examples, self.recipe))
        fine_tune(
            network,
            examples,
            self.recipe,
            seed=self.seed,
            ears=Ears(self._listen(journal), after_epoch, self.watch.advance),
            outside=self._outside_target,
            variants=self._variants(examples),
            team=self.team,
            checkpoint=self._checkpoint(stage, {"best": best, "journal": journal}),
        )
        best.restore_weights()
        if self.recipe.refitted_head:
            self._refit_head(network, sample)
        if journals is not None:
            journals.append(journal)
        give_back()
        return network

    def _refit_head(self, network: IntentNetwork, sample: Examples) -> None:
        outputs = run_network(network, sample.rows, precision=self.recipe.precision)
        blend_head(
            network,
            outputs.embeddings,
            sample.targets,
            inverse_regularisation=self.recipe.inverse_regularisation,
            share=self.recipe.refitted_head,
        )

    def _pull_together(self, network: IntentNetwork, examples: Examples, stage: str) -> Journal:
        journal = Journal(f"{stage}, contrastive")
        self.watch.stage(journal.stage, contrastive_steps_for(examples, self.recipe))
        pull_together(
            network,
            examples,
            self.recipe,
            seed=self.seed,
            ears=Ears(self._listen(journal), lambda: True, self.watch.advance),
            outside=self._outside_target,
            variants=self._variants(examples),
            team=self.team,
            checkpoint=self._checkpoint(f"{stage}-contrastive", {"journal": journal}),
        )
        return journal

    def _listen(self, journal: Journal) -> Callable[[float], None]:
        def hear(loss: float) -> None:
            journal.step(loss)
            self.watch.advance(note=f"loss {loss:.3f}")

        return hear

    def _checkpoint(self, stage: str, parts: Mapping[str, Remembering]) -> Checkpoint | None:
        return None if self.checkpoints is None else self.checkpoints.stage(stage.lower(), parts)

    def _variants(self, examples: Examples) -> Variants | None:
        if not self.recipe.augmented_share:
            return None
        tokens = self._tokens()

        def variant(epoch: int) -> Examples:
            texts = augmented(examples.texts, self.recipe, seed=self.seed, epoch=epoch)
            return Examples(tokens.encode(texts), examples.targets, tuple(texts))

        return variant

    def scorer(
        self, network: IntentNetwork, trained_on: Examples, held_out: Examples, *, outputs: Outputs
    ) -> Scorer:
        """Places from the rows trained on, calibration from rows that were not; `outputs` are the
        network's for those, in float32."""
        centroids, territory = self.places(network, trained_on)
        lexicon = self._learn_words(outputs, trained_on, held_out)
        if lexicon is not None:
            # What is calibrated is what will be served.
            outputs = replace(outputs, logits=outputs.logits + lexicon.logits(held_out.texts))
        calibration = self.calibrate(outputs, held_out, centroids, territory)
        return Scorer(self.labels, centroids, calibration, territory, lexicon)

    def relearn_words(self, lexicon: Lexicon | None, trained_on: Examples) -> Lexicon | None:
        """From other rows, with as much to say beside the network."""
        if lexicon is None:
            return None
        return replace(self._words(trained_on), scale=lexicon.scale)

    def _learn_words(
        self, outputs: Outputs, trained_on: Examples, held_out: Examples
    ) -> Lexicon | None:
        """None where the recipe has no lexical part, or the held-out rows speak against it."""
        inside = ~self._outside(held_out)
        if not self.recipe.lexical or not inside.any():
            return None
        lexicon = self._words(trained_on)
        network, words = (
            in_scope_logits(logits, self.labels)[inside]
            for logits in (outputs.logits, lexicon.logits(held_out.texts))
        )
        scale = choose_scale(network, words, held_out.targets[inside])
        return replace(lexicon, scale=scale) if scale else None

    def _words(self, examples: Examples) -> Lexicon:
        return fit_lexicon(
            examples.texts,
            examples.targets,
            labels=len(self.labels),
            seed=self.seed,
            watch=self.watch,
        )

    def places(
        self, network: IntentNetwork, trained_on: Examples
    ) -> tuple[Floats, Territory | None]:
        """Centroids (in-scope labels, d), L2-normalised, and where the recipe says so more."""
        sample = trained_on.at_most(SAMPLE)
        outputs = run_network(network, sample.rows, precision=self.recipe.precision)
        embeddings = _unit(outputs.embeddings)
        means = [
            embeddings[sample.targets == number].mean(axis=0)
            for number, label in enumerate(self.labels)
            if label != OUT_OF_SCOPE
        ]
        inside = ~self._outside(sample)
        territory = survey(
            embeddings[inside], sample.targets[inside], classes=len(means), recipe=self.recipe
        )
        return _unit(np.stack(means)), territory

    def calibrate(
        self,
        outputs: Outputs,
        held_out: Examples,
        centroids: Floats,
        territory: Territory | None = None,
    ) -> Calibration:
        outside = self._outside(held_out)
        inside = in_scope_logits(outputs.logits, self.labels)[~outside]
        targets = held_out.targets[~outside]
        signals = out_of_scope_signals(
            outputs.logits, outputs.embeddings, self.labels, centroids, territory
        )
        rule = fit_out_of_scope(signals, outside)
        temperature = fit_temperature(inside, targets)
        return Calibration(
            temperature=temperature,
            out_of_scope=rule,
            threshold=choose_threshold(
                rule.probability(signals),
                outside,
                largest_rejected_share=self.recipe.largest_rejected_share,
                spendable_share=self.recipe.spendable_share,
                reject_unseen=self.recipe.reject_unseen,
            ),
            ambiguity_margin=choose_margin(
                softmax(inside / temperature),
                targets,
                largest_ambiguous_share=self.recipe.largest_ambiguous_share,
                ambiguous_error=self.recipe.ambiguous_error,
            ),
        )

    @property
    def _outside_target(self) -> int | None:
        return self.labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in self.labels else None

    def _outside(self, examples: Examples) -> NDArray[np.bool_]:
        # `out_of_scope` is the last label where it is one, and -1 where it is not.
        in_scope = sum(label != OUT_OF_SCOPE for label in self.labels)
        return (examples.targets < 0) | (examples.targets >= in_scope)

    def _tokens(self) -> Tokens:
        return Tokens(
            self.base.directory / TOKENIZER, prefix=self.base.prefix, limit=self.token_limit
        )

    def _fresh_network(self) -> IntentNetwork:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            try:
                return load_network(self.start_directory, labels=len(self.labels))
            except (OSError, ValueError, RuntimeError) as error:
                raise BaseModelUnavailable(
                    f"The base model {self.base.name} does not load ({error})."
                ) from None


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float64)
