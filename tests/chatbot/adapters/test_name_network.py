import numpy as np
import pytest
import torch

from chatbot.adapters.name_network import TAGS, NameTagger, padded_rows, spans_of
from chatbot.adapters.name_words import words_of
from training.names.network import NameNetwork

DIMENSION = 24
HALF = {"PERSON": 0.5, "ADDRESS": 0.5}


@pytest.fixture(scope="module")
def network() -> NameNetwork:
    torch.manual_seed(1)
    return NameNetwork(DIMENSION, width=16, dropout=0.1).train(False)


@pytest.fixture(scope="module")
def rows() -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    return [draw.standard_normal((n, DIMENSION)).astype(np.float32) for n in (3, 1, 12, 7)]


def test_what_is_served_says_what_was_trained(network, rows) -> None:
    together, starts = padded_rows(rows)
    places = [
        place
        for start, one in zip(starts, rows, strict=True)
        for place in range(start, start + len(one))
    ]
    real = torch.zeros(len(together), 1)
    real[places] = 1
    with torch.no_grad():
        trained = network(torch.from_numpy(together), real).softmax(dim=1).numpy()
    kept = trained[places]
    tagger = NameTagger(network.tensors())
    served = np.concatenate(tagger.probabilities([tagger.project(one) for one in rows]))
    np.testing.assert_allclose(served, kept, atol=1e-5)


def test_a_text_does_not_see_its_neighbours_in_a_batch(network, rows) -> None:
    tagger = NameTagger(network.tensors())
    projected = [tagger.project(one) for one in rows]
    together = tagger.probabilities(projected)
    for one, beside_others in zip(projected, together, strict=True):
        np.testing.assert_allclose(tagger.probabilities([one])[0], beside_others, atol=1e-5)


def test_tensors_that_do_not_fit_each_other_are_refused(network) -> None:
    tensors = {**network.tensors(), "tags.weight": np.zeros((len(TAGS), 3), np.float32)}
    with pytest.raises(ValueError, match="fit"):
        NameTagger(tensors)


def shares_for(*tags: str) -> np.ndarray:
    shares = np.full((len(tags), len(TAGS)), 0.02, np.float32)
    for place, tag in enumerate(tags):
        shares[place, TAGS.index(tag)] = 0.92
    return shares


def spans(text: str, *tags: str) -> list[tuple[str, str]]:
    found = spans_of(words_of(text), shares_for(*tags), thresholds=HALF)
    return [(text[span.start : span.end], span.type) for span in found]


def test_neighbouring_words_of_a_kind_are_one_span() -> None:
    assert spans("ask Anna Berg now", "O", "B-PERSON", "I-PERSON", "O") == [("Anna Berg", "PERSON")]


def test_a_new_beginning_is_a_new_span() -> None:
    assert spans("Anna Bob", "B-PERSON", "B-PERSON") == [("Anna", "PERSON"), ("Bob", "PERSON")]


def test_a_person_before_an_address_stays_a_person() -> None:
    assert spans("Anna 12 Elm", "B-PERSON", "B-ADDRESS", "I-ADDRESS") == [
        ("Anna", "PERSON"),
        ("12 Elm", "ADDRESS"),
    ]


def test_what_is_not_sure_enough_is_nothing() -> None:
    found = spans_of(words_of("Anna"), shares_for("B-PERSON"), thresholds=dict.fromkeys(HALF, 0.99))
    assert list(found) == []
