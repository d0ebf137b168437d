"""Arrivals: an event that channels hand on reaches each of them once."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select, text

from tallystick.apis.eventgrid import attributes
from tallystick.apis.eventgrid.tables import arrivals
from tallystick.events import Event

_ADD = text(
    "INSERT INTO eventgrid_arrivals (root, channel_id, carrier, event_id) "
    "VALUES (:root, :channel_id, :carrier, :event_id) ON CONFLICT DO NOTHING"
)


def add_arrival(connection: Connection, event: Event, channel_id: str, delivery_id: str) -> bool:
    """Return whether this delivery brings the event to the channel, as the first that was to."""
    logged = json.loads(event.attributes)
    root = attributes.root(logged, event.id)
    both = {"root": root, "event_id": event.id}
    # The event is in its own channel already, brought by no delivery if it was published there.
    own = {**both, "channel_id": logged[attributes.CHANNEL], "carrier": event.id}
    other = {**both, "channel_id": channel_id, "carrier": delivery_id}
    connection.execute(_ADD, [own, other])
    its = (arrivals.c.root == root, arrivals.c.channel_id == channel_id)
    return connection.scalar(select(arrivals.c.carrier).where(*its)) == delivery_id
