"""Knowledge and models that lie on disk sealed serve, learn and are exchanged like plain ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.file_vault import is_sealed
from chatbot.settings import Settings
from chatbot.turn import look_up
from chatbot.vault_home import collection_of
from knowledge_base.fakes import HashingEmbedder
from privacy.keyring_file import FileKeyRing
from tests.conftest import call_kefu
from tests.e2e.sealed_company import ARTICLES, QUESTION, Company, ask
from tests.memory_places import IN_MEMORY, memory_place
from tests.training.tiny_versions import write_version
from training import demo
from training.intent import TrainingOrder, TrainingReport
from training.progress import SilentWatch

pytestmark = pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with memory_place() as place:
        yield place


@pytest.fixture(scope="module")
def finished(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """With an index and a model, sealed from the start."""
    outside = tmp_path_factory.mktemp("outside")
    home = tmp_path_factory.mktemp("company") / "home"
    settings = Settings(home=home, seal_files=True, memory_home=place, _env_file=None)
    company = Company(settings, outside)
    company.build_index()
    company.retrain("night-1", epochs=12)
    return company


@pytest.fixture
def company(finished: Company, tmp_path: Path) -> Company:
    """A copy of it, for a test to change."""
    home = tmp_path / "home"
    shutil.copytree(finished.settings.home, home)
    return Company(finished.settings.model_copy(update={"home": home}), finished.outside)


def _left(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() and path.name != ".lock"]


def test_a_sealed_company_answers_and_searches(company: Company, place: Path) -> None:
    kefu = company.serve()
    turn = ask(kefu)
    assert turn.error is None
    assert turn.reply.text == "The heron courier brings it."
    assert turn.reply.versions["intents"] == company.version.name
    hits = look_up(kefu.desk("demo"), "我的包裹在哪里", limit=5)
    assert hits[0].passage.document_id == "zh"
    (understood,) = kefu.intents("demo").understand(["my courier still"])
    assert understood.intent == "parcel"
    assert _left(place) == []


def test_no_file_of_the_home_holds_an_article_or_a_weight(company: Company) -> None:
    company.serve().warm_up()
    assert {name: company.holding(secret) for name, secret in company.secrets().items()} == {
        name: [] for name in company.secrets()
    }


def test_what_is_looked_for_is_found_where_it_lies_in_plain(company: Company) -> None:
    """Or the test above would prove nothing."""
    call = call_kefu("keys", "seal-files", "--open", **_surroundings(company))
    assert call.returncode == 0, call.stderr
    found = {name: company.holding(secret) for name, secret in company.secrets().items()}
    assert not [name for name, files in found.items() if not files]


def test_the_eight_bit_graph_is_made_once_and_kept_sealed(company: Company) -> None:
    company.serve().warm_up()
    graph = company.version / "onnx" / "encoder.int8.onnx.sealed"
    made = graph.stat().st_mtime_ns
    company.serve().warm_up()
    assert graph.stat().st_mtime_ns == made
    assert not graph.with_suffix("").exists()


def test_a_retraining_goes_on_from_the_sealed_model_and_seals_its_own(company: Company) -> None:
    first = company.version
    company.retrain("night-2")
    assert "model.safetensors" in company.starts[0]
    assert company.version != first
    assert is_sealed(company.version)
    assert not [name for name, secret in company.secrets().items() if company.holding(secret)]
    assert ask(company.serve()).reply.versions["intents"] == company.version.name


def test_a_running_product_takes_up_plain_and_sealed_versions_and_goes_back(
    company: Company,
) -> None:
    kefu, sealed = company.serve(), company.version
    assert ask(kefu).reply.versions["intents"] == sealed.name
    plain = company.sealing(False)
    plain.retrain("night-2")
    assert not is_sealed(plain.version)
    assert ask(kefu).reply.versions["intents"] == plain.version.name
    company.registry.rollback(by="anna")
    assert ask(kefu).reply.versions["intents"] == sealed.name


def test_articles_that_change_are_sealed_too(company: Company) -> None:
    articles = collection_of(company.settings, "demo")
    articles.remove(["zh"])
    articles.build(HashingEmbedder())
    assert [document.id for document in articles.documents()] == ["en"]
    assert company.holding(b"heron courier") == []


def test_an_index_that_is_up_to_date_is_not_built_again(company: Company) -> None:
    articles = collection_of(company.settings, "demo")
    assert company.build_index() == articles.current_version()


def test_sealing_an_older_home_changes_no_answer(company: Company, place: Path) -> None:
    surroundings = _surroundings(company)
    assert call_kefu("keys", "seal-files", "--open", **surroundings).returncode == 0
    plain = company.sealing(False)
    before = ask(plain.serve())
    assert not is_sealed(company.version)
    sealing = call_kefu("keys", "seal-files", **surroundings)
    assert sealing.returncode == 0, sealing.stderr
    assert "3 versions and collections" in sealing.stdout
    assert is_sealed(company.version)
    assert ask(company.serve()).reply.text == before.reply.text
    assert not [name for name, secret in company.secrets().items() if company.holding(secret)]
    assert "seal_files" in call_kefu("ledger", "list", **surroundings).stdout
    assert _left(place) == []


def test_sealing_twice_finds_nothing_left_to_do(company: Company) -> None:
    said = call_kefu("keys", "seal-files", **_surroundings(company)).stdout
    assert "0 versions and collections" in said


def test_rotating_the_master_key_leaves_everything_readable(company: Company) -> None:
    assert call_kefu("keys", "rotate", **_surroundings(company)).returncode == 0
    assert ask(company.serve()).reply.text == "The heron courier brings it."


def test_commands_that_read_a_model_open_a_sealed_one(company: Company) -> None:
    surroundings = _surroundings(company)
    explained = call_kefu("explain", QUESTION, "--model", company.version, **surroundings)
    assert explained.returncode == 0, explained.stderr
    assert "parcel" in explained.stdout
    evaluated = call_kefu(
        *("evaluate", "intent", "--model", company.version, "--data"),
        *(company.outside / "test.csv", "--report", company.outside / "report.json"),
        **surroundings,
    )
    assert evaluated.returncode == 0, evaluated.stderr


def test_the_demo_companys_own_training_is_sealed_too(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company.vault.opened(company.version) as opened:
        shutil.copytree(opened, tmp_path / "trained")
    version = "20990101T000000Z-00000000"

    def train(order: TrainingOrder, **_: object) -> TrainingReport:
        write_version(tmp_path / "trained", order.out, version=version)
        return TrainingReport(version, "tiny", 1, 1, 1, (), {})

    monkeypatch.setattr(demo, "train_intent", train)
    demo.train_demo(
        {name: company.outside / f"{name}.csv" for name in ("train", "validation")},
        intents_home=company.settings.intents_home,
        models_home=company.outside / "models",
        watch=SilentWatch(),
        vault=company.vault,
    )
    assert company.version.name == version
    assert is_sealed(company.version)
    assert ask(company.serve()).reply.versions["intents"] == version


def test_lists_need_no_memory_and_no_key(company: Company) -> None:
    surroundings = _surroundings(company) | {"KEFU_MEMORY_HOME": "/proc"}
    assert company.version.name in call_kefu("retrain", "status", **surroundings).stdout
    listed = call_kefu("kb", "list", **surroundings)
    assert str(len(ARTICLES)) in listed.stdout


def test_without_memory_a_command_says_what_to_set(company: Company) -> None:
    surroundings = _surroundings(company) | {"KEFU_MEMORY_HOME": "/proc"}
    call = call_kefu("explain", QUESTION, "--model", company.version, **surroundings)
    assert call.returncode == 1
    assert "KEFU_MEMORY_HOME" in call.stderr
    assert len(call.stderr.strip().splitlines()) == 1


def test_with_another_key_ring_a_command_says_so_in_one_sentence(company: Company) -> None:
    shutil.rmtree(company.settings.keys_home)
    FileKeyRing(company.settings.keys_home)
    call = call_kefu("kb", "list", **_surroundings(company))
    assert call.returncode == 1
    assert "sealed with another key ring" in call.stderr
    assert len(call.stderr.strip().splitlines()) == 1


def _surroundings(company: Company) -> dict[str, object]:
    return {
        "home": company.settings.home,
        "KEFU_SEAL_FILES": "true",
        "KEFU_MEMORY_HOME": str(company.settings.memory_home),
    }
