from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chatbot.adapters.intent_directory import file_sha256
from chatbot.adapters.intent_torch import TorchIntentModel
from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder, write_recipe
from training.base_weights import BaseModel
from training.batching import Examples, run_network
from training.contrastive import class_batch_count, class_batches, contrastive_loss
from training.course import Ears
from training.finetune import contrastive_steps_for, pull_together
from training.intent import CURVES, TrainingOrder, train_intent
from training.progress import SilentWatch
from training.recipe import read_recipes
from training.workshop import Workshop


def _loss(embeddings: list[list[float]], targets: list[int], outside: int | None = None) -> float:
    table = torch.tensor(embeddings)
    loss = contrastive_loss(table, torch.tensor(targets), temperature=0.5, outside=outside)
    return float(loss)


def test_the_loss_is_that_of_the_paper() -> None:
    # Three unit vectors, the first two of one class: similarities 0, 0 and 1 (of 1 and 3).
    found = _loss([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 0, 1])
    first = -np.log(np.exp(0.0) / (np.exp(0.0) + np.exp(2.0)))
    second = -np.log(np.exp(0.0) / (np.exp(0.0) + np.exp(0.0)))
    assert found == pytest.approx((first + second) / 2, rel=1e-5)


def test_the_length_of_an_embedding_does_not_matter() -> None:
    short = [[1.0, 0.2], [0.9, 0.1], [0.0, 1.0]]
    long = [[10.0, 2.0], [0.9, 0.1], [0.0, 7.0]]
    assert _loss(short, [0, 0, 1]) == pytest.approx(_loss(long, [0, 0, 1]), rel=1e-5)


def test_an_intent_that_lies_together_costs_less() -> None:
    apart = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [0.1, 1.0]]
    assert _loss(apart, [0, 1, 0, 1]) < _loss(apart, [0, 0, 1, 1])


def test_out_of_scope_rows_attract_nobody_but_are_pushed_away() -> None:
    near, far = [[1.0, 0.0], [1.0, 0.1], [1.0, 0.2]], [[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0]]
    assert _loss(near, [0, 0, 9], outside=9) > _loss(far, [0, 0, 9], outside=9)
    assert _loss([[1.0, 0.0], [0.0, 1.0]], [9, 9], outside=9) == 0.0


def test_without_two_of_a_class_the_loss_is_zero_and_has_a_gradient() -> None:
    table = torch.randn(3, 4, requires_grad=True)
    loss = contrastive_loss(table, torch.tensor([0, 1, 2]), temperature=0.1)
    (gradient,) = torch.autograd.grad(loss, table)
    assert loss.item() == 0.0
    assert torch.equal(gradient, torch.zeros(3, 4))


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=8),
    classes=st.integers(2, 6),
    per_class=st.integers(2, 4),
)
def test_a_batch_has_so_many_classes_with_so_many_different_rows(
    sizes: list[int], classes: int, per_class: int
) -> None:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    examples = Examples([[1, 2]] * len(targets), targets)
    batches = list(
        class_batches(
            examples,
            classes,
            per_class=per_class,
            padding_id=0,
            generator=np.random.default_rng(0),
        )
    )
    assert len(batches) == class_batch_count(examples, classes, per_class)
    for batch in batches:
        assert len(set(batch.numbers)) == len(batch.numbers)
        found, counts = np.unique(batch.targets.numpy(), return_counts=True)
        assert len(found) == min(classes, len(sizes))
        assert all(c == min(per_class, sizes[t]) for t, c in zip(found, counts, strict=True))


def test_every_row_has_its_turn() -> None:
    examples = Examples([[1]] * 40, np.arange(40) % 4)
    generator = np.random.default_rng(3)
    dealt: set[int] = set()
    for _ in range(2):
        for batch in class_batches(examples, 4, per_class=3, padding_id=0, generator=generator):
            dealt |= set(batch.numbers)
    assert dealt == set(range(40))


def test_pulling_together_brings_intents_closer_and_leaves_the_head_alone(tmp_path: Path) -> None:
    workshop = Workshop(
        base=BaseModel("tiny", write_encoder(tmp_path / "tiny"), ""),
        labels=("login", "parcel", "refund"),
        recipe=replace(
            read_recipes(write_recipe(tmp_path / "recipe.toml")).recipe(
                base="tiny", few_shot=False
            ),
            dropout=0.0,
            contrastive_epochs=30,
            contrastive_rate=0.1,
            contrastive_temperature=0.3,
        ),
        seed=1,
        token_limit=128,
        watch=SilentWatch(),
    )
    examples = workshop.examples(toy_rows(outside=0))
    network = workshop._fresh_network()
    head = network.classifier.weight.detach().clone()
    losses: list[float] = []
    ears = Ears(losses.append, lambda: True)
    pull_together(network, examples, workshop.recipe, seed=1, ears=ears)
    assert len(losses) == contrastive_steps_for(examples, workshop.recipe)
    assert torch.equal(network.classifier.weight, head)
    embeddings = torch.from_numpy(run_network(network, examples.rows).embeddings)
    targets = torch.from_numpy(examples.targets)
    fresh = torch.from_numpy(run_network(workshop._fresh_network(), examples.rows).embeddings)
    after, before = (
        float(contrastive_loss(table, targets, temperature=0.3)) for table in (embeddings, fresh)
    )
    assert after < before / 1.3


@pytest.mark.parametrize("option", ["contrastive_epochs = 2\n", "contrastive_weight = 0.5\n"])
def test_both_ways_of_pulling_have_their_effect_on_the_model(tmp_path: Path, option: str) -> None:
    path = tmp_path / "recipe.toml"
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(6, outside=6)),
        out=tmp_path / "plain",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=path,
        epochs=1,
    )
    path.write_text(RECIPE)
    train_intent(order, models_home=tmp_path)
    path.write_text(RECIPE.replace("[few_shot]", option + "[few_shot]"))
    pulled = replace(order, out=tmp_path / "pulled")
    train_intent(pulled, models_home=tmp_path)
    network, curves = "model.safetensors", (pulled.out / CURVES).read_text()
    assert file_sha256(order.out / network) != file_sha256(pulled.out / network)
    assert TorchIntentModel(pulled.out).labels == TorchIntentModel(order.out).labels
    assert ("Training, contrastive" in curves) == option.startswith("contrastive_epochs")
