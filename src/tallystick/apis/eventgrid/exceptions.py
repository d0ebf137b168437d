"""What the rules of eventgrid refuse, beyond what the contract can say."""

from __future__ import annotations

from tallystick.contract.exceptions import Refused


class BadValue(Refused):
    """A value breaks a rule; the message names the value."""


class NameDuplicated(Refused):
    """The project has something of this kind and name already."""


class InvalidTarget(Refused):
    """The target's address can't be called."""


class InvalidFilter(Refused):
    """The filter can't be read; the message says where."""


class InvalidChannel(Refused):
    """The project has no custom channel with this id."""


class QuotaReached(Refused):
    """The project has as many of this kind as it may have."""

    status = 403


class NotModifiable(Refused):
    """What the cloud provides, or what others depend on, is not changed."""

    status = 403


class CallTooLarge(Refused):
    """The events of one call are larger than 256 KB together."""


class EventTooLarge(Refused):
    """An event is larger than 64 KB."""
