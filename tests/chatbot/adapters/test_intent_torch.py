from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import torch

from chatbot.adapters.intent_directory import REQUIRED, file_sha256
from chatbot.adapters.intent_network import load_network, mean_pool, save_network
from chatbot.adapters.intent_tokens import Tokens, pad
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.errors import ModelDirectoryInvalid
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.intent import TrainingOrder, train_intent

TEXTS = [row.text for row in toy_rows()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("intent")
    order = TrainingOrder(
        data=write_csv(folder / "train.csv", toy_rows()),
        out=folder / "model",
        base=str(write_encoder(folder / "tiny-e5")),
        recipe=write_recipe(folder / "recipe.toml"),
    )
    train_intent(order, models_home=folder)
    return order.out


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def _edit(folder: Path, name: str, **changes: object) -> None:
    """Change a JSON file and give the manifest its new hash, as a careful forger would."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    if name != "manifest.json":
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][name] = file_sha256(path)
        (folder / "manifest.json").write_text(json.dumps(manifest))


def test_an_understanding_ranks_all_intents_with_probabilities(trained: Path) -> None:
    model = TorchIntentModel(trained)
    for result in model.understand(TEXTS):
        names, probabilities = zip(*result.ranking, strict=True)
        assert sorted(names) == sorted(model.labels)
        assert sum(probabilities) == pytest.approx(1.0)
        assert list(probabilities) == sorted(probabilities, reverse=True)
        assert result.confidence == probabilities[0]
        assert 0.0 <= result.out_of_scope <= 1.0
        assert result.intent in (names[0], "out_of_scope")


def test_out_of_scope_is_the_intent_where_the_threshold_says_so(copy: Path) -> None:
    threshold = median(result.out_of_scope for result in TorchIntentModel(copy).understand(TEXTS))
    _edit(copy, "calibration.json", out_of_scope_threshold=threshold)
    results = TorchIntentModel(copy).understand(TEXTS)
    assert {result.intent == "out_of_scope" for result in results} == {True, False}
    for result in results:
        assert (result.intent == "out_of_scope") == (result.out_of_scope >= threshold)


def test_a_text_gets_the_same_result_alone_and_in_company(trained: Path) -> None:
    model = TorchIntentModel(trained)
    together = model.understand(TEXTS)
    for text, result in zip(TEXTS[::9], together[::9], strict=True):
        alone = model.understand([text])[0]
        assert alone.intent == result.intent
        assert alone.confidence == pytest.approx(result.confidence, abs=1e-5)


def test_two_loads_of_a_directory_answer_alike(trained: Path) -> None:
    assert TorchIntentModel(trained).understand(TEXTS) == TorchIntentModel(trained).understand(
        TEXTS
    )


def test_no_text_has_no_result_and_strange_texts_have_one(trained: Path) -> None:
    model = TorchIntentModel(trained)
    assert model.understand([]) == []
    assert len(model.understand(["", "🙂", "parcel " * 5000])) == 3


def test_a_text_is_cut_after_128_tokens(trained: Path) -> None:
    model = TorchIntentModel(trained)
    long = "where is my parcel " * 100
    first, second = model.understand([long, long + "refund " * 100])
    assert first.ranking == second.ranking


def test_threads_may_share_a_model(trained: Path) -> None:
    model = TorchIntentModel(trained)
    expected = model.understand(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for results in pool.map(lambda _: model.understand(TEXTS), range(8)):
            assert results == expected


def test_the_prefix_of_the_encoder_stands_before_every_text(trained: Path) -> None:
    assert json.loads((trained / "manifest.json").read_text())["prefix"] == "query: "
    plain = Tokens(trained / "tokenizer.json")
    prefixed = Tokens(trained / "tokenizer.json", prefix="query: ")
    assert prefixed.encode(["parcel"]) == plain.encode(["query: parcel"])


@pytest.mark.parametrize("name", REQUIRED)
def test_a_tampered_file_is_refused_by_name(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[-2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelDirectoryInvalid, match=f"{name} is not the file that was trained"):
        TorchIntentModel(copy)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_refused_by_name(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelDirectoryInvalid, match=f"{name} is missing"):
        TorchIntentModel(copy)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "retriever"}, "does not describe an intent model"),
        ({"format": 2}, "its format is 2, this version of Kefu reads 1"),
        ({"files": {}}, "does not list config.json"),
        ({"files": dict.fromkeys([*REQUIRED, "../x"], "")}, "is not the file|names a file outside"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    copy: Path, changes: dict[str, object], reason: str
) -> None:
    _edit(copy, "manifest.json", **changes)
    with pytest.raises(ModelDirectoryInvalid, match=reason):
        TorchIntentModel(copy)


def test_a_manifest_without_a_prefix_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["prefix"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDirectoryInvalid, match="the entry 'prefix' is missing"):
        TorchIntentModel(copy)


def test_a_file_named_outside_the_directory_is_not_even_read(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"] = {"../secret": "", **manifest["files"]}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDirectoryInvalid, match="names a file outside"):
        TorchIntentModel(copy)


def test_a_directory_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelDirectoryInvalid, match="there is no such directory"):
        TorchIntentModel(tmp_path / "absent")
    with pytest.raises(ModelDirectoryInvalid, match=r"it has no manifest\.json"):
        TorchIntentModel(tmp_path)


def test_labels_that_do_not_fit_the_network_are_refused(copy: Path) -> None:
    (copy / "labels.json").write_text('["a", "b"]')
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["labels.json"] = file_sha256(copy / "labels.json")
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelDirectoryInvalid, match="2 labels for a network with 4"):
        TorchIntentModel(copy)


def test_a_network_survives_saving_unchanged(tmp_path: Path) -> None:
    network = load_network(write_encoder(tmp_path / "tiny"), labels=5)
    save_network(network, tmp_path / "saved")
    again = load_network(tmp_path / "saved")
    ids, mask = (torch.from_numpy(part) for part in pad([[1, 4, 5, 2], [1, 6, 2]], 0))
    with torch.inference_mode():
        assert torch.equal(network(ids, mask).logits, again(ids, mask).logits)
        assert torch.equal(network(ids, mask).embedding, again(ids, mask).embedding)


def test_padding_has_no_part_in_the_mean() -> None:
    states = torch.tensor([[[1.0], [3.0], [99.0]]])
    assert mean_pool(states, torch.tensor([[1, 1, 0]])).item() == 2.0


def test_rows_are_padded_to_the_longest() -> None:
    ids, mask = pad([[7, 8], [9]], 1)
    assert np.array_equal(ids, [[7, 8], [9, 1]])
    assert np.array_equal(mask, [[1, 1], [1, 0]])
