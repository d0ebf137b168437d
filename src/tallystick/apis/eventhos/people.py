"""People, who manage eventhos by name and password."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from tallystick import randomness
from tallystick.apis.eventhos.exceptions import LockedOut, WrongPassword
from tallystick.apis.eventhos.permissions import permits
from tallystick.apis.eventhos.sender_directory import EventhosPerson, SenderDirectory
from tallystick.apis.eventhos.tokens import EventhosTokens
from tallystick.apis.keys import ApiKeys
from tallystick.clock import Clock
from tallystick.contract.exceptions import Forbidden, Unauthenticated

LOGIN = "login"
CONFIRMATION = "confirmation"
FAILURES = 3
LOCKED_MS = 3 * 60 * 1000
REMEMBERED = 10_000
"""The number of names with counted failures, whether or not they exist."""

# 16 MiB for each digest (128 * n * r bytes, RFC 7914).
_COST = {"n": 1 << 14, "r": 8, "p": 1}
_SALT_BYTES = 16


def password_digest(password: str, salt: bytes | None = None) -> str:
    """Return a slow salted digest of a password (scrypt, RFC 7914), against guesses."""
    salt = salt or randomness.token_bytes(_SALT_BYTES)
    made = hashlib.scrypt(password.encode(errors="surrogatepass"), salt=salt, **_COST)
    return f"{salt.hex()}${made.hex()}"


def _is_its(password: str, kept: str) -> bool:
    salt = bytes.fromhex(kept.partition("$")[0])
    return compare_digest(password_digest(password, salt), kept)


# For unknown names: it matches no password, and takes as long as the digest of a known one.
_NOBODY = f"{'00' * _SALT_BYTES}$"


@dataclass(slots=True)
class _Failures:
    count: int = 0
    locked_until: int = 0
    # One password of a name at a time, so that many at once can't pass before they are counted.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class People:
    """The logins of people, with a lock of three minutes after three wrong passwords for a name.

    A person's rights are those of their roles and of their key; they end with the key.
    """

    def __init__(
        self, directory: SenderDirectory, keys: ApiKeys, tokens: EventhosTokens, clock: Clock
    ) -> None:
        self._directory = directory
        self._keys = keys
        self._tokens = tokens
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    async def create_token(self, username: str, password: str) -> str:
        """Return a token for a name and its password; raise `WrongPassword` or `LockedOut`."""
        person = await self._check_password(LOGIN, username, password)
        return self._tokens.issue_for_person(person.id, person.username)

    async def confirm_password(self, username: str, password: str) -> None:
        """Return if it is the person's; raise `WrongPassword` or `LockedOut`.

        The wrong ones are counted apart from those of logins: a stolen token can't lock them.
        """
        await self._check_password(CONFIRMATION, username, password)

    async def _check_password(self, purpose: str, username: str, password: str) -> EventhosPerson:
        failures = self._failures_of((purpose, username))
        async with failures.turn:
            self._refuse_locked(failures)
            person = self._find_person(username)
            kept = person.password_digest if person else _NOBODY
            is_its = await asyncio.to_thread(_is_its, password, kept)
            if person is None or not is_its:
                self._count(failures)
                raise WrongPassword
            failures.count = 0
            return person

    def authenticate(self, token: str, scopes: Sequence[str]) -> str:
        """Return the name of the person with this valid token, whom one of the scopes is allowed.

        It is allowed by a role, or by the person's key.
        """
        claims = self._tokens.claims(token)
        if claims.is_client:
            raise Forbidden("This is a client's token: manage with a person's.")
        person = self._directory.get_person(claims.identifier)
        key = self._keys.get_key_by_id(claims.subject)
        if person is None or key is None or person.id != key.id:
            raise Unauthenticated
        self._keys.admit_key(key, () if permits(person.permissions, scopes) else scopes)
        return person.username

    def describe(self, username: str) -> Mapping[str, Any]:
        """Return a person's names, number and roles, as a login answers them."""
        person = self._directory.get_person(username)
        if person is None:
            raise WrongPassword
        names = {"username": person.username, "name": person.name}
        return {**names, "userId": person.subject_id, "roles": person.roles}

    def _find_person(self, username: str) -> EventhosPerson | None:
        person = self._directory.get_person(username)
        return person if person and self._keys.get_key_by_id(person.id) else None

    def _failures_of(self, asked: tuple[str, str]) -> _Failures:
        failures = self._failures.setdefault(asked, _Failures())
        self._failures.move_to_end(asked)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
        return failures

    def _refuse_locked(self, failures: _Failures) -> None:
        left_ms = failures.locked_until - self._clock.now_ms()
        if left_ms > 0:
            raise LockedOut(-(-left_ms // 1000))

    def _count(self, failures: _Failures) -> None:
        failures.count += 1
        if failures.count >= FAILURES:
            failures.count = 0
            failures.locked_until = self._clock.now_ms() + LOCKED_MS
