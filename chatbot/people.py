"""People who work here: accounts, roles and what they may do, sessions, the sign-in throttle."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, Protocol
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from chatbot.errors import AccountInvalid, SignInRefused, SignInThrottled
from chatbot.ports import Clock

SESSION_HOURS = 12
PASSWORD_CHARACTERS = (12, 256)
_EMAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,185}\.[^@\s<>\"',;.]{2,63}")


class Role(StrEnum):
    ADMIN = "admin"
    AGENT = "agent"
    AUDITOR = "auditor"


class Permission(StrEnum):
    READ_CONVERSATIONS = "conversations.read"
    WORK_CONVERSATIONS = "conversations.work"
    UNSEAL = "originals.unseal"
    READ_KNOWLEDGE = "knowledge.read"
    WRITE_KNOWLEDGE = "knowledge.write"
    READ_REVIEW = "review.read"
    DECIDE_REVIEW = "review.decide"
    READ_MODELS = "models.read"
    WRITE_MODELS = "models.write"
    READ_JOBS = "jobs.read"
    START_JOBS = "jobs.start"
    READ_AUDITS = "audits.read"
    READ_PRIVACY = "privacy.read"
    READ_LEDGER = "ledger.read"
    EXPORT_CUSTOMERS = "customers.export"
    ERASE_CUSTOMERS = "customers.erase"
    WRITE_USERS = "users.write"


_READS = frozenset(permission for permission in Permission if permission.value.endswith(".read"))

MAY: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.AGENT: frozenset(
        {
            Permission.READ_CONVERSATIONS,
            Permission.WORK_CONVERSATIONS,
            # Only while holding the conversation: the privacy desk asks for that.
            Permission.UNSEAL,
            Permission.READ_KNOWLEDGE,
        }
    ),
    Role.AUDITOR: _READS | {Permission.UNSEAL, Permission.EXPORT_CUSTOMERS},
}


@dataclass(frozen=True)
class User:
    id: str
    email: str
    name: str
    role: Role
    language: Literal["en", "zh"]
    created_at: datetime
    disabled_at: datetime | None = None

    def may(self, permission: Permission) -> bool:
        return permission in MAY[self.role]


@dataclass(frozen=True)
class Session:
    user: User
    expires_at: datetime


@dataclass(frozen=True)
class SignedIn:
    session: Session
    token: str
    """Given to the browser once; only its SHA-256 is kept."""


class UserStore(Protocol):
    def add(self, user: User, password_hash: str) -> None:
        """Raises AccountInvalid where the e-mail address has an account already."""
        ...

    def all(self) -> list[User]:
        """In the order of their addresses."""
        ...

    def find(self, user_id: str) -> User | None: ...

    def find_email(self, email: str) -> tuple[User, str] | None:
        """With the hash of the password."""
        ...

    def change(self, user: User, *, password_hash: str | None = None) -> None:
        """A new password, a new role or being disabled ends the user's sessions."""
        ...

    def keep_session(self, fingerprint: str, session: Session, *, at: datetime) -> None:
        """Sessions that are over at that moment are forgotten on the way."""
        ...

    def session(self, fingerprint: str) -> Session | None:
        """None for a user who was disabled."""
        ...

    def end_session(self, fingerprint: str) -> None: ...


class Throttle:
    """Counts failures by key in this process.

    Weakness: several replicas count apart, so that an attacker has as many tries more.
    """

    def __init__(self, clock: Clock, *, tries: int, minutes: int = 15) -> None:
        self._clock = clock
        self._tries = tries
        self._span = timedelta(minutes=minutes)
        self._failures: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def check(self, key: str) -> None:
        """Raises SignInThrottled."""
        with self._lock:
            recent = self._recent(key)
            if len(recent) >= self._tries:
                wait = recent[0] + self._span - self._clock.now()
                raise SignInThrottled(max(1, int(wait.total_seconds()) + 1))

    def failed(self, key: str) -> None:
        with self._lock:
            for other in list(self._failures):
                self._recent(other)
            self._failures.setdefault(key, []).append(self._clock.now())

    def forget(self, key: str) -> None:
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> list[datetime]:
        since = self._clock.now() - self._span
        recent = [at for at in self._failures.get(key, ()) if at > since]
        if recent:
            self._failures[key] = recent
        else:
            self._failures.pop(key, None)
        return recent


@dataclass(frozen=True)
class FrontDoor:
    """Who comes in, and for how long."""

    users: UserStore
    clock: Clock
    by_email: Throttle
    by_address: Throttle

    @classmethod
    def of(cls, users: UserStore, clock: Clock) -> FrontDoor:
        # An office behind one address has many people who mistype.
        return cls(users, clock, Throttle(clock, tries=5), Throttle(clock, tries=30))

    def sign_in(self, email: str, password: str, *, address: str) -> SignedIn:
        """Raises SignInRefused, the same for every reason, or SignInThrottled."""
        key = _tidy(email)
        self.by_email.check(key)
        self.by_address.check(address)
        found = self.users.find_email(key)
        # An unknown address costs as much time as a wrong password.
        known = _matches(found[1] if found else _dummy_hash(), password)
        if found is None or not known or found[0].disabled_at is not None:
            self.by_email.failed(key)
            self.by_address.failed(address)
            raise SignInRefused
        self.by_email.forget(key)
        user, kept_hash = found
        if PasswordHasher().check_needs_rehash(kept_hash):
            self.users.change(user, password_hash=hash_password(password))
        now = self.clock.now()
        session = Session(user, now + timedelta(hours=SESSION_HOURS))
        token = secrets.token_urlsafe(32)
        self.users.keep_session(_fingerprint(token), session, at=now)
        return SignedIn(session, token)

    def session(self, token: str) -> Session | None:
        session = self.users.session(_fingerprint(token))
        if session is None or session.expires_at <= self.clock.now():
            return None
        return session

    def sign_out(self, token: str) -> None:
        self.users.end_session(_fingerprint(token))


def add_user(
    users: UserStore,
    clock: Clock,
    *,
    email: str,
    password: str,
    role: Role,
    name: str = "",
    language: Literal["en", "zh"] = "en",
) -> User:
    """Raises AccountInvalid."""
    address = _tidy(email)
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise AccountInvalid("That is no e-mail address: give one such as anna@example.com.")
    user = User(str(uuid4()), address, _name(name) or address, role, language, clock.now())
    users.add(user, hash_password(password))
    return user


def change_user(
    users: UserStore,
    user: User,
    *,
    at: datetime,
    name: str | None = None,
    role: Role | None = None,
    language: Literal["en", "zh"] | None = None,
    disabled: bool | None = None,
    password: str | None = None,
) -> User:
    """Raises AccountInvalid, also where nobody would be left who can change accounts."""
    changed = replace(
        user,
        name=_name(name) or user.name if name is not None else user.name,
        role=role or user.role,
        language=language or user.language,
    )
    if disabled is not None:
        changed = replace(changed, disabled_at=(user.disabled_at or at) if disabled else None)
    if _is_active_admin(user) and not _is_active_admin(changed):
        others = [other for other in users.all() if other.id != user.id]
        if not any(map(_is_active_admin, others)):
            raise AccountInvalid("This is the last active admin: make somebody else one first.")
    users.change(changed, password_hash=hash_password(password) if password is not None else None)
    return changed


def hash_password(password: str) -> str:
    """Argon2id with the parameters of RFC 9106, low memory. Raises AccountInvalid."""
    shortest, longest = PASSWORD_CHARACTERS
    if not shortest <= len(password) <= longest:
        raise AccountInvalid(f"A password has {shortest} to {longest} characters.")
    return PasswordHasher().hash(password)


@lru_cache
def _dummy_hash() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe(16))


def _matches(kept_hash: str, password: str) -> bool:
    if len(password) > PASSWORD_CHARACTERS[1]:
        return False
    try:
        return PasswordHasher().verify(kept_hash, password)
    except (VerifyMismatchError, InvalidHashError, UnicodeEncodeError):
        return False


def _is_active_admin(user: User) -> bool:
    return user.role is Role.ADMIN and user.disabled_at is None


def _tidy(email: str) -> str:
    return email.strip().casefold()


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if len(tidy) > 128 or not tidy.isprintable():
        raise AccountInvalid("A name has at most 128 printable characters.")
    return tidy


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
