from __future__ import annotations

from collections.abc import Mapping

from tallystick.contract.exceptions import NotFound, Refused


class NotAMock(NotFound):
    """This service is not a mock: `tallystick mock` starts one."""


class NotSigned(Refused):
    """Messages to this destination have no signature, and so no secret."""


class SubscriptionsFull(Refused):
    """All subscriptions together have as much as they may."""

    def __init__(self, bound: str) -> None:
        super().__init__(f"{bound}: delete one first.")


class InstancesFull(Refused):
    """Calls have named as many RabbitMQ instances as they may: delete one first."""


class NotVerified(Refused):
    """The requests that came are not those that were expected."""

    status = 422

    def __init__(self, message: str, more: Mapping[str, object]) -> None:
        super().__init__(message)
        self.more = more
        """Members of the answer with the requests that were found."""
