from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chatbot.adapters.intent_directory import LABELS, TOKENIZER
from chatbot.adapters.intent_network import IntentNetwork, load_network
from chatbot.adapters.intent_tokens import Tokens
from tests.tiny_encoder import toy_rows
from training.batching import Examples, run_network
from training.compress.pruning import keep_layers, narrowed, prune_neurons

ROWS = toy_rows(6, outside=6)


@pytest.fixture
def network(source: Path) -> IntentNetwork:
    return load_network(source)


@pytest.fixture
def examples(source: Path) -> Examples:
    rows = Tokens(source / TOKENIZER).encode([row.text for row in ROWS])
    labels = ("login", "parcel", "refund", "out_of_scope")
    assert all(label in (source / LABELS).read_text() for label in labels)
    return Examples(rows, np.array([labels.index(row.intent) for row in ROWS]))


def test_neurons_that_say_nothing_leave_first(network: IntentNetwork, examples: Examples) -> None:
    speaking = [number for number in range(64) if number % 2]
    with torch.no_grad():
        for layer in network.bert.encoder.layer:
            layer.output.dense.weight[:, ::2] = 0.0
    kept = [layer.intermediate.dense.weight[speaking] for layer in network.bert.encoder.layer]
    before = run_network(network, examples.rows).logits
    prune_neurons(network, examples, 0.5)
    assert network.config.intermediate_size == 32
    for layer, weight in zip(network.bert.encoder.layer, kept, strict=True):
        assert torch.equal(layer.intermediate.dense.weight, weight)
    assert np.allclose(run_network(network, examples.rows).logits, before, atol=1e-5)


def test_what_a_neuron_always_says_stays_in_the_bias(
    network: IntentNetwork, examples: Examples
) -> None:
    with torch.no_grad():
        for layer in network.bert.encoder.layer:
            layer.intermediate.dense.weight[:32] = 0.0
            layer.intermediate.dense.bias[:32] = 1.5
    before = run_network(network, examples.rows).logits
    prune_neurons(network, examples, 0.5)
    assert np.allclose(run_network(network, examples.rows).logits, before, atol=1e-4)


def test_the_weighed_neurons_hurt_less_than_as_many_others(
    network: IntentNetwork, source: Path, examples: Examples
) -> None:
    exact = run_network(network, examples.rows).logits
    prune_neurons(network, examples, 0.75)
    rivals = []
    for seed in range(3):
        rival = load_network(source)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for layer in rival.bert.encoder.layer:
                gone = torch.randperm(64, generator=generator)[:16]
                layer.output.dense.weight[:, gone] = 0.0
        rivals.append(np.abs(run_network(rival, examples.rows).logits - exact).mean())
    assert np.abs(run_network(network, examples.rows).logits - exact).mean() < min(rivals)


@pytest.mark.parametrize(("lower", "left"), [(True, 0), (False, 1)])
def test_layers_go_from_above_or_from_below(
    network: IntentNetwork, examples: Examples, lower: bool, left: int
) -> None:
    kept = network.bert.encoder.layer[left]
    keep_layers(network, 1, lower=lower)
    assert list(network.bert.encoder.layer) == [kept]
    assert network.config.num_hidden_layers == 1
    assert np.isfinite(run_network(network, examples.rows).logits).all()


def test_each_row_is_heard_of_twice(network: IntentNetwork, examples: Examples) -> None:
    heard: list[int] = []
    prune_neurons(network, examples, 0.75, advance=heard.append)
    assert sum(heard) == 2 * len(examples)


@given(st.integers(8, 4096), st.floats(0.5, 1.0))
def test_a_narrowed_width_is_near_the_share_and_never_more_than_all(
    width: int, share: float
) -> None:
    count = narrowed(width, share)
    assert 0 < count <= width
    assert abs(count - width * share) <= 4.01 or count == 8
