"""The parts of a server process that every API's service uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from tallystick.apis.keys import ApiKeys
from tallystick.clock import Clock
from tallystick.contract.security import Credential
from tallystick.delivery import Outbox
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database

CredentialFunction: TypeAlias = Credential
"""``f(secret, required_scopes)`` returns the caller, or raises a `Problem`."""


class Sample(NamedTuple):
    """A shell command for a user to paste, and its title."""

    title: str
    curl: str


class ServiceContext(NamedTuple):
    """The parts of a server process that its services share."""

    settings: Settings
    clock: Clock
    database: Database
    log: EventLog
    keys: ApiKeys
    outbox: Outbox
    encryptor: Encryptor
    """The encryptor of stored secrets; it has its keys when services are opened, but not before."""
    count_bad_credential: Callable[[], None] = lambda: None
    """A service calls it for a bad secret in a body; it raises `TooManyRequests`."""
