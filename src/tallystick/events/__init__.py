"""The log of everything that was accepted."""

from tallystick.events.cloudevents import cloudevent
from tallystick.events.event import Event
from tallystick.events.ids import IDS, new_id
from tallystick.events.log import BadCursor, Log, Page
from tallystick.events.retention import Retention

__all__ = ["IDS", "BadCursor", "Event", "Log", "Page", "Retention", "cloudevent", "new_id"]
