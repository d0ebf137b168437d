"""The event log: every accepted request, stored in the order of acceptance."""

from tallystick.events.cloudevents import cloudevent
from tallystick.events.counts import CountedBy, EventCounts
from tallystick.events.digest_keeper import DigestKeeper
from tallystick.events.event import Event
from tallystick.events.ids import IDS, new_id
from tallystick.events.log import BadCursor, EventLog
from tallystick.events.pages import EventPage
from tallystick.events.partition_keeper import PartitionKeeper
from tallystick.events.retention import Retention
from tallystick.events.selection import EventSelection

__all__ = [
    "IDS",
    "BadCursor",
    "CountedBy",
    "DigestKeeper",
    "Event",
    "EventCounts",
    "EventLog",
    "EventPage",
    "EventSelection",
    "PartitionKeeper",
    "Retention",
    "cloudevent",
    "new_id",
]
