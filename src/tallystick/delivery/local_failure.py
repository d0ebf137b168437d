"""Failures that are this process's own: their deliveries wait, and no endpoint is blamed."""

from __future__ import annotations

import errno
import socket

from tallystick.delivery.adapter import DeliveryFailure
from tallystick.delivery.addresses import AddressRefused, InvalidUrl
from tallystick.delivery.delivery import AttemptOutcome

# Files, memory, ports and networks of this machine.
_LACKING = frozenset(
    {
        errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT, errno.ENETDOWN, errno.ENETUNREACH,
    }
)  # fmt: skip
# No name server answers: an unknown name is `EAI_NONAME`.
_UNRESOLVED = frozenset({socket.EAI_AGAIN, socket.EAI_MEMORY})


def is_local(error: BaseException) -> bool:
    """Return whether a failure says something of this process or machine, and of no endpoint."""
    if isinstance(error, MemoryError):
        return True
    cause = getattr(error, "os_error", error)  # aiohttp keeps the system's error there
    if isinstance(cause, socket.gaierror):
        return cause.errno in _UNRESOLVED
    return isinstance(cause, OSError) and cause.errno in _LACKING


def refusal(error: AddressRefused) -> DeliveryFailure:
    """Return the failure of a request to an address that is refused: final only for a bad URL."""
    if isinstance(error, InvalidUrl):
        return DeliveryFailure(AttemptOutcome.UNDELIVERABLE, f"url: {error}")
    return DeliveryFailure(
        AttemptOutcome.FORBIDDEN,
        f"{error} from this process: allow its network in TALLYSTICK_DELIVERY_NETWORKS, or have "
        "a process deliver that may; it is tried again until then",
    )
