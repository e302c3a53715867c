from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import chatbot.cli
from chatbot.cli import main
from chatbot.intent_home import current_intents, promote_intents
from chatbot.privacy_home import open_privacy_desk
from chatbot.settings import Settings, load_settings
from tests.tiny_encoder import write_csv
from tests.training.tiny_versions import (
    CountingTrainer,
    load_reciting,
    train_tiny,
    write_version,
)
from training import retraining
from training.corpus import Utterance
from training.cycle_run import RunFolder
from training.intent import TrainingOrder
from training.progress import Watch
from training.registry import Registry

TOPICS = ("login", "parcel", "refund")
FIRST, SECOND = "20260101T000000Z-00000000", "20260102T000000Z-00000000"


def _rows(part: str, count: int) -> list[Utterance]:
    rows = [Utterance(f"{part} {topic} {n}", topic, "en") for topic in TOPICS for n in range(count)]
    return [*rows, *(Utterance(f"{part} pizza {n}", "out_of_scope", "en") for n in range(count))]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def settings(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {"HOME": str(tmp_path), "COLLECTION": "acme"}.items():
        monkeypatch.setenv(f"KEFU_{name}", value)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("USER", "anna")
    monkeypatch.chdir(tmp_path)
    entry = EntryPoint("retrain", "training.retrain_commands:register", chatbot.cli.COMMANDS)
    monkeypatch.setattr(chatbot.cli, "entry_points", lambda group: [entry])
    settings = load_settings()
    taught = {row.text: row.intent for row in _rows("train", 10)}
    for version in (FIRST, SECOND):
        write_version(tiny, settings.intents_home / "acme" / version, taught=taught)
        promote_intents(settings.intents_home, "acme", version)
    folder = settings.home / "training" / "acme"
    folder.mkdir(parents=True)
    write_csv(folder / "train.csv", _rows("train", 10))
    write_csv(folder / "test.csv", _rows("test", 20))
    return settings


def _fake_training(
    monkeypatch: pytest.MonkeyPatch, tiny: Path, *, shuffled: bool = False
) -> CountingTrainer:
    trainer = CountingTrainer(tiny, shuffled=shuffled)

    def train(order: TrainingOrder, *, models_home: Path, watch: Watch) -> None:
        trainer(order, watch)

    monkeypatch.setattr(retraining, "train_intent", train)
    monkeypatch.setattr(retraining, "load_intents", lambda path, settings: load_reciting(path))
    return trainer


def _kefu(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["kefu", "retrain", *map(str, arguments)])
    with pytest.raises(SystemExit) as exited:
        main()
    return int(exited.value.code or 0)


def _label(folder: Path, intent: str, count: int) -> Path:
    path = folder / "reviewed.csv"
    rows = [f"dear {intent} {n},{intent},en,,," for n in range(count)]
    header = "text,intent,language,id,reason,suggested"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _serving(settings: Settings) -> str:
    directory = current_intents(settings.intents_home, "acme")
    assert directory is not None
    return directory.name


def test_reviewed_sentences_of_a_new_intent_lead_to_a_new_champion(
    settings: Settings,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _fake_training(monkeypatch, tiny)
    reviewed = _label(settings.home, "voucher", 20)
    assert _kefu(monkeypatch, "import", reviewed) == 1
    assert "--new-intents" in capsys.readouterr().err
    assert _kefu(monkeypatch, "import", reviewed, "--new-intents") == 0
    assert "20 sentences approved, 0 rejected." in capsys.readouterr().out
    assert _kefu(monkeypatch, "run") == 0
    out = capsys.readouterr().out
    assert "serves now, taught with 20 reviewed sentences." in out
    assert "of the held-out rows of the new intent voucher, 100% are understood" in out
    assert _serving(settings) not in (FIRST, SECOND)
    assert _kefu(monkeypatch, "rollback") == 0
    assert _serving(settings) == SECOND


def test_a_refused_challenger_is_exit_code_1_with_the_reasons_in_either_language(
    settings: Settings,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _fake_training(monkeypatch, tiny, shuffled=True)
    assert _kefu(monkeypatch, "import", _label(settings.home, "parcel", 8)) == 0
    assert _kefu(monkeypatch, "run", "--language", "zh") == 1
    captured = capsys.readouterr()
    assert "未通过检查，继续使用现有模型" in captured.err
    assert "准确率由 1.000 变为 0.000" in captured.out
    assert _serving(settings) == SECOND
    assert _kefu(monkeypatch, "status") == 0
    out = capsys.readouterr().out
    assert "Failed: accuracy goes from 1.000 to 0.000" in out
    assert "0 to label, 8 approved, 0 rejected" in out
    refused = Registry(settings.intents_home, "acme").history()[0].name
    assert _kefu(monkeypatch, "promote", refused) == 1
    assert "--override" in capsys.readouterr().err
    assert _kefu(monkeypatch, "promote", refused, "--override", "--by", "boss") == 0
    assert _serving(settings) == refused


def test_nothing_new_is_said_and_no_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _kefu(monkeypatch, "run") == 0
    assert "nothing new to teach" in capsys.readouterr().out


def test_a_run_that_broke_off_is_continued_without_its_name(
    settings: Settings, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = _fake_training(monkeypatch, tiny)
    assert _kefu(monkeypatch, "import", _label(settings.home, "parcel", 8)) == 0

    def stop() -> None:
        raise OSError(28, "No space left on device")

    trainer.before = stop
    assert _kefu(monkeypatch, "run") == 1
    trainer.before = lambda: None
    assert _kefu(monkeypatch, "run") == 0
    (state,) = (settings.home / "training" / "acme" / "runs").glob("*/state.json")
    assert json.loads(state.read_text())["outcome"] == "promoted"


def test_no_promote_leaves_the_last_word_to_a_person(
    settings: Settings,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _fake_training(monkeypatch, tiny)
    assert _kefu(monkeypatch, "import", _label(settings.home, "parcel", 8)) == 0
    assert _kefu(monkeypatch, "run", "--no-promote", "--run-id", "r1") == 0
    run = RunFolder(settings.home / "training" / "acme", "r1").read()
    assert run is not None
    assert f"kefu retrain promote {run.version}" in capsys.readouterr().out
    assert _serving(settings) == SECOND


def test_the_status_is_told_in_plain_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _kefu(monkeypatch, "status") == 0
    out = capsys.readouterr().out
    assert "serves" in out
    assert "served before" in out
    assert _kefu(monkeypatch, "status", "--language", "zh") == 0
    assert "正在服务" in capsys.readouterr().out


def test_an_export_holds_what_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _kefu(monkeypatch, "export", "wait.csv") == 0
    assert "0 sentences are in wait.csv." in capsys.readouterr().out
    assert (settings.home / "wait.csv").read_text("utf-8-sig").startswith("text,intent,language")
    [entry] = open_privacy_desk(settings).ledger.entries()
    assert (entry.action, entry.subject) == ("export_review", "review:acme")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("promote", "nine"), "has no version nine on disk"),
        (("rollback", "--collection", "empty"), "has no earlier champion left"),
        (("run", "--collection", "empty"), "put train.csv and test.csv"),
        (("run", "--run-id", "../x"), "The run id '../x' cannot be used"),
        (("status", "--collection", "../../x"), "../../x"),
        (("import", "no.csv"), "no.csv: there is no such file."),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert _kefu(monkeypatch, *arguments) == 1
    err = capsys.readouterr().err
    assert sentence in err
    assert "Traceback" not in err


def test_wrong_usage_is_exit_code_2(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _kefu(monkeypatch, "promote") == 2


def test_the_demo_company_learns_from_the_rows_that_its_command_wrote(settings: Settings) -> None:
    folder = settings.home / "demo"
    folder.mkdir()
    assert retraining.training_data(settings, "demo").test == folder / "test.csv"
    assert retraining.training_data(settings, "acme").test.parent.name == "acme"
