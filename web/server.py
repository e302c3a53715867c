"""The HTTP server, with event streams that do not hold up its end."""

from __future__ import annotations

from types import FrameType

import uvicorn
from fastapi import FastAPI

from web.newsroom import Newsroom


class Server(uvicorn.Server):
    """Told to stop, it ends the streams first: browsers come back by themselves."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app = self.config.app
        newsroom = getattr(app.state, "newsroom", None) if isinstance(app, FastAPI) else None
        if isinstance(newsroom, Newsroom):
            newsroom.close()
        super().handle_exit(sig, frame)
