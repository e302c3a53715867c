"""What an erasure finds below KEFU_HOME: models that learnt a sentence, and rows of training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatbot.adapters.kept_files import HomeFiles
from chatbot.same_words import fingerprint
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection
from knowledge_base.passages import Document

THEIRS = {"demo": {"m-1": "Where is my parcel?", "m-2": "取消订单"}}


@pytest.fixture
def files(tmp_path: Path) -> HomeFiles:
    return HomeFiles(Settings(home=tmp_path, _env_file=None))


def _run(home: Path, number: str, **state: object) -> Path:
    folder = home / "training" / "demo" / "runs" / number
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps({"id": number, **state}), encoding="utf-8")
    return folder


def _version(home: Path, name: str) -> None:
    folder = home / "intents" / "demo" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"metrics": {"rows": 1}}), encoding="utf-8")


def test_versions_that_were_taught_are_told_apart_from_those_only_measured(
    files: HomeFiles, tmp_path: Path
) -> None:
    one, two = map(fingerprint, THEIRS["demo"].values())
    _version(tmp_path, "v1")
    _run(tmp_path, "a", version="v1", learnt=[one, "0" * 64], measured=[two])
    _run(tmp_path, "b", version="v2", learnt=[], measured=[one, two])
    _run(tmp_path, "c", version="v3", learnt=["0" * 64])
    found = files.models(THEIRS)
    assert [(one["version"], one["state"], one["sentences"]) for one in found["taught"]] == [
        ("v1", "retired", 1)
    ]
    assert [(one["version"], one["state"], one["sentences"]) for one in found["measured"]] == [
        ("v1", "retired", 1),
        ("v2", "deleted", 2),
    ]


def test_a_run_that_is_under_way_is_named_itself(files: HomeFiles, tmp_path: Path) -> None:
    _run(tmp_path, "now", version=None, learnt=[fingerprint("where is my PARCEL")])
    [found] = files.models(THEIRS)["taught"]
    assert (found["version"], found["state"]) == ("run now", "unfinished")


def test_another_collection_s_runs_say_nothing(files: HomeFiles, tmp_path: Path) -> None:
    _run(tmp_path, "a", version="v1", learnt=[fingerprint("取消订单")])
    assert files.models({"other": {"m-2": "取消订单"}})["taught"] == []


def test_rows_of_a_run_are_deleted_and_others_stay(files: HomeFiles, tmp_path: Path) -> None:
    rows = _run(tmp_path, "a") / "train.csv"
    rows.write_text(
        'text,intent,language\n"Where is my parcel?",track,en\n"hi, all",greet,en\n', "utf-8"
    )
    assert files.remove(THEIRS)["training_rows"] == 1
    assert rows.read_text("utf-8") == 'text,intent,language\n"hi, all",greet,en\n'
    assert files.remove(THEIRS)["training_rows"] == 0


def test_an_exported_review_queue_loses_their_rows_by_number(
    files: HomeFiles, tmp_path: Path
) -> None:
    export = tmp_path / "training" / "demo" / "review.csv"
    export.parent.mkdir(parents=True)
    export.write_text(
        "\ufefftext,intent,language,id,reason,suggested\n"
        "取消订单,,zh,m-2,low,cancel\n取消订单,,zh,m-9,low,cancel\n",
        "utf-8",
    )
    counts = files.remove(THEIRS)
    assert counts == {"training_rows": 1, "training_rows_of_same_words_left": 1}
    assert export.read_text("utf-8").startswith("\ufefftext")
    assert "m-9" in export.read_text("utf-8")
    assert "m-2" not in export.read_text("utf-8")


def test_the_company_s_own_rows_stay_and_are_counted(files: HomeFiles, tmp_path: Path) -> None:
    own = tmp_path / "demo" / "train.csv"
    own.parent.mkdir()
    own.write_text("text,intent\nwhere is my parcel,track\n", "utf-8")
    (tmp_path / "demo" / "other.csv").write_bytes(b"\xff\xfe")
    before = own.read_bytes()
    assert files.remove(THEIRS) == {"training_rows": 0, "training_rows_of_same_words_left": 1}
    assert own.read_bytes() == before


def test_articles_that_name_the_customer_are_listed(files: HomeFiles, tmp_path: Path) -> None:
    articles = Collection.within(tmp_path / "collections", "demo")
    articles.merge(
        [
            Document("thanks", "Who helped?", "We thank Customer-4711 for the report."),
            Document("other", "Which number?", "customer-47110"),
        ]
    )
    assert files.naming("customer-4711") == [{"collection": "demo", "document_id": "thanks"}]
    assert files.naming("c1") == ()


def test_articles_that_named_the_customer_once_are_listed_until_they_are_forgotten(
    files: HomeFiles, tmp_path: Path
) -> None:
    articles = Collection.within(tmp_path / "collections", "demo")
    articles.merge([Document("thanks", "Who helped?", "Customer-4711."), Document("b", "B?", "B")])
    articles.merge([Document("thanks", "Who helped?", "A customer.")])
    assert files.naming("customer-4711") == [{"collection": "demo", "document_id": "thanks"}]
    articles.remove(["thanks"])
    articles.forget(["thanks"])
    assert files.naming("customer-4711") == []


def test_knowledge_that_cannot_be_read_is_told(files: HomeFiles, tmp_path: Path) -> None:
    articles = Collection.within(tmp_path / "collections", "demo")
    articles.merge([Document("one", "Who?", "Nobody.")])
    (found,) = articles.root.glob("documents*")
    found.write_bytes(b"{")
    assert files.naming("customer-4711") == [{"collection": "demo", "unreadable": "IndexCorrupt"}]


def test_rows_that_lie_sealed_inside_a_version_are_removed_and_stay_sealed(
    files: HomeFiles, tmp_path: Path
) -> None:
    _version(tmp_path, "v1")
    table = tmp_path / "intents" / "demo" / "v1" / "rows.csv"
    table.write_text("id,text\nm-1,Where is my parcel?\nm-9,hello\n", encoding="utf-8")
    vault = open_vault(Settings(home=tmp_path, _env_file=None))
    vault.seal_version(table.parent)
    assert files.remove(THEIRS)["training_rows"] == 1
    assert not table.exists()
    assert vault.read(table).decode() == "id,text\nm-9,hello\n"


def test_sealed_documents_that_name_the_customer_are_found(
    files: HomeFiles, tmp_path: Path
) -> None:
    sealed = Settings(home=tmp_path, seal_files=True, _env_file=None)
    article = Document("vip", "Who is customer-4711?", "A friend.", "VIP", language="en")
    collection_of(sealed, "demo").merge([article])
    assert b"4711" not in b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )
    assert files.naming("customer-4711") == [{"collection": "demo", "document_id": "vip"}]


def test_documents_sealed_with_a_lost_key_ring_do_not_stop_an_erasure(
    files: HomeFiles, tmp_path: Path
) -> None:
    sealed = Settings(home=tmp_path, seal_files=True, _env_file=None)
    article = Document("vip", "Who is customer-4711?", "A friend.", "VIP", language="en")
    collection_of(sealed, "demo").merge([article])
    shutil.rmtree(sealed.keys_home)
    assert files.naming("customer-4711") == [
        {"collection": "demo", "unreadable": "SealedWithAnotherKey"}
    ]
