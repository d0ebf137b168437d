"""Dialects: what is answered where the page and the vendor's own server differ.

`DIFFERENCES` is the one table: the service acts by it, and docs/decisions/eventhos.md shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.delivery import DeliveryState

PAGE = ""
SERVER = "1.0.1"
"""The version of the vendor's server."""


class Difference(NamedTuple):
    """A row of the table."""

    about: str
    page: Any
    server: Any


DIFFERENCES: Mapping[str, Difference] = {
    "stored": Difference("a stored event with contracts", (200, 200000), (200, 20000)),
    "stored_alone": Difference("a stored event without contracts", (200, 200310), (203, 200310)),
    "no_event": Difference("an unknown event", "400024", "400202"),
    "no_client": Difference(
        "the client is deleted, or the event's system has none", "400004", "404201"
    ),
    "revoked": Difference("the client is revoked", "400004", "403201"),
    "other_long_live": Difference(
        "another token of a client with a long-live one", "401202", "401201"
    ),
    "event_first": Difference("the event is looked for before the token is judged", False, True),
    "empty_is_object": Difference("an event without a body is {}", False, True),
    "reads_forms": Difference("a body of a form is an object of its fields", False, True),
    "error_states": Difference(
        "a run is processed or error, and unknown before its first try", False, True
    ),
    "numbers": Difference("active is 1 or 0, and a run's attempts are 0", False, True),
    "digit_ids": Difference("ids of received events have digits only", False, True),
    "empty_raw_body": Difference(
        "an action with rawBody {} sends the event's own body", False, True
    ),
    "body_always": Difference("GET and DELETE send the event's own body", False, True),
}
"""Name → the page's way and the server's: an HTTP status with a code, a code, or yes and no."""


class Dialect(NamedTuple):
    """One column of the table."""

    stored: tuple[int, int]
    stored_alone: tuple[int, int]
    no_event: str
    no_client: str
    revoked: str
    other_long_live: str
    event_first: bool
    empty_is_object: bool
    reads_forms: bool
    error_states: bool
    numbers: bool
    digit_ids: bool
    empty_raw_body: bool
    body_always: bool

    def state(self, state: str, attempts: int) -> str | None:
        """Return the word for a run's state; None for a run that is not shown yet."""
        if not self.error_states:
            return state
        if state == DeliveryState.DONE:
            return PROCESSED
        return ERROR if attempts or state in _ENDED else None

    def states(self, states: Sequence[tuple[str, int]]) -> list[str | None]:
        """Return the words for the runs of an event, each with its number of tries."""
        words = [self.state(state, attempts) for state, attempts in states]
        if not self.error_states:
            return words
        return [word for word in words if word is not None] or [None]


PROCESSED = "processed"
ERROR = "error"
_ENDED = frozenset({DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.CANCELLED})

WORDS: Mapping[str, frozenset[DeliveryState]] = {
    **{state.value: frozenset({state}) for state in DeliveryState},
    PROCESSED: frozenset({DeliveryState.DONE}),
    ERROR: _ENDED | {DeliveryState.PENDING, DeliveryState.LEASED},
    "aborted": frozenset({DeliveryState.CANCELLED}),
    "retried": frozenset(),
}
"""Words of a filter → the states of runs; those of the vendor's UI are taken in each dialect."""


def find_dialect(version: str) -> Dialect:
    """Return the answers of the page, or of the vendor's server of this version."""
    column = "page" if version == PAGE else "server"
    chosen = {name: getattr(DIFFERENCES[name], column) for name in Dialect._fields}
    return Dialect(**chosen)


def table() -> str:
    """Return the table of the differences as Markdown."""
    rows = [
        f"| {row.about} | {_shown(row.page)} | {_shown(row.server)} |"
        for row in DIFFERENCES.values()
    ]
    return "\n".join([f"| | page | {SERVER} |", "|---|---|---|", *rows])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if isinstance(value, str) else f"HTTP {value[0]}, `{value[1]}`"
