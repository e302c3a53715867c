"""Who is calling the console, and whether this call may change something.

A session is a random token in the cookie `kefu_session` (HttpOnly, SameSite=Strict, 12 hours).
Calls that change something need the header `X-Kefu-Console: 1`, which a foreign page cannot send
without being asked, and must not come from another origin.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.security import APIKeyCookie, APIKeyHeader

from chatbot.errors import StoreUnavailable
from chatbot.office import Office
from chatbot.people import SESSION_HOURS, Permission, Session, SignedIn, User
from web.dependencies import KefuDep

COOKIE = "kefu_session"
HEADER = "X-Kefu-Console"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_HERE = {"same-origin", "none"}

_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Given by signing in.")
_header = APIKeyHeader(
    name=HEADER, auto_error=False, description="`1` on every call that changes something."
)


def _office(kefu: KefuDep) -> Office:
    if kefu.office is None:
        raise StoreUnavailable("conversations are kept in memory only")
    return kefu.office


OfficeDep = Annotated[Office, Depends(_office)]


def same_origin(request: Request, mark: Annotated[str | None, Depends(_header)]) -> None:
    """Lets reading through; the rest only from the console's own pages, or from a script."""
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "none") not in _HERE:
        raise HTTPException(HTTPStatus.FORBIDDEN, "This call must come from the console itself.")
    if mark != "1":
        raise HTTPException(HTTPStatus.FORBIDDEN, f"This call needs the header `{HEADER}: 1`.")


def _session(office: OfficeDep, token: Annotated[str | None, Depends(_cookie)]) -> Session:
    session = office.door.session(token) if token else None
    if session is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "Sign in to the console first.")
    return session


SessionDep = Annotated[Session, Depends(_session)]


def allowed(permission: Permission) -> Callable[[SessionDep], User]:
    """A dependency: the signed-in user, who may do that."""

    def user(session: SessionDep) -> User:
        if not session.user.may(permission):
            raise HTTPException(
                HTTPStatus.FORBIDDEN,
                f"The role {session.user.role.value} may not do this ({permission.value}).",
            )
        return session.user

    return user


Reader = Annotated[User, Depends(allowed(Permission.READ_CONVERSATIONS))]
Worker = Annotated[User, Depends(allowed(Permission.WORK_CONVERSATIONS))]
Unsealer = Annotated[User, Depends(allowed(Permission.UNSEAL))]
KnowledgeReader = Annotated[User, Depends(allowed(Permission.READ_KNOWLEDGE))]
KnowledgeWriter = Annotated[User, Depends(allowed(Permission.WRITE_KNOWLEDGE))]
ReviewReader = Annotated[User, Depends(allowed(Permission.READ_REVIEW))]
Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE_REVIEW))]
ModelReader = Annotated[User, Depends(allowed(Permission.READ_MODELS))]
ModelWriter = Annotated[User, Depends(allowed(Permission.WRITE_MODELS))]
JobReader = Annotated[User, Depends(allowed(Permission.READ_JOBS))]
JobStarter = Annotated[User, Depends(allowed(Permission.START_JOBS))]
AuditReader = Annotated[User, Depends(allowed(Permission.READ_AUDITS))]
PrivacyReader = Annotated[User, Depends(allowed(Permission.READ_PRIVACY))]
LedgerReader = Annotated[User, Depends(allowed(Permission.READ_LEDGER))]
Exporter = Annotated[User, Depends(allowed(Permission.EXPORT_CUSTOMERS))]
Eraser = Annotated[User, Depends(allowed(Permission.ERASE_CUSTOMERS))]
UserWriter = Annotated[User, Depends(allowed(Permission.WRITE_USERS))]


def set_session(response: Response, signed_in: SignedIn, request: Request) -> None:
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=SESSION_HOURS * 3600,
        path="/v1/",
        # Without TLS, as on a developer's machine, browsers would drop a secure cookie.
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def drop_session(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/v1/", httponly=True, samesite="strict")


def address_of(request: Request) -> str:
    """Weakness: behind a proxy this is the proxy, unless uvicorn trusts its headers."""
    return request.client.host if request.client is not None else ""
