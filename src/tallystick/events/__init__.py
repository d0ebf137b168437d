"""The log of everything that was accepted."""

from tallystick.events.cloudevents import cloudevent
from tallystick.events.event import Event
from tallystick.events.ids import new_id
from tallystick.events.log import BadCursor, Log, Page

__all__ = ["BadCursor", "Event", "Log", "Page", "cloudevent", "new_id"]
