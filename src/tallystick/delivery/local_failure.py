"""Local failures: errors of this process or machine, for which its deliveries wait."""

from __future__ import annotations

import errno
import socket

from tallystick.delivery.adapter import DeliveryFailure
from tallystick.delivery.addresses import AddressRefused, InvalidUrl
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.shortage import find_shortage

# A lack of ports or networks on this machine.
_LACKING = frozenset(
    {
        errno.ENOBUFS, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETDOWN, errno.ENETUNREACH,
    }
)  # fmt: skip
# No name server answered; an unknown name is `EAI_NONAME`.
_UNRESOLVED = frozenset({socket.EAI_AGAIN, socket.EAI_MEMORY})


def is_local(error: BaseException) -> bool:
    """Return whether an error is of this process or machine, rather than of the endpoint."""
    cause = getattr(error, "os_error", error)  # the system's error in those of aiohttp
    if find_shortage(cause):
        return True
    if isinstance(cause, socket.gaierror):
        return cause.errno in _UNRESOLVED
    return isinstance(cause, OSError) and cause.errno in _LACKING


def refusal(error: AddressRefused) -> DeliveryFailure:
    """Return the failure for a refused address: final for an invalid URL, otherwise retried."""
    if isinstance(error, InvalidUrl):
        return DeliveryFailure(AttemptOutcome.UNDELIVERABLE, f"url: {error}")
    return DeliveryFailure(
        AttemptOutcome.FORBIDDEN,
        f"{error} from this process: allow its network in TALLYSTICK_DELIVERY_NETWORKS, or have "
        "a process deliver that may; it is tried again until then",
    )
