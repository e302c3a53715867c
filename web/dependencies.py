"""What routes need, as named types."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chatbot.bootstrap import Kefu
from chatbot.conversation import Conversation
from chatbot.errors import ConversationUnknown, StoreUnavailable
from chatbot.privacy_desk import PrivacyDesk
from chatbot.reception import find_conversation
from web.newsroom import Newsroom

_bearer = HTTPBearer(auto_error=False, description="The token that opening the conversation gave.")


def _kefu(request: Request) -> Kefu:
    kefu = request.app.state.kefu
    assert isinstance(kefu, Kefu)
    return kefu


KefuDep = Annotated[Kefu, Depends(_kefu)]


def _privacy(kefu: KefuDep) -> PrivacyDesk:
    if kefu.privacy is None:
        raise StoreUnavailable("conversations are kept in memory only")
    return kefu.privacy


PrivacyDep = Annotated[PrivacyDesk, Depends(_privacy)]


def _newsroom(request: Request) -> Newsroom:
    newsroom = getattr(request.app.state, "newsroom", None)
    if not isinstance(newsroom, Newsroom):
        raise StoreUnavailable("conversations are kept in memory only")
    return newsroom


NewsroomDep = Annotated[Newsroom, Depends(_newsroom)]


def _conversation(
    conversation_id: Annotated[str, Path(max_length=64)],
    kefu: KefuDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Conversation:
    if credentials is None:
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "This call needs the conversation's token as Bearer.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if not conversation_id.isprintable():
        raise ConversationUnknown
    return find_conversation(kefu.store, conversation_id, credentials.credentials)


ConversationDep = Annotated[Conversation, Depends(_conversation)]
