"""Accounts and sessions keep the same promises in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from chatbot import people
from chatbot.adapters.store_users import SqlUsers
from chatbot.errors import AccountInvalid, SignInRefused, SignInThrottled
from chatbot.fakes import FixedClock
from chatbot.people import FrontDoor, Role, Throttle, User, add_user, change_user
from tests.databases import fresh_database

PASSWORD = "correct horse battery"


@pytest.fixture(params=["sqlite", "postgres"])
def users(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlUsers]:
    with fresh_database(request, tmp_path) as engine:
        yield SqlUsers(engine)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def door(users: SqlUsers, clock: FixedClock) -> FrontDoor:
    return FrontDoor.of(users, clock)


@pytest.fixture
def anna(users: SqlUsers, clock: FixedClock) -> User:
    return add_user(
        users, clock, email=" Anna@Example.com ", password=PASSWORD, role=Role.ADMIN, name="Anna"
    )


def test_who_signs_in_has_a_session_for_twelve_hours_and_no_longer(
    door: FrontDoor, anna: User, clock: FixedClock
) -> None:
    signed_in = door.sign_in("ANNA@example.com", PASSWORD, address="1")
    clock.advance(12 * 3600 - 1)
    session = door.session(signed_in.token)
    assert session is not None
    assert session.user == anna
    clock.advance(1)
    assert door.session(signed_in.token) is None


def test_signing_out_ends_the_session_and_no_other(door: FrontDoor, anna: User) -> None:
    one, two = (door.sign_in(anna.email, PASSWORD, address="1") for _ in range(2))
    door.sign_out(one.token)
    assert door.session(one.token) is None
    assert door.session(two.token) is not None


def test_no_token_and_no_password_lie_in_the_database(
    door: FrontDoor, anna: User, users: SqlUsers
) -> None:
    token = door.sign_in(anna.email, PASSWORD, address="1").token
    assert users.session(token) is None
    found = users.find_email(anna.email)
    assert found is not None
    assert found[1].startswith("$argon2id$")


def test_a_password_is_kept_as_rfc_9106_says_also_one_that_was_kept_weaker(
    door: FrontDoor, anna: User, users: SqlUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PasswordHasher", PasswordHasher)
    strong = "$argon2id$v=19$m=65536,t=3,p=4$"
    assert people.hash_password(PASSWORD).startswith(strong)
    door.sign_in(anna.email, PASSWORD, address="1")
    found = users.find_email(anna.email)
    assert found is not None
    assert found[1].startswith(strong)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("anna@example.com", "wrong"),
        ("bob@example.com", PASSWORD),
        ("", ""),
        ("anna@example.com", "x" * 5000),
    ],
)
def test_every_wrong_pair_is_refused_alike(
    door: FrontDoor, anna: User, email: str, password: str
) -> None:
    with pytest.raises(SignInRefused):
        door.sign_in(email, password, address="1")


def test_five_wrong_passwords_close_the_account_for_a_while_even_to_the_right_one(
    door: FrontDoor, anna: User, clock: FixedClock
) -> None:
    for number in range(5):
        with pytest.raises(SignInRefused):
            door.sign_in(anna.email, "wrong", address=str(number))
    with pytest.raises(SignInThrottled):
        door.sign_in(anna.email, PASSWORD, address="9")
    clock.advance(15 * 60)
    door.sign_in(anna.email, PASSWORD, address="9")


def test_an_address_that_tries_many_accounts_is_stopped(users: SqlUsers, clock: FixedClock) -> None:
    strict = Throttle(clock, tries=3)
    door = FrontDoor(users, clock, Throttle(clock, tries=5), strict)
    for number in range(3):
        with pytest.raises(SignInRefused):
            door.sign_in(f"nobody{number}@example.com", "wrong", address="1")
    with pytest.raises(SignInThrottled):
        door.sign_in("somebody@example.com", "wrong", address="1")


def test_a_disabled_account_ends_at_once(
    door: FrontDoor, users: SqlUsers, anna: User, clock: FixedClock
) -> None:
    add_user(users, clock, email="b@example.com", password=PASSWORD, role=Role.ADMIN)
    token = door.sign_in(anna.email, PASSWORD, address="1").token
    change_user(users, anna, at=clock.now(), disabled=True)
    assert door.session(token) is None
    with pytest.raises(SignInRefused):
        door.sign_in(anna.email, PASSWORD, address="1")


def test_a_new_role_or_password_ends_the_sessions_but_a_new_name_does_not(
    door: FrontDoor, users: SqlUsers, anna: User, clock: FixedClock
) -> None:
    bob = add_user(users, clock, email="b@example.com", password=PASSWORD, role=Role.AGENT)
    token = door.sign_in(bob.email, PASSWORD, address="1").token
    bob = change_user(users, bob, at=clock.now(), name="Bob")
    assert door.session(token) is not None
    bob = change_user(users, bob, at=clock.now(), role=Role.AUDITOR)
    assert door.session(token) is None
    token = door.sign_in(bob.email, PASSWORD, address="1").token
    change_user(users, bob, at=clock.now(), password=PASSWORD + "!")
    assert door.session(token) is None
    assert [user.name for user in users.all()] == ["Anna", "Bob"]


@pytest.mark.parametrize("change", [{"role": Role.AGENT}, {"disabled": True}])
def test_the_last_admin_stays_one(
    users: SqlUsers, anna: User, clock: FixedClock, change: dict[str, object]
) -> None:
    with pytest.raises(AccountInvalid, match="last"):
        change_user(users, anna, at=clock.now(), **change)


@pytest.mark.parametrize(
    ("email", "password"),
    [("anna@example.com", PASSWORD), ("no address", PASSWORD), ("b@example.com", "too short")],
)
def test_an_account_that_cannot_be_is_refused(
    users: SqlUsers, anna: User, clock: FixedClock, email: str, password: str
) -> None:
    with pytest.raises(AccountInvalid):
        add_user(users, clock, email=email, password=password, role=Role.AGENT)
