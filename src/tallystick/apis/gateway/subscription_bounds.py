"""What all subscriptions may have together, as each event is compared with every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from tallystick.apis.gateway.exceptions import SubscriptionsFull
from tallystick.apis.gateway.tables import subscriptions
from tallystick.contract.document import read_api
from tallystick.store import lock_name

_COUNT, _FILTERS, _ALL = "subscriptions", "bytes of filters", "bytes"

MOST: Mapping[str, int] = read_api("gateway").schema("GatewaySubscriptionList")["x-most"]
"""Measure → its limit over all subscriptions."""

_BOUNDS = {
    _COUNT: "There are at most {:,} subscriptions",
    _FILTERS: "Subscriptions have at most {:,} bytes of filters together",
    _ALL: "Subscriptions have at most {:,} bytes together",
}
"""Measure → its limit in words."""


def change_within_bounds(change: Callable[[Connection], object], connection: Connection) -> None:
    """Make a change of subscriptions in the caller's transaction; raise `SubscriptionsFull`.

    A change that adds nothing to a measure is made, though the measure is over its limit.
    """
    lock_name(connection, subscriptions.name)
    before = _measure(connection)
    change(connection)
    after = _measure(connection)
    for measure, most in MOST.items():
        if after[measure] > max(most, before[measure]):
            raise SubscriptionsFull(_BOUNDS[measure].format(most))


def _measure(connection: Connection) -> Mapping[str, int]:
    """Return how much there is of each measure."""
    c = subscriptions.c
    texts = select(c.filters, c.name, c.sink, c.options, c.sealed_options)
    # Measured here, as SQLite counts characters.
    sizes = [[len(text.encode()) for text in row] for row in connection.execute(texts)]
    return {
        _COUNT: len(sizes),
        _FILTERS: sum(filters for filters, *_ in sizes),
        _ALL: sum(map(sum, sizes)),
    }
