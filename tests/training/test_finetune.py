from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chatbot.adapters.intent_network import IntentNetwork, load_network
from tests.tiny_encoder import toy_rows, write_encoder, write_recipe
from training.averaging import Average
from training.base_weights import BaseModel
from training.batching import Batch, Examples, batch_of, run_network, shuffled_batches
from training.course import Ears
from training.finetune import fine_tune, steps_for
from training.head import blend_head, initialise_head
from training.objective import Objective
from training.progress import SilentWatch
from training.recipe import Recipe, read_recipes
from training.shards import Shards
from training.trunk import Trunk
from training.workshop import Workshop

LABELS = ("login", "parcel", "refund")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    base = BaseModel("tiny", write_encoder(tmp_path / "tiny"), "")
    recipe = read_recipes(write_recipe(tmp_path / "recipe.toml"))
    return Workshop(
        base=base,
        labels=LABELS,
        recipe=recipe.recipe(base="tiny", few_shot=False),
        seed=1,
        token_limit=128,
        watch=SilentWatch(),
    )


def _fine_tune(
    network: IntentNetwork, examples: Examples, recipe: Recipe, *, seed: int = 1
) -> list[float]:
    losses: list[float] = []
    fine_tune(network, examples, recipe, seed=seed, ears=Ears(losses.append, lambda: True))
    return losses


def _weights(network: IntentNetwork) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def _network(workshop: Workshop) -> IntentNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return load_network(workshop.base.directory, labels=len(workshop.labels))


def test_the_loss_falls_and_the_toy_intents_are_learned(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(outside=0))
    network = _network(workshop)
    recipe = replace(workshop.recipe, epochs=20)
    losses = _fine_tune(network, examples, recipe)
    assert len(losses) == steps_for(examples, recipe)
    assert np.mean(losses[-4:]) < np.mean(losses[:4]) / 2
    predicted = run_network(network, examples.rows).logits.argmax(axis=1)
    assert np.mean(predicted == examples.targets) > 0.9


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(
    workshop: Workshop,
) -> None:
    examples = workshop.examples(toy_rows(8, outside=0))
    networks = [_network(workshop) for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        _fine_tune(network, examples, workshop.recipe, seed=seed)
    first, second, third = map(_weights, networks)
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_training_leaves_the_random_state_of_the_caller_alone(workshop: Workshop) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    _fine_tune(_network(workshop), workshop.examples(toy_rows(4, outside=0)), workshop.recipe)
    assert torch.equal(torch.rand(1), expected)


def test_frozen_parts_stay_and_the_rest_moves(workshop: Workshop) -> None:
    network = _network(workshop)
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    recipe = replace(workshop.recipe, frozen_layers=1)
    _fine_tune(network, workshop.examples(toy_rows(8, outside=0)), recipe)
    moved = {
        name for name, weight in network.named_parameters() if not torch.equal(weight, before[name])
    }
    assert not any("embeddings" in name or "layer.0." in name for name in moved)
    assert any("layer.1." in name for name in moved)
    assert "classifier.weight" in moved


def test_word_embeddings_move_when_the_recipe_says_so(workshop: Workshop) -> None:
    network = _network(workshop)
    words = network.bert.embeddings.word_embeddings.weight
    before = words.detach().clone()
    recipe = replace(workshop.recipe, freeze_embeddings=False)
    _fine_tune(network, workshop.examples(toy_rows(8, outside=0)), recipe)
    assert not torch.equal(words, before)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_trains_too(workshop: Workshop, precision: str) -> None:
    recipe = replace(workshop.recipe, precision=precision, epochs=6)
    losses = _fine_tune(_network(workshop), workshop.examples(toy_rows(outside=0)), recipe)
    assert np.mean(losses[-4:]) < np.mean(losses[:4])


def test_several_small_batches_make_the_step_of_one_large_one(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(8, outside=0))
    still = replace(workshop.recipe, dropout=0.0, head_dropout=0.0, epochs=1)
    recipes = (replace(still, batch_rows=24), replace(still, batch_rows=8, accumulation=3))
    networks = [_network(workshop) for _ in recipes]
    losses = [_fine_tune(n, examples, r) for n, r in zip(networks, recipes, strict=True)]
    assert len(losses[0]) == len(losses[1]) == steps_for(examples, recipes[1]) == 1
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    first, second = map(_weights, networks)
    # The first step of this optimiser is as large for small gradients as for large ones.
    assert float((first - second).abs().median()) < 1e-6


def test_two_passes_that_must_agree_train_too(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(outside=0))
    recipe = replace(workshop.recipe, dropout=0.0, head_dropout=0.3)
    strict = replace(recipe, consistency_weight=2.0, epochs=6)
    losses = _fine_tune(_network(workshop), examples, strict)
    assert losses[0] > _fine_tune(_network(workshop), examples, recipe)[0]
    assert np.mean(losses[-4:]) < np.mean(losses[:4])


def test_rows_may_read_differently_in_each_epoch(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(4, outside=0))
    asked: list[int] = []

    def variants(epoch: int) -> Examples:
        asked.append(epoch)
        return examples

    ears = Ears(lambda loss: None, lambda: True)
    recipe = replace(workshop.recipe, frozen_layers=1)
    networks = [_network(workshop) for _ in range(2)]
    fine_tune(networks[0], examples, recipe, seed=1, ears=ears, variants=variants)
    fine_tune(networks[1], examples, recipe, seed=1, ears=ears)
    assert asked == list(range(recipe.epochs))
    assert torch.equal(*map(_weights, networks))


def test_the_head_starts_from_a_logistic_regression(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(outside=0))
    network = _network(workshop)
    embeddings = run_network(network, examples.rows).embeddings
    initialise_head(network, embeddings, examples.targets, inverse_regularisation=1000.0)
    predicted = run_network(network, examples.rows).logits.argmax(axis=1)
    assert np.mean(predicted == examples.targets) > 0.7


def test_a_head_of_two_intents_gets_a_row_for_each(workshop: Workshop) -> None:
    two = replace(workshop, labels=LABELS[:2])
    examples = two.examples([row for row in toy_rows(outside=0) if row.intent in LABELS[:2]])
    network = _network(two)
    embeddings = run_network(network, examples.rows).embeddings
    initialise_head(network, embeddings, examples.targets, inverse_regularisation=1000.0)
    predicted = run_network(network, examples.rows).logits.argmax(axis=1)
    assert np.mean(predicted == examples.targets) > 0.7


def test_every_row_is_in_one_batch_and_long_rows_meet_long_rows() -> None:
    rows = [[1] * (1 + n % 30) for n in range(100)]
    examples = Examples(rows, np.arange(100))
    generator = np.random.default_rng(1)
    batches = list(shuffled_batches(examples, 8, padding_id=0, generator=generator))
    assert sorted(int(t) for batch in batches for t in batch.targets) == list(range(100))
    assert max(batch.input_ids.shape[0] for batch in batches) == 8
    padding = sum(int((batch.attention_mask == 0).sum()) for batch in batches)
    assert padding < 0.15 * sum(map(len, rows))


def test_outputs_come_in_the_order_of_the_rows(workshop: Workshop) -> None:
    network = _network(workshop)
    rows = workshop.examples(toy_rows(outside=0)).rows
    together = run_network(network, rows)
    alone = [run_network(network, [row]).logits[0] for row in rows[:5]]
    assert np.allclose(together.logits[:5], alone, atol=1e-5)


def test_the_best_epoch_wins(workshop: Workshop) -> None:
    # At this rate the network is worse after the last epochs than it was before.
    wild = replace(workshop.recipe, encoder_learning_rate=0.3, layer_decay=1.0, clip_norm=1e9)
    rows = toy_rows(outside=0)
    examples = workshop.examples(rows)
    chosen = replace(workshop, recipe=wild).train(examples, stage="", select_on=examples)
    last = replace(workshop, recipe=wild).train(examples, stage="")
    scores = [
        np.mean(run_network(network, examples.rows).logits.argmax(axis=1) == examples.targets)
        for network in (chosen, last)
    ]
    assert scores[0] >= scores[1]


def test_frozen_layers_give_the_states_that_the_whole_network_has(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(4, outside=0))
    network = _network(workshop)
    trunk = Trunk(network, examples, layers=1)
    batch = next(
        shuffled_batches(
            examples, 8, padding_id=network.config.pad_token_id, generator=np.random.default_rng(0)
        )
    )
    whole = network(batch.input_ids, batch.attention_mask).logits
    states = trunk.states(network, batch)
    rest = network.finish(states, batch.attention_mask, layers=1).logits
    torch.testing.assert_close(rest, whole)


def test_two_threads_learn_what_one_learns(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(outside=0))
    network = _network(workshop)
    batch = next(
        shuffled_batches(
            examples, 32, padding_id=network.config.pad_token_id, generator=np.random.default_rng(0)
        )
    )

    def loss(replica: IntentNetwork, part: Batch) -> torch.Tensor:
        logits = replica(part.input_ids, part.attention_mask).logits
        return torch.nn.functional.cross_entropy(logits, part.targets)

    found = []
    for count in (1, 2):
        shards = Shards(network, count=count)
        shards.train(False)
        heard = shards.gradients(batch, loss)
        shards.close()
        gradient = torch.cat([w.grad.flatten() for w in network.parameters() if w.grad is not None])
        found.append((heard, gradient))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-5)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-3, atol=1e-6)


def test_replicas_see_each_step_of_the_optimiser(workshop: Workshop) -> None:
    network = _network(workshop)
    shards = Shards(network, count=2)
    with torch.no_grad():
        network.classifier.bias.add_(1.0)
    assert torch.equal(shards.replicas[1].classifier.bias, network.classifier.bias)
    shards.close()


def test_the_average_lies_between_the_start_and_the_last_step(workshop: Workshop) -> None:
    network = _network(workshop)
    average = Average(network, decay=0.9)
    start = network.classifier.bias.detach().clone()
    with torch.no_grad():
        network.classifier.bias.add_(1.0)
    average.follow()
    with average.worn():
        moved = network.classifier.bias.detach() - start
        assert bool(((moved > 0) & (moved < 1)).all())
    torch.testing.assert_close(network.classifier.bias.detach() - start, torch.ones_like(start))


def test_without_averaging_the_last_step_is_kept(workshop: Workshop) -> None:
    network = _network(workshop)
    average = Average(network, decay=0.0)
    with torch.no_grad():
        network.classifier.bias.add_(1.0)
    expected = network.classifier.bias.detach().clone()
    average.follow()
    average.settle()
    assert torch.equal(network.classifier.bias, expected)


def test_a_loss_that_compares_rows_has_the_same_gradient_on_two_threads_as_on_one(
    workshop: Workshop,
) -> None:
    examples = workshop.examples(toy_rows(8, outside=0))
    batch = batch_of(examples, list(range(len(examples))), padding_id=0)
    objective = Objective(replace(workshop.recipe, contrastive_weight=1.0), None, None)
    gradients = []
    for count in (1, 2):
        network = _network(workshop).train(False)
        shards = Shards(network, count=count)
        loss = shards.gradients_together(
            batch, lambda own, part: own(part.input_ids, part.attention_mask), objective
        )
        shards.close()
        rows = [weight.grad for weight in network.parameters() if weight.grad is not None]
        gradients.append((loss, torch.cat([row.flatten() for row in rows])))
    (loss, alone), (same_loss, together) = gradients
    assert loss == pytest.approx(same_loss, rel=1e-5)
    assert torch.allclose(alone, together, atol=1e-6)
    assert alone.abs().max() > 1e-4


def test_a_head_fitted_anew_goes_into_the_trained_one_by_its_share(workshop: Workshop) -> None:
    examples = workshop.examples(toy_rows(8, outside=0))
    network = _network(workshop)
    embeddings = run_network(network, examples.rows).embeddings
    trained = network.classifier.weight.detach().clone()
    for share in (0.0, 0.5, 1.0):
        with torch.no_grad():
            network.classifier.weight.copy_(trained)
        blend_head(
            network, embeddings, examples.targets, inverse_regularisation=1000.0, share=share
        )
        if share == 0.0:
            assert torch.equal(network.classifier.weight, trained)
        if share == 0.5:
            half = network.classifier.weight.detach().clone()
    fitted = network.classifier.weight.detach()
    assert torch.allclose(half, (trained + fitted) / 2, atol=1e-5)
    predicted = run_network(network, examples.rows).logits.argmax(axis=1)
    assert np.mean(predicted == examples.targets) > 0.8
