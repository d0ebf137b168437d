"""The refusals of eventgrid, beyond those of the contract."""

from __future__ import annotations

from tallystick.contract.exceptions import Refused


class BadValue(Refused):
    """A value breaks a rule; the message names the value."""


class NameDuplicated(Refused):
    """The project has something of this kind and name already."""

    code = "EG.00513001"


class InvalidTarget(Refused):
    """The target's address can't be called."""

    code = "EG.00513003"


class InvalidFilter(Refused):
    """The filter can't be read; the message says where."""

    code = "EG.00513004"


class InvalidChannel(Refused):
    """The project has no custom channel with this id."""

    code = "EG.00513005"


class QuotaReached(Refused):
    """The project has as many of this kind as it may have."""

    status = 403
    code = "EG.00514003"


class NotModifiable(Refused):
    """What the cloud provides, or what others depend on, is not changed."""

    status = 403
    code = "EG.00514004"


class CallTooLarge(Refused):
    """The events of one call are larger than 256 KB together."""

    code = "EG.00533007"


class EventTooLarge(Refused):
    """An event is larger than 64 KB."""

    code = "EG.00533012"
