"""People who work here, what they did, and what privacy, review and jobs need.

Columns are added in place: rebuilding a table, as Alembic's batch mode does on SQLite, would
delete the rows that refer to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_users()
    _create_attributes()
    _create_audits()
    _create_consents()
    _create_erasures()
    _create_jobs()
    _create_ledger()
    _create_review_items()
    _create_sessions()
    _create_assists()
    _create_events()
    _widen_conversations()
    _widen_messages()


def _create_attributes() -> None:
    op.create_table(
        "attributes",
        sa.Column("customer", sa.String(128), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer", "name", name="pk_attributes"),
    )


def _create_audits() -> None:
    op.create_table(
        "audits",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("folder", sa.String(512), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audits"),
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("customer", sa.String(128), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wording_version", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_consents"),
    )
    op.create_index("ix_consents_customer", "consents", ["customer"])


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("customer_sha256", sa.String(64), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(128), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(128), server_default="", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.String(512)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_recent", "jobs", ["created_at"])


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("purpose", sa.String(256), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger"),
    )


def _create_review_items() -> None:
    op.create_table(
        "review_items",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(128)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("suggested", sa.String(128), nullable=False),
        sa.Column("label", sa.String(128)),
        sa.Column("reviewer", sa.String(128)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_review_items"),
    )
    op.create_index("ix_review_items_customer", "review_items", ["customer"])
    op.create_index("ix_review_items_queue", "review_items", ["collection", "state", "created_at"])


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sessions"),
    )


def _create_assists() -> None:
    op.create_table(
        "assists",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36)),
        sa.Column("agent_id", sa.String(36)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document_id", sa.String(256)),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("edit_distance", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["users.id"], name="fk_assists_agent_id_users"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_assists_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assists"),
    )
    op.create_index("ix_assists_conversation", "assists", ["conversation_id"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_events_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_conversation", "events", ["conversation_id", "sequence"])


def _widen_conversations() -> None:
    op.add_column("conversations", sa.Column("customer", sa.String(128)))
    op.create_index("ix_conversations_customer", "conversations", ["customer"])
    op.add_column(
        "conversations", sa.Column("state", sa.String(16), server_default="bot", nullable=False)
    )
    op.execute(_reference("conversations", "holder"))
    op.add_column("conversations", sa.Column("waiting_since", sa.DateTime(timezone=True)))
    op.add_column("conversations", sa.Column("handoff_reason", sa.String(64)))
    op.add_column("conversations", sa.Column("memory", sa.JSON()))
    op.execute("UPDATE conversations SET customer = id")
    op.execute(
        "UPDATE conversations SET state = 'waiting', waiting_since = created_at WHERE handoff"
    )


def _widen_messages() -> None:
    op.execute(_reference("messages", "agent_id"))
    op.add_column("messages", sa.Column("sealed", sa.LargeBinary()))
    op.add_column(
        "messages", sa.Column("masked_by", sa.Integer(), server_default="1", nullable=False)
    )


def _reference(table: str, column: str) -> str:
    return (
        f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(36) "
        f"CONSTRAINT fk_{table}_{column}_users REFERENCES users (id)"
    )
