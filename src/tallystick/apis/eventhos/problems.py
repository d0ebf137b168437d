"""What the rules of eventhos refuse, beyond what the contract can say."""

from __future__ import annotations

from tallystick.contract.problem import Refused


class ClientNotFound(Refused):
    """The client is unknown, deleted, revoked or bound to no system."""


class LongLiveOnly(Refused):
    """The client holds a long-live token, so a short-live one is neither made nor taken."""


class EventNotFound(Refused):
    """There is no such event, or it is deleted."""


class WrongSecret(Refused):
    """The secret is not the client's."""

    status = 401

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'client_credentials realm="eventhos"'})
