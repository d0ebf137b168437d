"""What every API's service is given."""

from __future__ import annotations

from dataclasses import dataclass
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
"""``f(secret, required_scopes)``: who that is; raises a `Problem` if nobody."""


class Sample(NamedTuple):
    """A line to paste into a shell, and what it does."""

    title: str
    curl: str


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What the services of one server process share."""

    settings: Settings
    clock: Clock
    database: Database
    log: EventLog
    keys: ApiKeys
    outbox: Outbox
    encryptor: Encryptor
    """It has its keys when services are opened, and not before."""
