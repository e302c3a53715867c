"""The demo shop, its help pages, the one script that a shop embeds, and the agents' console."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import FileResponse, HTMLResponse

from chatbot.bootstrap import Kefu
from web.dependencies import KefuDep
from web.help_pages import STATIC, Shop, article_page, contents_page

router = APIRouter(include_in_schema=False)

Lang = Annotated[Literal["en", "zh"], Query()]


@router.get("/")
def shop() -> FileResponse:
    return FileResponse(STATIC / "shop" / "index.html")


@router.get("/widget.js")
def widget() -> FileResponse:
    return FileResponse(STATIC / "widget" / "widget.js", media_type="text/javascript")


@router.get("/console")
def console() -> FileResponse:
    return FileResponse(STATIC / "console" / "index.html")


@router.get("/help")
def contents(kefu: KefuDep, lang: Lang = "en") -> HTMLResponse:
    return HTMLResponse(contents_page(kefu.articles(), lang, _shop(kefu)))


@router.get("/help/{topic}")
def article(topic: str, kefu: KefuDep, lang: Lang = "en") -> HTMLResponse:
    wanted = f"/help/{topic}?lang={lang}"
    for document in kefu.articles():
        if document.url == wanted:
            return HTMLResponse(article_page(document, _shop(kefu)))
    raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such help article.")


def _shop(kefu: Kefu) -> Shop:
    return Shop(kefu.templates.companies, kefu.settings.collection)
