import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.adapters.name_model import MANIFEST, NETWORK, NameModel
from chatbot.errors import NameModelInvalid
from tests.tiny_encoder import write_encoder
from training.names.model import NameOrder, NameReport, train_names
from training.names.trainer import NameRecipe
from training.progress import SilentWatch

RECIPE = NameRecipe(sentences=300, held_out_sentences=60, epochs=1, width=16)


@pytest.fixture(scope="module")
def trained(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("names")
    report = train_names(
        NameOrder(out, recipe=RECIPE), models_home=models_home, watch=SilentWatch()
    )
    assert isinstance(report, NameReport)
    return out


def test_a_trained_model_finds_spans_within_its_texts(trained: Path, models_home: Path) -> None:
    texts = ["", "   ", "Anna Berg, 12 Elm Road", "我叫张伟，住在深圳市南山区科技园", "x" * 5000]
    found = NameModel(trained, models_home / "e5").find(texts)
    assert len(found) == len(texts)
    assert found[:2] == [[], []]
    for text, spans in zip(texts, found, strict=True):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_text_is_read_alike_alone_and_among_others(trained: Path, models_home: Path) -> None:
    model = NameModel(trained, models_home / "e5")
    texts = [f"please ask Anna Berg about parcel {number}" for number in range(70)]
    assert model.find(texts) == [model.find([text])[0] for text in texts]


def test_a_long_text_is_read_as_its_stretches_are(trained: Path, models_home: Path) -> None:
    model = NameModel(trained, models_home / "e5")
    sentence = "ask Anna Berg at 12 Elm Road about the parcel today. "
    [long] = model.find([sentence * 900])
    [short] = model.find([sentence * 9])
    inner = [span for span in short if len(sentence) * 3 <= span.start < len(sentence) * 6]
    repeated = [
        replace(span, start=span.start + len(sentence) * 800, end=span.end + len(sentence) * 800)
        for span in inner
    ]
    assert set(repeated) <= set(long)


def test_the_same_order_is_not_trained_twice(trained: Path, models_home: Path) -> None:
    order = NameOrder(trained, recipe=RECIPE)
    assert train_names(order, models_home=models_home, watch=SilentWatch()) is None


def test_broken_weights_are_trained_again(trained: Path, models_home: Path, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes((trained / MANIFEST).read_bytes())
    (tmp_path / NETWORK).write_bytes(b"cut short")
    order = NameOrder(tmp_path, recipe=RECIPE)
    assert train_names(order, models_home=models_home, watch=SilentWatch()) is not None
    assert NameModel(tmp_path, models_home / "e5").find(["Anna Berg"])


def test_weights_that_are_not_those_trained_are_refused(
    trained: Path, models_home: Path, tmp_path: Path
) -> None:
    for name in (MANIFEST, NETWORK):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    with (tmp_path / NETWORK).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(NameModelInvalid, match="not the file trained"):
        NameModel(tmp_path, models_home / "e5")


def test_a_model_of_another_encoder_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(NameModelInvalid, match="another encoder"):
        NameModel(trained, write_encoder(tmp_path, hidden_size=16))


def test_a_manifest_that_is_none_is_named(trained: Path, models_home: Path, tmp_path: Path) -> None:
    (tmp_path / NETWORK).write_bytes((trained / NETWORK).read_bytes())
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 1}))
    with pytest.raises(NameModelInvalid, match=MANIFEST):
        NameModel(tmp_path, models_home / "e5")
