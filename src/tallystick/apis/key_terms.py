"""The terms of a new key: its scopes and its expiry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from tallystick.apis.key_limits import KeyLimits
from tallystick.apis.keys import ALL_SCOPES
from tallystick.contract.document import Document, read_api
from tallystick.contract.exceptions import Refused
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.storable_text import is_storable
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


class UnfitBounds(Refused):
    """A key can't be bound to these sources or types."""


class UnfitQuotas(Refused):
    """A key can't use up quotas of these kinds."""


class UnfitExpiry(Refused):
    """The expiry is neither a time nor a duration such as 90d."""


def read_terms(
    document: Document,
    scopes: Sequence[str],
    expires: str | None,
    now_ms: int,
    limits: KeyLimits | None = None,
) -> int | None:
    """Return a key's end in milliseconds since the epoch, or None without one.

    Raise `UnfitScopes`, `UnfitBounds`, `UnfitQuotas` or `UnfitExpiry`.
    """
    refuse_unfit_scopes(document, scopes)
    if limits is not None:
        refuse_unfit_quotas(document, limits)
    if limits is not None and limits.is_bound:
        refuse_unfit_bounds(document, scopes, limits)
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


def refuse_unfit_bounds(document: Document, scopes: Sequence[str], limits: KeyLimits) -> None:
    """Raise `UnfitBounds` for scopes that show or change more than events, and for unfit texts.

    A document lists the scopes of a bound key in ``x-bound-scopes``; without a list, all are fit.
    """
    if not all(map(is_storable, (*limits.sources, *limits.types))):
        raise UnfitBounds("a source or a type has a NUL or half a surrogate pair")
    allowed = document.content.get("x-bound-scopes")
    if allowed is None or set(scopes) <= set(allowed):
        return
    choice = f"give it {' and '.join(allowed)} alone" if allowed else "its keys send none"
    raise UnfitBounds(f"a key of {document.api} can't be bound to sources or types: {choice}")


def refuse_unfit_quotas(document: Document, limits: KeyLimits) -> None:
    """Raise `UnfitQuotas` for quotas of what no key of the API takes.

    A document lists the quotas that its keys can have in ``x-key-quotas``; without a list, all.
    """
    fit = document.content.get("x-key-quotas", limits.quotas)
    for name in limits.quotas:
        if name not in fit:
            choice = " and ".join(fit)
            raise UnfitQuotas(f"a key of {document.api} can't have {name}: it can have {choice}")


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


@cache
def terms_schema() -> Schema:
    """Return the schema of a key's terms in the gateway's contract, beside its API."""
    gateway = read_api("gateway")
    members = dict(gateway.schema("GatewayKeyTerms")["properties"])
    # A contract of one's own may have any name.
    del members["api"]
    terms = {name: gateway.resolve(member) for name, member in members.items()}
    return Schema(to_json_schema({"type": "object", "properties": terms}), {})
