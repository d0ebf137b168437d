"""Calls sent again with their ``Idempotency-Key``: they are done once, and answered as then."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.resource_store import Item
from tallystick.apis.generic.tables import done_calls
from tallystick.apis.generic.to_event import as_json
from tallystick.clock import Clock
from tallystick.contract.exceptions import Problem
from tallystick.contract.json_text import read_json, write_json
from tallystick.store import lock_name

KEPT_MS = 24 * 60 * 60 * 1000
"""How long a key is known, in milliseconds."""

MOST = 10_000
"""The most keys known of one caller: the newest ones."""

_REMOVED_AT_ONCE = 100


class Outcome(NamedTuple):
    """What became of a call on a resource."""

    item: Item | None
    """The resource; None where there is none to change."""
    status: int | None = None
    """The status of its answer, where it has another one than the operation's first."""
    location: str = ""
    was_there: bool = False
    """Whether there was one, now deleted."""


Change = Callable[[Connection], Outcome]
"""Changes a resource within a transaction."""


class KeyReused(Problem):
    """The key was sent before, with another request."""

    status = 409


class KeyUnfit(KeyReused):
    """The key was sent before, with another request."""

    status = 422


class Repeats:
    """The calls of one contract done with a key."""

    def __init__(self, api: str, clock: Clock, answers: DeclaredAnswers) -> None:
        self._api = api
        self._clock = clock
        self._answers = answers

    def once(self, call: ContractCall, change: Change) -> Change:
        """Return the change as it is done for the first of all calls with one key.

        For another one it gives what became of the first, and raises `KeyReused` if they differ.
        """
        if not call.key:
            return change
        now_ms = self._clock.now_ms()
        caller = _digest(self._api, call.caller)
        # One key at two addresses is two keys: programs take one for all that a person asked for.
        id_ = _digest(caller, call.request.method, call.request.path, call.key)
        request = _digest(as_json(dict(call.query)), as_json(call.body))

        def change_once(connection: Connection) -> Outcome:
            lock_name(connection, id_)
            known = _find(connection, id_, now_ms - KEPT_MS)
            if known is not None:
                if known.request != request:
                    raise self._refusal(call)
                return known.outcome
            outcome = change(connection)
            if outcome.item is not None:
                _remove_old(connection, caller, now_ms - KEPT_MS)
                row = {"id": id_, "caller": caller, "time": now_ms, "request": request}
                row["outcome"] = write_json([*outcome])
                # One too old to count may be there still.
                connection.execute(delete(done_calls).where(done_calls.c.id == id_))
                connection.execute(insert(done_calls), row)
            return outcome

        return change_once

    def _refusal(self, call: ContractCall) -> KeyReused:
        """Return the problem of another request with the key, by the declared status."""
        is_conflict = self._answers.declares(call.operation, KeyReused.status)
        return KeyReused() if is_conflict else KeyUnfit()


class _DoneCall(NamedTuple):
    request: str
    outcome: Outcome


def _find(connection: Connection, id_: str, after_ms: int) -> _DoneCall | None:
    row = connection.execute(select(done_calls).where(done_calls.c.id == id_)).first()
    if row is None or row.time <= after_ms:
        return None
    return _DoneCall(row.request, Outcome(*read_json(row.outcome)))


def _remove_old(connection: Connection, caller: str, before_ms: int) -> None:
    """Remove keys that are too old, and those of a caller beyond the newest; some at each call."""
    by_age = select(done_calls.c.id).order_by(done_calls.c.time)
    own = select(done_calls.c.id).where(done_calls.c.caller == caller)
    by_number = own.order_by(done_calls.c.time.desc()).offset(MOST - 1)
    for found in (by_age.where(done_calls.c.time <= before_ms), by_number):
        ids = connection.scalars(found.limit(_REMOVED_AT_ONCE)).all()
        if ids:
            connection.execute(delete(done_calls).where(done_calls.c.id.in_(ids)))


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
