from pathlib import Path

import numpy as np
import torch

from chatbot.adapters.name_network import GAP
from chatbot.adapters.name_words import WordVectors, words_of
from training.names.store import APART, Store


def test_a_batch_holds_its_texts_apart(models_home: Path) -> None:
    vectors = WordVectors(models_home / "e5")
    texts = [words_of("my parcel 延长"), words_of("refund please")]
    store = Store(texts, [[0, 1, 2, 2], [3, 0]], vectors)
    rows, real, tags = store.batch([1, 0])
    places = [GAP, GAP + 1, *range(2 * GAP + 2, 2 * GAP + 6)]
    assert real[:, 0].nonzero()[:, 0].tolist() == places
    assert tags[places].tolist() == [3, 0, 0, 1, 2, 2]
    assert set(tags.tolist()) == {APART, 0, 1, 2, 3}
    wanted = np.concatenate([vectors.of(texts[1]), vectors.of(texts[0])])
    torch.testing.assert_close(rows[places], torch.from_numpy(wanted), rtol=0.01, atol=0.02)
    assert not rows[real[:, 0] == 0].any()
