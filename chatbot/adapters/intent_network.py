"""The intent network: a BERT encoder, the mean over its tokens, one linear layer."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertPreTrainedModel

from chatbot.adapters.quiet import quiet
from knowledge_base.allocation import blocks_apart

_FAR_BELOW = -1e9
"""Added to the attention that padding gets."""


class IntentOutput(NamedTuple):
    logits: torch.Tensor
    """(b, labels)"""
    embedding: torch.Tensor
    """(b, d): the mean of the token states, before dropout, not normalised."""


def mean_pool(states: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """(b, t, d) and (b, t) to (b, d): the mean over the tokens that are not padding."""
    weights = attention_mask.unsqueeze(-1).to(states.dtype)  # (b, t, 1)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


class IntentNetwork(BertForSequenceClassification):  # type: ignore[no-untyped-call]
    """Sentence encoders such as MiniLM and e5 are trained for the mean, so there is no pooler."""

    def __init__(self, config: BertConfig) -> None:
        BertPreTrainedModel.__init__(self, config)
        labels = len(config.id2label or {})
        self.num_labels = labels
        self.bert = BertModel(config, add_pooling_layer=False)
        rate = config.classifier_dropout
        self.dropout = nn.Dropout(config.hidden_dropout_prob if rate is None else rate)
        self.classifier = nn.Linear(config.hidden_size, labels)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> IntentOutput:
        states = self.lower_states(input_ids, attention_mask, layers=0)
        return self.finish(states, attention_mask, layers=0)

    def lower_states(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, *, layers: int
    ) -> torch.Tensor:
        """(b, t) to (b, t, d): the token states above the lowest `layers` layers."""
        return self._climb(self.bert.embeddings(input_ids), attention_mask, slice(layers))

    def finish(
        self, states: torch.Tensor, attention_mask: torch.Tensor, *, layers: int
    ) -> IntentOutput:
        """The rest of the way from what `lower_states` gave."""
        states = self._climb(states, attention_mask, slice(layers, None))
        embedding = mean_pool(states, attention_mask)
        return IntentOutput(self.classifier(self.dropout(embedding)), embedding)

    def _climb(
        self, states: torch.Tensor, attention_mask: torch.Tensor, layers: slice
    ) -> torch.Tensor:
        hidden = (1.0 - attention_mask[:, None, None, :].to(states.dtype)) * _FAR_BELOW
        for layer in self.bert.encoder.layer[layers]:
            states = layer(states, attention_mask=hidden)
        return states


def load_network(directory: Path, labels: int | None = None) -> IntentNetwork:
    """Read a saved network, or with `labels` an encoder that gets a new head, in eval mode.

    Raises OSError or ValueError where the directory holds no BERT weights.
    """
    with quiet(), blocks_apart():
        config = BertConfig.from_pretrained(directory, local_files_only=True)
        if labels is not None:
            config.id2label = {number: f"LABEL_{number}" for number in range(labels)}
            config.label2id = {name: number for number, name in config.id2label.items()}
        network: IntentNetwork = IntentNetwork.from_pretrained(
            directory,
            config=config,
            local_files_only=True,
            dtype=torch.float32,
            # A trained model may be the encoder of another one with other labels.
            ignore_mismatched_sizes=labels is not None,
            # The fused kernels are several times slower than plain products on short sentences.
            attn_implementation="eager",
        )
    return network


def save_network(network: IntentNetwork, directory: Path) -> None:
    with quiet():
        network.save_pretrained(directory)
