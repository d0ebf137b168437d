"""The limits of a key: the events that it is bound to, and its quotas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tallystick.events import Event


class Measure(StrEnum):
    """What a quota counts, by its name in the contract."""

    REQUESTS = "requests_per_minute"
    EVENTS = "events_per_minute"
    BYTES = "bytes_per_minute"
    DELIVERIES = "deliveries_per_day"


class KeyLimits(NamedTuple):
    """The limits of a key; an empty member stands for no limit of its kind."""

    sources: Sequence[str] = ()
    types: Sequence[str] = ()
    quotas: Mapping[str, int] = {}
    """`Measure` → the most of it."""

    @property
    def is_bound(self) -> bool:
        """Return whether it has to do with events of some sources or types alone."""
        return bool(self.sources or self.types)

    def permits(self, event: Event) -> bool:
        """Return whether the event is of its sources and types."""
        is_source = not self.sources or event.source in self.sources
        return is_source and (not self.types or event.type in self.types)


def read_limits(given: Mapping[str, Any]) -> KeyLimits | None:
    """Return the limits among a key's terms, as the contract has them; None without any."""
    limits = KeyLimits(
        tuple(given.get("sources", ())), tuple(given.get("types", ())), given.get("quotas", {})
    )
    return limits if limits.is_bound or limits.quotas else None


def show_limits(limits: KeyLimits | None) -> dict[str, Any]:
    """Return the limits as the contract has them."""
    shown = limits or KeyLimits()
    return {
        "sources": list(shown.sources),
        "types": list(shown.types),
        "quotas": dict(shown.quotas),
    }


def limits_to_text(limits: KeyLimits | None) -> str | None:
    """Return the limits as a text for `text_to_limits`; None without any."""
    return None if limits is None else json.dumps(show_limits(limits))


def text_to_limits(text: str | None) -> KeyLimits | None:
    """Return the limits of a text."""
    return None if text is None else read_limits(json.loads(text))
