"""The terms of a new key: its scopes and its expiry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallystick.apis.keys import ALL_SCOPES
from tallystick.contract.document import Document
from tallystick.contract.exceptions import Refused
from tallystick.times import parse_iso

_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhdw])")
_MINUTE_MS = 60_000
_UNITS_MS = {
    "m": _MINUTE_MS,
    "h": 60 * _MINUTE_MS,
    "d": 24 * 60 * _MINUTE_MS,
    "w": 7 * 24 * 60 * _MINUTE_MS,
}


class UnfitScopes(Refused):
    """A key of the API can't have these scopes."""


class UnfitExpiry(Refused):
    """The expiry is neither a time nor a duration such as 90d."""


def read_terms(
    document: Document, scopes: Sequence[str], expires: str | None, now_ms: int
) -> int | None:
    """Return a key's end in milliseconds since the epoch, or None without one.

    Raise `UnfitScopes` or `UnfitExpiry`.
    """
    refuse_unfit_scopes(document, scopes)
    return parse_expiry(expires, now_ms) if expires else None


def refuse_unfit_scopes(document: Document, scopes: Sequence[str]) -> None:
    """Raise `UnfitScopes` for unknown scopes, and for an empty list if the API has scopes.

    Its message lists the valid scopes.
    """
    api, known = document.api, document.scopes
    choice = f"{', '.join(known)}, or {ALL_SCOPES} for all"
    if known and not scopes:
        raise UnfitScopes(f"a key of {api} needs a scope, one or more of {choice}")
    for scope in scopes:
        if scope != ALL_SCOPES and scope not in known:
            there_is = f"choose of {choice}" if known else f"{api} has none"
            raise UnfitScopes(f"{scope} is not a scope of {api}: {there_is}")


def parse_expiry(text: str, now_ms: int) -> int:
    """Return the expiry of a key in milliseconds since the epoch; raise `UnfitExpiry`.

    The text is an ISO 8601 time, in UTC without an offset, or a duration from now: a number with
    ``m``, ``h``, ``d`` or ``w``.
    """
    expires = _parse_end(text, now_ms)
    if expires <= now_ms:
        raise UnfitExpiry(f"{text} is past: a key ends later than now")
    return expires


def _parse_end(text: str, now_ms: int) -> int:
    if duration := _DURATION.fullmatch(text):
        return now_ms + int(duration[1]) * _UNITS_MS[duration[2]]
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise UnfitExpiry(
            f"{text} must be a time such as 2027-01-31T08:00:00Z or a duration such as 90d"
        ) from None
