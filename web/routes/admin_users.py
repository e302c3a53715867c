"""Accounts: who works here and may do what.

GET /v1/admin/users;  POST /v1/admin/users;  POST /v1/admin/users/{id}
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from chatbot.errors import NotFound
from chatbot.people import Role, add_user, change_user
from web.auth import OfficeDep, UserWriter, same_origin
from web.dependencies import KefuDep
from web.problems import problems
from web.schemas_admin import NewUser, UserBody, UserChange, Users

router = APIRouter(
    prefix="/v1/admin/users",
    tags=["admin: users"],
    dependencies=[Depends(same_origin)],
    responses=problems(401, 403, 404, 413, 422, 503),
)

UserId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("")
def users(user: UserWriter, office: OfficeDep) -> Users:
    """In the order of their addresses, the disabled ones too."""
    return Users(items=[UserBody.of(one) for one in office.users.all()])


@router.post("", status_code=HTTPStatus.CREATED)
def add(body: NewUser, user: UserWriter, office: OfficeDep, kefu: KefuDep) -> UserBody:
    """A new account."""
    fresh = add_user(
        office.users,
        kefu.clock,
        email=body.email,
        password=body.password.get_secret_value(),
        role=Role(body.role),
        name=body.name,
        language=body.language,
    )
    return UserBody.of(fresh)


@router.post("/{user_id}")
def change(
    user_id: UserId, body: UserChange, user: UserWriter, office: OfficeDep, kefu: KefuDep
) -> UserBody:
    """A new role, password or being disabled ends the account's sessions."""
    known = office.users.find(user_id)
    if known is None:
        raise NotFound("account")
    changed = change_user(
        office.users,
        known,
        at=kefu.clock.now(),
        name=body.name,
        role=Role(body.role) if body.role else None,
        language=body.language,
        disabled=body.disabled,
        password=body.password.get_secret_value() if body.password else None,
    )
    return UserBody.of(changed)
