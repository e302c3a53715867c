"""Puts the privacy desk together from an engine and a key ring, without loading any model."""

from __future__ import annotations

from sqlalchemy import Engine

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.kept_files import HomeFiles, NoFiles
from chatbot.adapters.store_attributes import SqlAttributes
from chatbot.adapters.store_consents import SqlConsents
from chatbot.adapters.store_erasures import SqlErasures
from chatbot.adapters.store_ledger import SqlLedger
from chatbot.adapters.store_masks import SqlMasks
from chatbot.adapters.store_personal_data import SqlPersonalData
from chatbot.adapters.store_retention import SqlRetention
from chatbot.adapters.store_sealed import SqlSealedValues
from chatbot.clock import SystemClock
from chatbot.key_home import open_key_ring
from chatbot.ports import Clock
from chatbot.privacy_desk import PrivacyDesk
from chatbot.read_log import ReadLog
from chatbot.settings import Settings
from chatbot.vault_home import open_vault
from privacy.keyring import KeyRing


def make_privacy_desk(
    engine: Engine, keys: KeyRing, *, clock: Clock | None = None, settings: Settings | None = None
) -> PrivacyDesk:
    """Without `settings` there are no files that an erasure could reach."""
    ledger, clock = SqlLedger(engine, keys), clock or SystemClock()
    return PrivacyDesk(
        data=SqlPersonalData(engine),
        erasures=SqlErasures(engine),
        retention=SqlRetention(engine),
        masks=SqlMasks(engine),
        sealed=SqlSealedValues(engine),
        consents=SqlConsents(engine),
        attributes=SqlAttributes(engine, keys),
        ledger=ledger,
        keys=keys,
        clock=clock,
        files=NoFiles()
        if settings is None
        else HomeFiles(settings, vault=open_vault(settings, keys=lambda: keys)),
        reads=ReadLog(ledger, keys, clock),
    )


def open_privacy_desk(settings: Settings) -> PrivacyDesk:
    """For the command line and the worker: the database in its newest schema, the keys at home."""
    engine = connect(settings.sqlalchemy_url)
    migrate(engine)
    return make_privacy_desk(engine, open_key_ring(settings), settings=settings)
