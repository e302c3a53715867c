"""`kefu evaluate intent`, `compare intent` and `explain` as an operator types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from tests.training.test_commands import kefu
from training import printing
from training.intent import TrainingOrder, train_intent


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    write_csv(folder / "train.csv", toy_rows())
    for name, seed in (("model", 1), ("other", 2)):
        order = TrainingOrder(
            data=folder / "train.csv",
            out=folder / name,
            base=str(write_encoder(folder / "tiny")),
            recipe=write_recipe(folder / "recipe.toml"),
            seed=seed,
        )
        train_intent(order, models_home=folder)
    return folder


@pytest.fixture(autouse=True)
def _in_folder(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(models)


EVALUATE = ("evaluate", "intent", "--model", "model", "--data", "train.csv")
COMPARE = ("compare", "intent", "--recipe", "recipe.toml", "--data", "train.csv")
EXPLAIN = ("explain", "my parcel please", "--model", "model")


def test_an_evaluation_against_another_model_writes_all_its_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = {"--report": "r.json", "--html": "p.html", "--errors": "e.csv", "--confusion": "c.png"}
    options = [word for option, name in files.items() for word in (option, str(tmp_path / name))]
    assert kefu(monkeypatch, *EVALUATE, "--against", "other", *options) == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    err = capsys.readouterr().err
    assert report["against"]["sentence"] in err
    assert report["against"]["sentence"] in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert report["risk_coverage"]["threshold"] is not None
    errors = (tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(errors) == round((1 - report["accuracy"]) * report["n"])
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_an_evaluation_needs_no_file_and_speaks_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, *EVALUATE, "--language", "zh") == 0
    err = capsys.readouterr().err
    assert "最容易混淆的意图" in err
    assert "范围外阈值" in err


def test_without_the_drawing_library_the_extra_is_named_before_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    assert kefu(monkeypatch, *EVALUATE, "--html", "p.html") == 1
    err = capsys.readouterr().err
    assert "A report with pictures needs the extra `train`" in err
    assert "Evaluating" not in err


def test_an_explanation_shows_the_text_and_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, *EXPLAIN) == 0
    out = capsys.readouterr().out
    assert "my parcel please" in out
    assert re.search(r"parcel\s+│\s+[+-]\d\.\d{3}", out)
    assert kefu(monkeypatch, *EXPLAIN, "--language", "zh", "--intent", "login") == 0
    assert "各个词" in capsys.readouterr().out


def test_an_explanation_for_programs_is_json_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, *EXPLAIN, "--json", "--intent", "refund") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["intent"] == "refund"
    assert [token[:3] for token in document["tokens"]][1] == ["parcel", 3, 9]


def test_a_comparison_prints_its_table_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = ("--base", "tiny", "--epochs", "1", "--folds", "2", "--fractions", "1")
    assert kefu(monkeypatch, *COMPARE, *options, "--out", str(tmp_path / "out")) == 0
    assert "0 of 2 trainings were already there" in capsys.readouterr().err
    assert kefu(monkeypatch, *COMPARE, *options, "--out", str(tmp_path / "out")) == 0
    err = capsys.readouterr().err
    assert "2 of 2 trainings were already there" in err
    assert "means over 2 folds" in err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("explain", " ", "--model", "model"), 1, "The text is empty"),
        ((*EXPLAIN, "--intent", "parcels"), 1, "did you mean parcel?"),
        (("explain", "x", "--model", "tiny"), 1, "tiny is not a usable intent model"),
        ((*EVALUATE, "--against", "no"), 1, "no is not a usable intent model"),
        (
            ("compare", "intent", "--recipe", "no.toml", "--data", "train.csv", "--out", "o"),
            1,
            "no.toml: the recipe cannot be read",
        ),
        ((*COMPARE, "--out", "o", "--fractions", "half"), 2, "no list such as 0.25,0.5,1"),
    ],
)
def test_bad_input_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    assert kefu(monkeypatch, *arguments) == code
    err = " ".join(capsys.readouterr().err.split())
    assert sentence in err
    assert "Traceback" not in err
