"""A BERT encoder as an ONNX graph with 8-bit weights, built from its tensors.

Built by hand rather than traced: the fused operators of ONNX Runtime are reached directly, which
is a third faster for one short text than a traced and quantised graph, and neither PyTorch nor a
tracer is needed.

Weights have one scale a column and only 7 bits, because processors without VNNI saturate when two
products of 8 bits are added. Activations are quantised as they come. Those before and inside the
feed-forward part have outliers in single tokens, so each token is brought to the same range first;
without that the similarities carry 2.5 times the error. Embeddings have one scale a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from knowledge_base.encoder_onnx import POOLED, STATES, VECTORS

Weights = Mapping[str, NDArray[np.float32]]

INPUTS = ("input_ids", "attention_mask")

_OPSET = 18
_IR_VERSION = 9
_MICROSOFT = "com.microsoft"
_LEVELS = 63  # 7 bits, symmetric


def encoder_graph(
    weights: Weights, config: Mapping[str, Any], *, tokens: bool = False
) -> onnx.ModelProto:
    """`weights` as Hugging Face's BertModel names them, `config` its config.json. With `tokens` it
    can be asked for STATES too.

    Raises KeyError for a missing tensor and ValueError for another kind of network.
    """
    _check_kind(config)
    network = _Network(weights, config)
    states = network.embed(*INPUTS)
    mask = network.add("Cast", INPUTS[1], to=TensorProto.INT32)
    for number in range(int(config["num_hidden_layers"])):
        states = network.layer(f"encoder.layer.{number}", states, mask)
    network.pool(states, INPUTS[1])
    inputs = [helper.make_tensor_value_info(i, TensorProto.INT64, ["b", "t"]) for i in INPUTS]
    width = int(config["hidden_size"])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", width])
        for name in (POOLED, VECTORS)
    ]
    if tokens:
        network.add("Identity", states, output=STATES)
        shape: list[str | int | None] = ["b", "t", width]
        outputs.append(helper.make_tensor_value_info(STATES, TensorProto.FLOAT, shape))
    return network.model("encoder", inputs, outputs)


def _check_kind(config: Mapping[str, Any]) -> None:
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise ValueError("only BERT encoders with GELU can be exported")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise ValueError("only absolute positions can be exported")


class _Network:
    """Nodes and constants of a graph that grows; a part's output is known by its name."""

    def __init__(self, weights: Weights, config: Mapping[str, Any]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._weights = weights
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._heads = int(config["num_attention_heads"])

    def embed(self, ids: str, mask: str) -> str:
        """(b, t) -> (b, t, d)"""
        part = "embeddings."
        levels, scales = _quantised(self._weights[f"{part}word_embeddings.weight"], axis=1)
        looked_up = self.add("Gather", self.constant(levels), ids)
        token_scales = self.add("Gather", self.constant(scales), ids)
        words = self.add("Cast", looked_up, to=TensorProto.FLOAT)
        words = self.add("Mul", words, token_scales)
        first_type = self._weights[f"{part}token_type_embeddings.weight"][0]
        table = self._weights[f"{part}position_embeddings.weight"] + first_type
        axis = self.constant(np.array([0]))
        length = self.add("Shape", mask, start=1, end=2)
        positions = self.add("Slice", self.constant(table), axis, length, axis)
        states = self.add("Add", words, positions)
        scale, shift = self._norm(f"{part}LayerNorm")
        return self.add("LayerNormalization", states, scale, shift, axis=-1, epsilon=self._epsilon)

    def layer(self, part: str, states: str, mask: str) -> str:
        """(b, t, d) -> (b, t, d)"""
        attention = [f"{part}.attention.self.{role}" for role in ("query", "key", "value")]
        columns = np.concatenate([self._weights[f"{role}.weight"] for role in attention])
        bias = np.concatenate([self._weights[f"{role}.bias"] for role in attention])
        joint = self._multiply(states, columns, bias=bias)
        query, key, value = self.split(joint, 3)
        attended = self.add(
            "MultiHeadAttention", query, key, value, "", mask, fused=True, num_heads=self._heads
        )
        output = f"{part}.attention.output.dense"
        bias = self._weights[f"{output}.bias"]
        attended = self._multiply(attended, self._weights[f"{output}.weight"], bias=bias)
        states = self._add_and_norm(attended, states, f"{part}.attention.output")
        inner = self._multiply_by_token(states, self._weights[f"{part}.intermediate.dense.weight"])
        bias = self._weights[f"{part}.intermediate.dense.bias"]
        inner = self.add("BiasGelu", inner, self.constant(bias), fused=True)
        outer = self._multiply_by_token(inner, self._weights[f"{part}.output.dense.weight"])
        outer = self.add("Add", outer, self.constant(self._weights[f"{part}.output.dense.bias"]))
        return self._add_and_norm(outer, states, f"{part}.output")

    def pool(self, states: str, mask: str) -> None:
        """(b, t, d) -> (b, d)"""
        self.mean(states, mask, output=POOLED)
        self.add("LpNormalization", POOLED, output=VECTORS, axis=-1, p=2)

    def mean(self, states: str, mask: str, *, output: str) -> None:
        """(b, t, d) -> (b, d), over the tokens of the mask."""
        ones = self.add("Cast", mask, to=TensorProto.FLOAT)
        middle, last = self.constant(np.array([1])), self.constant(np.array([-1]))
        total = self.add("MatMul", self.add("Unsqueeze", ones, middle), states)
        total = self.add("Squeeze", total, middle)
        count = self.add("ReduceSum", ones, last, keepdims=1)
        self.add("Div", total, count, output=output)

    def model(
        self,
        name: str,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
    ) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def add(
        self, operator: str, *inputs: str, output: str = "", fused: bool = False, **attributes: Any
    ) -> str:
        output = output or f"{operator}_{len(self.nodes)}"
        domain = _MICROSOFT if fused else ""
        node = helper.make_node(operator, list(inputs), [output], domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def split(self, joint: str, count: int) -> list[str]:
        outputs = [f"Split_{len(self.nodes)}_{number}" for number in range(count)]
        self.nodes.append(helper.make_node("Split", [joint], outputs, axis=-1, num_outputs=count))
        return outputs

    def constant(self, array: NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _norm(self, part: str) -> tuple[str, str]:
        weight, bias = self._weights[f"{part}.weight"], self._weights[f"{part}.bias"]
        return self.constant(weight), self.constant(bias)

    def _add_and_norm(self, branch: str, states: str, part: str) -> str:
        # ONNX Runtime has one operator for both, which takes several times as long as the two.
        total = self.add("Add", branch, states)
        norm = self._norm(f"{part}.LayerNorm")
        return self.add("LayerNormalization", total, *norm, axis=-1, epsilon=self._epsilon)

    def _multiply(
        self, states: str, weight: NDArray[np.float32], *, bias: NDArray[np.float32] | None = None
    ) -> str:
        """`weight` is `(out, in)`, as PyTorch keeps it."""
        levels, scales = _quantised(weight, axis=1)
        zeros = np.zeros(len(levels), dtype=np.int8)
        constants = [self.constant(a) for a in (levels.T, scales[:, 0], zeros)]
        if bias is not None:
            constants.append(self.constant(bias))
        return self.add("DynamicQuantizeMatMul", states, *constants, fused=True)

    def _multiply_by_token(self, states: str, weight: NDArray[np.float32]) -> str:
        last = self.constant(np.array([-1]))
        peak = self.add("ReduceMax", self.add("Abs", states), last, keepdims=1)
        return self.add("Mul", self._multiply(self.add("Div", states, peak), weight), peak)


def _quantised(
    weight: NDArray[np.float32], *, axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Levels and scales along `axis`; their product is nearly the weight."""
    scales = np.abs(weight).max(axis=axis, keepdims=True) / np.float32(_LEVELS)
    scales[scales == 0] = 1
    return np.round(weight / scales).astype(np.int8), scales.astype(np.float32)
