"""Who works here: sign in, sign out, me.

POST /v1/console/sign-in   {email, password} → Me, and the session's cookie
POST /v1/console/sign-out  → 204
GET  /v1/console/me        → Me;   POST {language} → Me
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Depends, Request, Response

from chatbot.people import change_user
from web.auth import (
    COOKIE,
    OfficeDep,
    SessionDep,
    address_of,
    drop_session,
    same_origin,
    set_session,
)
from web.dependencies import KefuDep
from web.problems import problems
from web.schemas_console import Me, MeRequest, SignInRequest

router = APIRouter(
    prefix="/v1/console",
    tags=["console"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 413, 422, 429, 503),
)


@router.post("/sign-in")
def sign_in(body: SignInRequest, office: OfficeDep, request: Request, response: Response) -> Me:
    """The same refusal for an unknown address, a wrong password and a disabled account."""
    password = body.password.get_secret_value()
    signed_in = office.door.sign_in(body.email, password, address=address_of(request))
    set_session(response, signed_in, request)
    return Me.of(signed_in.session)


@router.post("/sign-out", status_code=HTTPStatus.NO_CONTENT)
def sign_out(request: Request, response: Response, office: OfficeDep) -> None:
    """End this session; without one nothing changes."""
    token = request.cookies.get(COOKIE)
    if token:
        office.door.sign_out(token)
    drop_session(response)


@router.get("/me")
def me(session: SessionDep) -> Me:
    """The signed-in user, and what the role may do."""
    return Me.of(session)


@router.post("/me")
def change_me(body: MeRequest, session: SessionDep, office: OfficeDep, kefu: KefuDep) -> Me:
    """The language that the console speaks to this user."""
    user = change_user(office.users, session.user, at=kefu.clock.now(), language=body.language)
    return Me.of(replace(session, user=user))
