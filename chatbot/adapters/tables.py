"""Database rows. Nothing outside `adapters` and `migrations` knows them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from chatbot.adapters.sealed_column import SealedBytes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("collection", String(64), nullable=False),
    Column("language", String(8)),
    Column("token_sha256", String(64), nullable=False),
    Column("handoff", Boolean, nullable=False, default=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    # Whose key seals the originals; the conversation's own id for a customer nobody named.
    Column("customer", String(128), index=True),
    Column("state", String(16), nullable=False, server_default="bot"),
    Column("holder", ForeignKey("users.id")),
    Column("waiting_since", DateTime(timezone=True)),
    Column("handoff_reason", String(64)),
    Column("memory", JSON),
)

messages = Table(
    "messages",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("author", String(16), nullable=False),
    Column("client_message_id", String(64)),
    Column("in_reply_to", String(36)),
    Column("text", Text, nullable=False),
    Column("language", String(8)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("agent_id", ForeignKey("users.id")),
    Column("sealed", SealedBytes),
    # Which masking rules `text` went through; lower than today's: mask again.
    Column("masked_by", Integer, nullable=False, server_default="1"),
    # Fingerprint of the company's own types then; another one than today's: mask again.
    Column("masked_types", String(16), nullable=False, server_default=""),
    UniqueConstraint("conversation_id", "client_message_id"),
    Index("ix_messages_conversation", "conversation_id", "sequence"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(16), nullable=False),
    Column("intent", String(128), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("latency_ms", JSON, nullable=False),
    Column("error", String(128)),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("reason", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    # Identifiers only: what was said is read from `messages`.
    Column("data", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_events_conversation", "conversation_id", "sequence"),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("collection", String(64)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

assists = Table(
    "assists",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", String(36)),
    Column("agent_id", ForeignKey("users.id")),
    Column("text", Text, nullable=False),
    Column("document_id", String(256)),
    Column("score", Float, nullable=False),
    Column("outcome", String(16), nullable=False),
    # Characters that an agent changed before sending.
    Column("edit_distance", Integer),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_assists_conversation", "conversation_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("customer", String(128), nullable=False, index=True),
    Column("scope", String(16), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("wording_version", String(32), nullable=False),
    Column("language", String(8), nullable=False),
)

attributes = Table(
    "attributes",
    metadata,
    Column("customer", String(128), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("sealed", SealedBytes, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("role", String(16), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("purpose", String(256), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_ledger_subject", "subject", "at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", String(36), primary_key=True),
    # A keyed hash of the reference: the certificate outlives the customer, the name does not.
    Column("customer_sha256", String(64), nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("deadline", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("counts", JSON, nullable=False),
    # Which model versions saw the customer, found before the words were deleted.
    Column("models", JSON),
)

review_items = Table(
    "review_items",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("collection", String(64), nullable=False),
    # Whose words: consent may be withdrawn, and erasure reaches them.
    Column("customer", String(128), index=True),
    Column("text", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("suggested", String(128), nullable=False),
    Column("label", String(128)),
    Column("reviewer", String(128)),
    Column("state", String(16), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Index("ix_review_items_queue", "collection", "state", "created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("queue", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_by", String(128), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("stage", String(128), nullable=False, server_default=""),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # What came out, in numbers and identifiers; or why it failed, in one sentence.
    Column("result", JSON),
    Column("error", String(512)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Index("ix_jobs_recent", "created_at"),
)

audits = Table(
    "audits",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("folder", String(512), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("summary", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
