"""The application, without working out its routes again."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRouter

from chatbot.bootstrap import Kefu
from web.app import create_app

_first: dict[str, APIRouter] = {}


def quick_app(kefu: Kefu) -> FastAPI:
    """As `create_app` makes it. The routes of all companies are the same and know no company; what
    FastAPI finds out about them at the first call, for a third of a second, it need find out once.
    """
    app = create_app(kefu)
    # The demo company has a page more.
    app.router = _first.setdefault(kefu.settings.collection, app.router)
    return app
