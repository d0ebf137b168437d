"""The syntax of HTTP requests: an invalid one fails for good, before any connection."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallystick.delivery.adapter import DeliveryFailure
from tallystick.delivery.delivery import AttemptOutcome

SHOWN = 40
"""The number of characters of an invalid name that its error shows."""

# RFC 9110, sections 5.5 and 5.6.2: tokens, and field values without control characters except the
# tab. Half of a surrogate pair has no encoding.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


def check_request(method: str, headers: Sequence[tuple[str, str]]) -> None:
    """Return if the request is valid; raise a final `DeliveryFailure` if it is not."""
    if not _TOKEN.fullmatch(method):
        raise _never(f"the method {method[:SHOWN]!r} has a character HTTP forbids in a method")
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise _never(f"the header name {name[:SHOWN]!r} has a character HTTP forbids in a name")
        if _UNFIT.search(value):
            raise _never(f"the header {name} would have a character HTTP forbids in a value")


def _never(reason: str) -> DeliveryFailure:
    return DeliveryFailure(AttemptOutcome.UNDELIVERABLE, reason)
