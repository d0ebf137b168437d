"""The try of a filter on an event, for the gateway: nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tallystick.apis.eventgrid import filters, texts
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidFilter
from tallystick.contract.exceptions import Invalid, Violation


def try_filter(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a filter takes an event, and what of it does not fit; raise `Invalid`."""
    for name in ("filter", "event"):
        _check(name, texts.refuse_unstorable, body[name])
    _check("filter", filters.refuse_unreadable, body["filter"])
    found = list(filters.find_mismatches(body["filter"], body["event"]))
    shown = [{"path": each.path, "message": each.describe()} for each in found]
    return {"matches": not found, "mismatches": shown}


def _check(name: str, check: Callable[[Any], None], value: Any) -> None:
    try:
        check(value)
    except (BadValue, InvalidFilter) as error:
        message = f"can't be read: {error}"
        raise Invalid([Violation("body", name, "pattern", None, message, (name,))]) from None
