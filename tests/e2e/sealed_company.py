"""A company whose index and trained intent model are real, small, and lie on disk sealed or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from safetensors.numpy import load_file

from chatbot.bootstrap import Kefu, build, load_intents
from chatbot.conversation import Turn
from chatbot.fakes import MemoryStore
from chatbot.file_vault import FileVault
from chatbot.intent_home import current_intents
from chatbot.ports import IntentModel
from chatbot.reception import open_conversation
from chatbot.settings import Settings
from chatbot.turn import answer_turn
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe
from training.cycle import CycleOrder, run_cycle
from training.cycle_rows import BaseData
from training.cycle_run import Run
from training.intent import TrainingOrder, train_intent
from training.progress import Watch
from training.registry import Registry
from training.review import MemoryReviewQueue

QUESTION = "where is my parcel"
ARTICLES = (
    Document("en", f"{QUESTION}?", "The heron courier brings it.", "Parcels", language="en"),
    Document("zh", "我的包裹在哪里？", "由苍鹭快递送达。", "包裹", language="zh"),
)


@dataclass
class Company:
    settings: Settings
    outside: Path
    """For what the company pulled and what people wrote: nobody seals that."""
    starts: list[list[str]] = field(default_factory=list)
    """Of each training that went on from a model: the files it could read there."""

    @property
    def vault(self) -> FileVault:
        return open_vault(self.settings)

    def sealing(self, wanted: bool) -> Company:
        return replace(self, settings=self.settings.model_copy(update={"seal_files": wanted}))

    def build_index(self) -> str:
        articles = collection_of(self.settings, self.settings.collection)
        articles.merge(ARTICLES)
        return articles.build(HashingEmbedder())

    def retrain(self, run_id: str, *, epochs: int = 1) -> Run:
        """Promoted whatever the gate says of so small a model."""
        order = CycleOrder(
            run_id=run_id,
            collection="demo",
            data=self._rows(),
            folder=self.settings.home / "training" / "demo",
            intents_home=self.settings.intents_home,
            by="worker",
            base="minilm",
            epochs=epochs,
            recipe=write_recipe(self.outside / "recipe.toml"),
            even_if_nothing_new=True,
        )
        load: Callable[[Path], IntentModel] = lambda path: load_intents(  # noqa: E731
            path, self.settings, vault=self.vault
        )
        run = run_cycle(
            *(order,),
            queue=MemoryReviewQueue(),
            train=self._train,
            load=load,
            vault=self.vault,
        )
        if run.version is not None and run.version != self.registry.champion:
            self.registry.promote(run.version, by="anna", override=True)
        return run

    def _rows(self) -> BaseData:
        write_encoder(self.outside / "models" / "minilm")
        said = {"train": "", "test": " today", "validation": " still"}
        paths = {
            name: write_csv(
                self.outside / f"{name}.csv",
                [replace(row, text=row.text + words) for row in toy_rows(20, outside=20)],
            )
            for name, words in said.items()
        }
        return BaseData(**paths)

    def _train(self, order: TrainingOrder, watch: Watch) -> None:
        if order.start is not None:
            self.starts.append([path.name for path in order.start.iterdir()])
        train_intent(order, models_home=self.outside / "models", watch=watch)

    def serve(self) -> Kefu:
        """Conversations are kept in memory: an answer quotes its article, and so would they."""
        return build(self.settings, store=MemoryStore(), embedder=HashingEmbedder())

    @property
    def version(self) -> Path:
        found = current_intents(self.settings.intents_home, "demo")
        assert found is not None
        return found

    @property
    def registry(self) -> Registry:
        return Registry(self.settings.intents_home, "demo", vault=self.vault)

    def secrets(self) -> dict[str, bytes]:
        """What must not be found: words of articles, and bytes that only the trained model has."""
        with self.vault.opened(self.version) as opened:
            weights = load_file(opened / "model.safetensors")["classifier.weight"].tobytes()
            centroids = load_file(opened / "scorer.safetensors")["centroids"].tobytes()
        return {
            "an article": b"heron courier",
            "中文文章": "苍鹭快递".encode(),
            "the network's head": weights[:64],
            "the scorer": centroids[:64],
        }

    def holding(self, secret: bytes) -> list[str]:
        files = (path for path in self.settings.home.rglob("*") if path.is_file())
        return [path.name for path in files if secret in path.read_bytes()]


def ask(kefu: Kefu, text: str = QUESTION) -> Turn:
    opened = open_conversation(kefu.store, kefu.clock, channel="web", collection="demo")
    return answer_turn(kefu.desk("demo"), opened.conversation, text=text, client_message_id="1")
