"""The composition root: the only module that knows which class stands behind which port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import structlog
from sqlalchemy import Engine

from chatbot.adapters.broker_address import broker_address
from chatbot.adapters.broker_redis import RedisBroker
from chatbot.adapters.database import connect, migrate
from chatbot.adapters.events_redis import RedisEvents
from chatbot.adapters.intent_compression import TORCH, choose_runtime
from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.queue_celery import CeleryQueue
from chatbot.adapters.store_api_keys import SqlApiKeys
from chatbot.adapters.store_assists import SqlAssists
from chatbot.adapters.store_events import SqlEvents
from chatbot.adapters.store_handoff import SqlHandoffs
from chatbot.adapters.store_jobs import SqlJobs
from chatbot.adapters.store_labels import SqlLabels
from chatbot.adapters.store_reports import SqlReports
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.store_unanswered import SqlUnanswered
from chatbot.adapters.store_users import SqlUsers
from chatbot.bootstrap_dialogue import open_clerk, open_writer
from chatbot.clock import SystemClock
from chatbot.detection import configure_detection
from chatbot.errors import (
    KnowledgeServerUnavailable,
    MemoryHomeUnusable,
    ModelDirectoryInvalid,
)
from chatbot.fakes import MemoryAttributes, MemoryConsents
from chatbot.flows.clerk import Clerk
from chatbot.gaps import UnansweredLog
from chatbot.generic import GenericIntents, NoIntents
from chatbot.intent_home import CURRENT, current_intents
from chatbot.job_fakes import MemoryEvents
from chatbot.job_kinds import load_kinds
from chatbot.key_home import open_key_ring
from chatbot.knowledge_home import milvus_shelf, open_milvus
from chatbot.office import Office
from chatbot.people import FrontDoor
from chatbot.policy import Thresholds
from chatbot.ports import Broker, Clock, ConversationStore, Events, IntentModel, Retriever
from chatbot.privacy_desk import PrivacyDesk
from chatbot.privacy_home import make_privacy_desk
from chatbot.privacy_ports import Attributes, Consents
from chatbot.retriever_home import (
    E5,
    answer_threshold,
    is_promoted,
    is_taught,
    load_plain_embedder,
    means_around,
    open_means,
)
from chatbot.retriever_home import load_embedder as load_embedder
from chatbot.settings import Settings
from chatbot.shelf import Shelf, pointer_text
from chatbot.templates import Templates, load_templates
from chatbot.turn import Desk, Models, look_up
from chatbot.vault_home import collection_of, open_vault
from chatbot.writer import Writer
from knowledge_base.collection import Collection, list_collections
from knowledge_base.embedding import Embedder
from knowledge_base.errors import CollectionError, IndexMissing, KnowledgeError
from knowledge_base.passages import Document
from knowledge_base.placement import Placement
from knowledge_base.search import KnowledgeBase
from knowledge_base.taught import Means
from knowledge_base.vault import PLAIN, Vault
from privacy.errors import PrivacyError
from privacy.keyring import KeyRing
from privacy.redaction import redact

_log = structlog.get_logger()

DEMO = "demo"
# Of a sealed version whose key or place in memory is missing.
_UNOPENED = (PrivacyError, MemoryHomeUnusable)


@dataclass(frozen=True)
class Kefu:
    """The running product."""

    settings: Settings
    store: ConversationStore
    clock: Clock
    templates: Templates
    thresholds: Thresholds
    redact: Callable[[str], str]
    intents: Callable[[str], IntentModel]
    retriever: Callable[[str], Retriever]
    consents: Consents = field(default_factory=MemoryConsents)
    attributes: Attributes = field(default_factory=MemoryAttributes)
    privacy: PrivacyDesk | None = None
    """None where conversations are kept in memory: nothing is sealed there."""
    office: Office | None = None
    """None where conversations are kept in memory: nobody works there."""
    events: Events = field(default_factory=MemoryEvents)
    clerk: Callable[[str], Clerk] = lambda _collection: Clerk()
    """Forms by collection."""
    writer: Writer | None = None
    """None: no text is generated."""
    broker: Broker | None = None
    """None where conversations are kept in memory: there is no work behind them."""
    vault: Vault = PLAIN
    """How knowledge and models lie on disk."""
    unanswered: UnansweredLog | None = None
    """None where conversations are kept in memory."""
    encoder: Callable[[], Embedder] | None = None
    """The encoder as it was pretrained; what a training taught serves its indexes alone."""

    def models(self, collection: str) -> Models:
        """Raises KnowledgeError or KefuError when the collection cannot be answered from."""
        return Models(self.intents(collection), self.retriever(collection))

    def desk(self, collection: str) -> Desk:
        """Everything a turn about this collection needs, in its current versions."""
        return Desk(
            models=partial(self.models, collection),
            store=self.store,
            clock=self.clock,
            templates=self.templates,
            thresholds=self.thresholds,
            redact=self.redact,
            text_limit=self.settings.message_characters,
            clerk=self.clerk(collection),
            writer=self.writer,
        )

    def articles(self) -> list[Document]:
        """Of the default collection, what may answer today; empty before anything was imported."""
        if self.settings.collection not in list_collections(self.settings.collections_home):
            return []
        return self.collection(self.settings.collection).serving(self.clock.now().date())

    def collection(self, name: str) -> Collection:
        """Raises CollectionNameInvalid."""
        return collection_of(self.settings, name, vault=self.vault)

    def warm_up(self) -> None:
        """Load the models of the default collection by asking something; leave no record.

        Without a built collection, or while its server is away, there is nothing to load yet:
        `/readyz` says so.
        """
        try:
            look_up(self.desk(self.settings.collection), "hello 你好", limit=1)
        except (CollectionError, IndexMissing, KnowledgeServerUnavailable) as error:
            _log.warning("nothing_to_serve_yet", detail=str(error))


def build(
    settings: Settings,
    *,
    store: ConversationStore | None = None,
    clock: Clock | None = None,
    embedder: Embedder | None = None,
    intents: Callable[[str], IntentModel] | None = None,
    retriever: Callable[[str], Retriever] | None = None,
    office: Office | None = None,
    events: Events | None = None,
    privacy: PrivacyDesk | None = None,
) -> Kefu:
    """Every dependency may be handed in; what is not, is the real thing."""
    configure_detection(settings)
    clock = clock if clock is not None else SystemClock()
    broker: Broker | None = None
    unanswered: UnansweredLog | None = None
    vault, encoder = open_vault(settings), _encoder(settings, embedder)
    if store is None:
        address = broker_address(settings)
        broker, events = RedisBroker(address), events or RedisEvents(address)
        engine, keys = open_database(settings), open_key_ring(settings)
        vault = open_vault(settings, keys=lambda: keys)
        store, unanswered = SqlStore(engine, keys), SqlUnanswered(engine)
        privacy = privacy or make_privacy_desk(engine, keys, clock=clock, settings=settings)
        office = office or open_office(settings, engine, keys=keys, clock=clock)
    vault.sweep()
    return Kefu(
        settings=settings,
        store=store,
        clock=clock,
        templates=load_templates(
            companies={"en": settings.company_name_en, "zh": settings.company_name_zh}
        ),
        thresholds=Thresholds(
            answer=answer_threshold(settings),
            clarify=settings.clarify_score,
            out_of_scope=settings.out_of_scope_limit,
            generic=settings.generic_confidence,
            furious=settings.furious_sentiment,
            angry=settings.angry_sentiment,
            failures=settings.failures_limit,
        ),
        redact=redact,
        clerk=open_clerk(settings),
        writer=open_writer(settings),
        intents=intents or _intent_shelf(settings, vault),
        retriever=retriever or _knowledge_shelf(settings, encoder, vault),
        vault=vault,
        unanswered=unanswered,
        encoder=encoder,
        consents=privacy.consents if privacy is not None else MemoryConsents(),
        attributes=privacy.attributes if privacy is not None else MemoryAttributes(),
        privacy=privacy,
        office=office,
        events=events or MemoryEvents(),
        broker=broker,
    )


def open_store(settings: Settings) -> SqlStore:
    return SqlStore(open_database(settings), open_key_ring(settings))


def open_office(settings: Settings, engine: Engine, *, keys: KeyRing, clock: Clock) -> Office:
    users = SqlUsers(engine)
    return Office(
        door=FrontDoor.of(users, clock),
        users=users,
        api_keys=SqlApiKeys(engine),
        handoffs=SqlHandoffs(engine, keys),
        events=SqlEvents(engine),
        assists=SqlAssists(engine),
        labels=SqlLabels(engine),
        reports=SqlReports(engine),
        jobs=SqlJobs(engine),
        queue=lambda: CeleryQueue(broker_address(settings)),
        kinds=cache(load_kinds),
    )


def open_database(settings: Settings) -> Engine:
    engine = connect(settings.sqlalchemy_url)
    migrate(engine)
    return engine


def load_intents(directory: Path, settings: Settings, *, vault: Vault | None = None) -> IntentModel:
    """A trained intent model: at 8 bits where that was measured to cost next to nothing, on torch
    elsewhere and wherever the settings say so."""
    with (vault or open_vault(settings)).opened(directory) as opened:
        return _load_intents(opened, settings)


def _load_intents(directory: Path, settings: Settings) -> IntentModel:
    choice = choose_runtime(directory, settings.encoder)
    model: IntentModel
    if choice.runtime == TORCH:
        from chatbot.adapters.intent_torch import TorchIntentModel

        model = TorchIntentModel(directory)
    else:
        model = OnnxIntentModel(directory, threads=settings.inference_threads)
    facts = {"version": model.version, "loss": choice.loss, "runtime": choice.runtime}
    if choice.missed:
        _log.warning("intent_model_loses_at_8_bits_and_torch_is_not_installed", **facts)
    elif choice.runtime == TORCH:
        _log.info("intent_model_on_torch", **facts)
    else:
        _log.debug("intent_model_at_8_bits", **facts)
    return model


def _intent_shelf(settings: Settings, vault: Vault) -> Callable[[str], IntentModel]:
    """The collection's own model; without one, the generic view of the demo company's."""
    home = settings.intents_home
    models: Shelf[IntentModel] = Shelf(
        lambda name: pointer_text(home / name / CURRENT),
        lambda name, version: load_intents(home / name / version, settings, vault=vault),
        broken=(ModelDirectoryInvalid, *_UNOPENED),
    )

    def intents(collection: str) -> IntentModel:
        if current_intents(home, collection) is not None:
            return models.get(collection)
        if current_intents(home, DEMO) is not None:
            return GenericIntents(models.get(DEMO))
        return NoIntents()

    return intents


def _encoder(settings: Settings, embedder: Embedder | None) -> Callable[[], Embedder]:
    """The plain one, loaded when it is first needed, once."""

    def load() -> Embedder:
        if embedder is not None:
            return embedder
        # A CURRENT that names nothing of use is no matter of an index that needs none of it.
        promoted = is_promoted(settings)
        return load_plain_embedder(settings) if promoted else load_embedder(settings)

    encoders: Shelf[Embedder] = Shelf(lambda _name: "", lambda _name, _version: load())
    return lambda: encoders.get(E5)


def _means_shelf(settings: Settings, encoder: Callable[[], Embedder]) -> Callable[[str], Means]:
    """By the name of the embedder that an index was built with."""
    shelf: Shelf[Means] = Shelf(
        lambda _name: "",
        lambda name, _version: (
            open_means(settings, name) if is_taught(name) else means_around(settings, encoder())
        ),
    )
    return lambda name: shelf.get(name if is_taught(name) else E5)


def _knowledge_shelf(
    settings: Settings, encoder: Callable[[], Embedder], vault: Vault
) -> Callable[[str], Retriever]:
    means = _means_shelf(settings, encoder)
    if (server := open_milvus(settings)) is not None:
        return milvus_shelf(server, means).get
    collection = partial(collection_of, settings, vault=vault)
    shelf: Shelf[Retriever] = Shelf(
        lambda name: collection(name).current_version(),
        partial(_load_knowledge, collection, means, Placement(settings.faiss)),
        broken=(KnowledgeError, *_UNOPENED),
    )
    return shelf.get


def _load_knowledge(
    collection: Callable[[str], Collection],
    means: Callable[[str], Means],
    placement: Placement,
    name: str,
    _version: str,
) -> Retriever:
    chosen = collection(name)
    return load_knowledge(chosen, means(chosen.built_with()), placement)


def load_knowledge(collection: Collection, means: Means, placement: Placement) -> KnowledgeBase:
    """What answers from the collection's current version."""
    index = collection.load(means.embedder, placement=placement)
    return KnowledgeBase(index, means.embedder, means.scorer, means.second)
