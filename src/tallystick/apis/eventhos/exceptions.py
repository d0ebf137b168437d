"""The errors of eventhos beyond those of its contract's schemas."""

from __future__ import annotations

from typing import TypeVar

from tallystick.contract.exceptions import Refused

E = TypeVar("E", bound=Refused)


def coded(refused: E, code: str) -> E:
    """Return the error with the code that a dialect gives it."""
    refused.code = code
    return refused


class ClientNotFound(Refused):
    """The client is unknown, deleted, revoked or bound to no system."""

    code = "400004"


class LongLiveOnly(Refused):
    """The client holds a long-live token, so a short-live one is neither made nor taken."""

    code = "400011"


class EventNotFound(Refused):
    """There is no such event, or it is deleted."""

    code = "400024"


class Revoked(Refused):
    """The client is revoked."""


class OtherToken(Refused):
    """The token is not the client's long-live one."""

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'access-key realm="eventhos"'})


class WrongSecret(Refused):
    """The secret is not the client's."""

    status = 401

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'client_credentials realm="eventhos"'})


class WrongPassword(Refused):
    """There is nobody of that name and password."""

    status = 401

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'login realm="eventhos"'})


class Fixed(Refused):
    """This stays as it is, so that somebody can always manage."""

    status = 409


class OthersPassword(Refused):
    """You can change your own password alone."""

    status = 403


class SecretLost(Refused):
    """The secret can't be shown: it was not sealed, or the key of its seal is not here."""

    status = 404
    code = "404000-lost"


class LockedOut(Refused):
    """Too many wrong passwords for this name: wait, then log in again."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})


class BadField(Refused):
    """A member of the body breaks a rule that no schema can say."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")


class InUse(Refused):
    """Others depend on it."""

    status = 409


class Taken(Refused):
    """The identifier is taken."""

    status = 409


class NotRetryable(Refused):
    """The contract's run is delivered, under way, or waits for an earlier group."""

    status = 409


class NotAbortable(Refused):
    """The contract's run is delivered or aborted already."""

    status = 409
