"""The ASGI application."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles

from chatbot.bootstrap import Kefu
from chatbot.demo.company import COLLECTION
from web import demo_shop
from web.body_limit import BodyLimit
from web.errors import LastResort, install_error_handlers
from web.help_pages import STATIC
from web.metrics import Metrics
from web.newsroom import Newsroom
from web.routes import (
    admin_audits,
    admin_jobs,
    admin_knowledge,
    admin_knowledge_life,
    admin_ledger,
    admin_privacy,
    admin_retrieval,
    admin_training,
    admin_users,
    completions,
    consents,
    console,
    console_messages,
    conversations,
    events,
    health,
    pages,
    privacy,
    sessions,
)
from web.security import SecurityHeaders

BODY_BYTES = 1_000_000
RESOURCES = (
    conversations,
    completions,
    consents,
    events,
    sessions,
    console,
    console_messages,
    admin_knowledge,
    admin_knowledge_life,
    admin_retrieval,
    admin_training,
    admin_jobs,
    admin_audits,
    admin_privacy,
    admin_ledger,
    admin_users,
    privacy,
    health,
    pages,
)


def create_app(kefu: Kefu) -> FastAPI:
    app = FastAPI(
        title="Kefu",
        summary="Customer service in English and Chinese from your own knowledge.",
        version=version("kefu"),
        # The interactive reference loads scripts from elsewhere; `/openapi.json` is the reference.
        docs_url=None,
        redoc_url=None,
    )
    app.state.kefu = kefu
    app.state.metrics = Metrics()
    if kefu.office is not None:
        app.state.newsroom = Newsroom(kefu.office.events, kefu.events)
    install_error_handlers(app)
    app.add_middleware(LastResort)
    if kefu.settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(kefu.settings.allowed_origins),
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type", "Accept", "Last-Event-ID"],
        )
    app.add_middleware(BodyLimit, limit_bytes=BODY_BYTES)
    app.add_middleware(SecurityHeaders)
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.mount("/widget", StaticFiles(directory=STATIC / "widget"), name="widget")
    app.mount("/console/static", StaticFiles(directory=STATIC / "console"), name="console")
    if kefu.settings.collection == COLLECTION:
        app.mount(demo_shop.PATH, demo_shop.create_demo_shop())
    app.mount("/shop", StaticFiles(directory=STATIC / "shop"), name="shop")
    return app
