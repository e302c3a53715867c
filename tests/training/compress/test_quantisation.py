from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from chatbot.adapters.intent_directory import TOKENIZER
from chatbot.adapters.intent_network import IntentNetwork, load_network
from chatbot.adapters.intent_tokens import Tokens
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.onnx_export import export_onnx
from tests.tiny_encoder import toy_rows
from training.batching import padded, run_network
from training.compress.quantisation import as_served, rounded_states, rounded_weight

TEXTS = [row.text for row in toy_rows(4, outside=4)]


@pytest.fixture
def network(source: Path) -> IntentNetwork:
    return load_network(source)


def _embeddings(network: IntentNetwork, rows: list[list[int]]) -> np.ndarray:
    return np.stack([run_network(network, [row]).embeddings[0] for row in rows])


def test_the_rounding_is_that_of_the_served_graph(
    source: Path, network: IntentNetwork, tmp_path: Path
) -> None:
    rows = Tokens(source / TOKENIZER).encode(TEXTS)
    graph = EncoderOnnx(
        export_onnx(source, tmp_path / "onnx"), query_prefix="", passage_prefix="", name="tiny"
    )
    served = np.concatenate([graph.encode_means([text]) for text in TEXTS])
    exact = _embeddings(network, rows)
    with as_served(network):
        rounded = _embeddings(network, rows)
    # What is left differs where two ways to add up fall on two sides of a rounding.
    assert np.abs(rounded - served).mean() < 0.2 * np.abs(exact - served).mean()


def test_the_network_is_as_before_afterwards(source: Path, network: IntentNetwork) -> None:
    rows = Tokens(source / TOKENIZER).encode(TEXTS)
    names, before = list(network.state_dict()), _embeddings(network, rows)
    with as_served(network):
        assert list(network.state_dict()) == names
        assert not np.array_equal(_embeddings(network, rows), before)
    assert np.array_equal(_embeddings(network, rows), before)


def test_gradients_pass_the_rounding_to_every_weight(source: Path, network: IntentNetwork) -> None:
    ids, mask = padded(Tokens(source / TOKENIZER).encode(TEXTS), 0)
    targets = torch.arange(len(TEXTS)) % network.classifier.out_features

    def slopes() -> dict[str, torch.Tensor]:
        network.zero_grad()
        torch.nn.functional.cross_entropy(network(ids, mask).logits, targets).backward()
        found = {name: weight.grad for name, weight in network.named_parameters()}
        return {name: slope.clone() for name, slope in found.items() if slope is not None}

    exact = slopes()
    with as_served(network):
        rounded = slopes()
    assert rounded.keys() == exact.keys()
    together = [torch.cat([slope.flatten() for slope in way.values()]) for way in (exact, rounded)]
    assert torch.cosine_similarity(*together, dim=0) > 0.95


MATRICES = st_numpy.arrays(
    np.float32,
    st_numpy.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-100, 100, width=32).filter(lambda value: value == 0 or abs(value) > 1e-6),
)


@given(MATRICES)
def test_a_weight_moves_by_half_a_level_at_most(matrix: np.ndarray) -> None:
    weight = torch.from_numpy(matrix)
    rounded = rounded_weight(weight)
    peak = weight.abs().amax(dim=1, keepdim=True)
    assert bool(((rounded - weight).abs() <= 0.501 * peak / 63 + 1e-6).all())
    assert torch.allclose(rounded_weight(rounded), rounded, rtol=1e-4)


@given(MATRICES)
def test_states_move_by_a_level_at_most_and_zero_stays_zero(matrix: np.ndarray) -> None:
    states = torch.from_numpy(matrix)
    rounded = rounded_states(states)
    span = max(float(states.max()), 0.0) - min(float(states.min()), 0.0)
    assert bool(((rounded - states).abs() <= 1.01 * span / 255 + 1e-6).all())
    assert bool((rounded[states == 0] == 0).all())
