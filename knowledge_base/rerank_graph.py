"""A reranker as two ONNX graphs: what reads a text alone, and what reads two of them together.

The first layers never see the other text, so what they make of a passage can be kept, and a query
costs them one text instead of one for every passage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx
from onnx import TensorProto, helper

from knowledge_base.onnx_graph import INPUTS, Network, Weights, check_kind

STATES = "states"
"""`(b, t, d)`: each token after the layers that read a text alone."""
QUERY_MASK = "query_mask"
PASSAGE_MASK = "passage_mask"
"""`(b, t)`: 1 on the tokens of the one text and of the other; padding has neither."""
MEANS = ("query_mean", "passage_mean")
"""`(b, d)` each, over the tokens of the one text and of the other."""


def alone_graph(weights: Weights, config: Mapping[str, Any], *, layers: int) -> onnx.ModelProto:
    """The embeddings and the first `layers` layers. Errors are those of `encoder_graph`."""
    check_kind(config)
    network = Network(weights, config)
    states = network.embed(*INPUTS)
    mask = network.add("Cast", INPUTS[1], to=TensorProto.INT32)
    for number in range(layers):
        states = network.layer(f"encoder.layer.{number}", states, mask)
    network.add("Identity", states, output=STATES)
    inputs = [helper.make_tensor_value_info(i, TensorProto.INT64, ["b", "t"]) for i in INPUTS]
    return network.model("alone", inputs, [_states(config)])


def together_graph(weights: Weights, config: Mapping[str, Any], *, layers: int) -> onnx.ModelProto:
    """All layers after the first `layers`, over both texts one behind the other."""
    check_kind(config)
    network = Network(weights, config)
    both = network.add("Add", QUERY_MASK, PASSAGE_MASK)
    mask = network.add("Cast", both, to=TensorProto.INT32)
    states = STATES
    for number in range(layers, int(config["num_hidden_layers"])):
        states = network.layer(f"encoder.layer.{number}", states, mask)
    masks = (QUERY_MASK, PASSAGE_MASK)
    for each, mean in zip(masks, MEANS, strict=True):
        network.mean(states, each, output=mean)
    width = int(config["hidden_size"])
    inputs = [helper.make_tensor_value_info(i, TensorProto.INT64, ["b", "t"]) for i in masks]
    outputs = [helper.make_tensor_value_info(m, TensorProto.FLOAT, ["b", width]) for m in MEANS]
    return network.model("together", [_states(config), *inputs], outputs)


def _states(config: Mapping[str, Any]) -> onnx.ValueInfoProto:
    shape: list[str | int | None] = ["b", "t", int(config["hidden_size"])]
    return helper.make_tensor_value_info(STATES, TensorProto.FLOAT, shape)
