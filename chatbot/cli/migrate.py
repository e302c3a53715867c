"""`kefu migrate`: the database in today's schema."""

from __future__ import annotations

import typer
from rich.console import Console

from chatbot.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command("migrate")(migrate_database)


def migrate_database() -> None:
    """Bring the database to the newest schema; one that is there already stays as it is."""
    from chatbot.adapters.database import connect, migrate

    engine = connect(load_settings().sqlalchemy_url)
    migrate(engine)
    engine.dispose()
    Console().print("The database has the newest schema. 数据库已是最新结构。")
