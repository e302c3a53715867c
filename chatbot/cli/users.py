"""`kefu users`: who may sign in to the console."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_users import SqlUsers
from chatbot.clock import SystemClock
from chatbot.errors import NotFound
from chatbot.people import Role, User, add_user, change_user
from chatbot.settings import load_settings

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]


def register(app: typer.Typer) -> None:
    users = typer.Typer(help="Accounts of the console at /console.", no_args_is_help=True)
    users.command("add")(add)
    users.command("list")(list_users)
    users.command("disable")(disable)
    users.command("enable")(enable)
    users.command("password")(password)
    app.add_typer(users, name="users")


def add(
    email: Email,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    name: Annotated[str, typer.Option(help="As customers and colleagues see it.")] = "",
    language: Annotated[
        str, typer.Option(help="Of the console: en or zh.", metavar="en|zh")
    ] = "en",
) -> None:
    """Add an account; the password is asked for, or read from standard input."""
    if language not in ("en", "zh"):
        raise typer.BadParameter("use en or zh", param_hint="--language")
    spoken: Literal["en", "zh"] = "zh" if language == "zh" else "en"
    user = add_user(
        _users(),
        SystemClock(),
        email=email,
        password=_ask_password(),
        role=role,
        name=name,
        language=spoken,
    )
    _say(f"{user.email} can sign in at /console as {user.role.value}.")


def list_users() -> None:
    """Every account with its role."""
    table = Table("e-mail", "name", "role", "language", "since", "state")
    for user in _users().all():
        state = "disabled" if user.disabled_at else "active"
        since = f"{user.created_at:%Y-%m-%d}"
        table.add_row(user.email, user.name, user.role.value, user.language, since, state)
    Console().print(table)


def disable(email: Email) -> None:
    """Let nobody sign in with this account, and end its sessions; its work stays."""
    users = _users()
    change_user(users, _find(users, email), at=SystemClock().now(), disabled=True)
    _say(f"{email} is disabled.")


def enable(email: Email) -> None:
    """Let a disabled account sign in again."""
    users = _users()
    change_user(users, _find(users, email), at=SystemClock().now(), disabled=False)
    _say(f"{email} is active.")


def password(email: Email) -> None:
    """Set a new password and end the account's sessions."""
    users = _users()
    user = _find(users, email)
    change_user(users, user, at=SystemClock().now(), password=_ask_password())
    _say(f"{email} has a new password.")


def _users() -> SqlUsers:
    engine = connect(load_settings().sqlalchemy_url)
    migrate(engine)
    return SqlUsers(engine)


def _find(users: SqlUsers, email: str) -> User:
    found = users.find_email(email.strip().casefold())
    if found is None:
        raise NotFound("account: `kefu users list` shows all")
    return found[0]


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _say(sentence: str) -> None:
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)
