"""The event log: every accepted request, stored in the order of acceptance."""

from tallystick.events.cloudevents import cloudevent
from tallystick.events.event import Event
from tallystick.events.ids import IDS, new_id
from tallystick.events.log import BadCursor, EventLog, EventPage
from tallystick.events.retention import Retention

__all__ = [
    "IDS",
    "BadCursor",
    "Event",
    "EventLog",
    "EventPage",
    "Retention",
    "cloudevent",
    "new_id",
]
