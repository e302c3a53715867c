"""The `kefu` command line. Packages above add their commands through the entry point group."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points

import typer
from rich.console import Console

from chatbot.cli import (
    api_keys,
    ask,
    consent,
    jobs,
    kb,
    keys,
    ledger,
    migrate,
    models,
    privacy,
    simulate,
    users,
)
from chatbot.detection import configure_detection
from chatbot.errors import KefuError
from chatbot.logs import configure_logging
from chatbot.settings import load_settings
from knowledge_base.errors import KnowledgeError
from privacy.errors import PrivacyError

COMMANDS = "kefu.commands"


def build_app() -> typer.Typer:
    app = typer.Typer(
        name="kefu",
        help="Self-hosted customer service in English and Chinese, answered from your knowledge.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    ask.register(app)
    kb.register(app)
    jobs.register(app)
    migrate.register(app)
    models.register(app)
    users.register(app)
    api_keys.register(app)
    simulate.register(app)
    for room in (privacy, keys, ledger, consent):
        room.register(app)
    for entry_point in sorted(entry_points(group=COMMANDS), key=lambda point: point.name):
        entry_point.load()(app)
    return app


def main() -> None:
    """Exit code 0 for done, 1 for a problem said in one sentence, 2 for wrong usage."""
    # Before torch loads: on a busy machine threads that spin while they wait steal the time that
    # the others need, and training takes twice as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        configure_detection(settings)
        build_app()()
    except (KefuError, KnowledgeError, PrivacyError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.")
    except KeyboardInterrupt:
        _fail("Stopped.")


def _fail(sentence: str) -> None:
    Console(stderr=True).print(f"kefu: {sentence}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
