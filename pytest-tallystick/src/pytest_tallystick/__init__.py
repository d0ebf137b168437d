"""Clients of a Tallystick mock, for test suites in Python."""

from .async_client import AsyncTallystick
from .client import MockRefused, ReceivedRequest, Tallystick
from .process import MockProcess, NotStarted

__all__ = [
    "AsyncTallystick",
    "MockProcess",
    "MockRefused",
    "NotStarted",
    "ReceivedRequest",
    "Tallystick",
]
