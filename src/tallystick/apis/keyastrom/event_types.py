"""The types of events, those that open a problem, and the reserved properties."""

from __future__ import annotations

from typing import Any, NamedTuple

from tallystick.contract.document import read_api


class EventType(NamedTuple):
    """A type of event to ingest, as the vendor describes it."""

    type: str
    displayName: str  # noqa: N815  # the vendor's own spelling
    severityLevel: str  # noqa: N815  # likewise
    description: str


_DECLARED = read_api("keyastrom").schema("EventIngestType")

EVENT_TYPES = tuple(
    EventType(name, **_DECLARED["x-event-types"][name]) for name in _DECLARED["enum"]
)
"""Every type that an ingest may name, in the contract's order."""

PROBLEM_TYPES = frozenset(t.type for t in EVENT_TYPES if t.severityLevel != "INFO")
"""Types of events that open a problem, which the same payload refreshes."""


class EventProperty(NamedTuple):
    """A reserved property, or by a `*` a family of them, open to an ingest."""

    key: str
    displayName: str  # noqa: N815  # the vendor's own spelling
    description: str

    def covers(self, key: str) -> bool:
        """Return whether it is that property, or the family of it."""
        prefix = self.key.removesuffix("*")
        return key == self.key or (prefix != self.key and key.startswith(prefix) and key != prefix)

    def to_json(self, key: str) -> dict[str, Any]:
        """Return the shape of the vendor's answers, under the given key."""
        return {**self._asdict(), "key": key, "filterable": True, "writable": True}


EVENT_PROPERTIES = tuple(
    EventProperty(f"dt.{key}", name, text)
    for key, name, text in (
        ("davis.*", "Davis", "What the vendor's causal engine is told."),
        ("entity.*", "Entity", "An entity that is told of; the event is not bound to it."),
        ("event.allow_davis_merge", "Allow merge", "`true` or `false`: may be merged."),
        ("event.allow_entity_remapping", "Allow remapping", "`true` or `false`: may move."),
        (
            "event.allow_frequent_issue_detection",
            "Allow frequent issue detection",
            "`true` or `false`: may be taken for a frequent issue.",
        ),
        ("event.deployment.*", "Deployment", "The deployed name, version, project and so on."),
        ("event.description", "Description", "More than fits into a title."),
        ("event.is_rootcause_relevant", "Root cause", "`true` or `false`: may be a cause."),
        ("event.preferred_entity_type", "Preferred entity type", "Where to show the event."),
        ("event.source", "Source", "Who tells of the event."),
        ("event.suppress_problem", "Suppress problem", "`true` or `false`: opens no problem."),
        ("event.timeout", "Timeout", "Minutes, in digits."),
        ("event.title", "Title", "The title once more."),
    )
)
"""Every reserved property that can be set, by key."""
