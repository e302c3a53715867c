"""A head that already knows the answer: logistic regression on what the encoder says."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from chatbot.adapters.intent_network import IntentNetwork


def initialise_head(
    network: IntentNetwork,
    embeddings: NDArray[np.float64],
    targets: NDArray[np.int64],
    *,
    inverse_regularisation: float,
) -> None:
    """With few examples this start is worth more than any number of epochs from random weights.

    `embeddings` (n, d) are the encoder's own for the training rows. They are normalised for the
    fit and their mean length is folded into the weights, for the network does not normalise.
    """
    weights, biases = _fitted(embeddings, targets, inverse_regularisation)
    with torch.no_grad():
        network.classifier.weight.copy_(weights)
        network.classifier.bias.copy_(biases)


def blend_head(
    network: IntentNetwork,
    embeddings: NDArray[np.float64],
    targets: NDArray[np.int64],
    *,
    inverse_regularisation: float,
    share: float,
) -> None:
    """Put `share` of a newly fitted head into the one that was trained.

    `embeddings` (n, d) are the trained encoder's. Both heads are right about other rows: the
    trained one has followed the encoder through its mistakes, the fitted one sees it as it is now.
    """
    weights, biases = _fitted(embeddings, targets, inverse_regularisation)
    with torch.no_grad():
        network.classifier.weight.lerp_(weights.to(network.classifier.weight), share)
        network.classifier.bias.lerp_(biases.to(network.classifier.bias), share)


def _fitted(
    embeddings: NDArray[np.float64], targets: NDArray[np.int64], inverse_regularisation: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """(labels, d) and (labels,)."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    model = LogisticRegression(C=inverse_regularisation, max_iter=1000)
    model.fit(embeddings / np.maximum(lengths, 1e-12), targets)
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row for both classes
        weights, biases = np.vstack([-weights, weights]) / 2, np.array([-biases[0], biases[0]]) / 2
    return torch.from_numpy(weights / lengths.mean()), torch.from_numpy(biases)
