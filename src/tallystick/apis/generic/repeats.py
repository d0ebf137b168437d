"""Calls sent again with their ``Idempotency-Key``: they are done once, and answered as then."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
from tallystick.encryption import Encryptor
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

    def __init__(
        self, api: str, clock: Clock, encryptor: Encryptor, answers: DeclaredAnswers
    ) -> None:
        self._api = api
        self._clock = clock
        self._encryptor = encryptor
        self._answers = answers

    def once(self, call: ContractCall, change: Change) -> Change:
        """Return the change as it is done for the first of all calls with one key.

        For another one it gives what became of the first, and raises `KeyReused` if they differ.
        """
        if not call.key:
            return change
        now_ms = self._clock.now_ms()
        caller, *_ = self._digests(self._api, call.caller)
        # One key at two addresses is two keys: programs take one for all that a person asked for.
        ids = self._digests(
            self._api, call.caller, call.request.method, call.request.path, call.key
        )
        requests = self._digests(as_json(dict(call.query)), as_json(call.body))

        def change_once(connection: Connection) -> Outcome:
            lock_name(connection, ids[0])
            known = _find(connection, ids, now_ms - KEPT_MS)
            if known is not None:
                if known.request not in requests:
                    raise self._refusal(call)
                return known.outcome
            outcome = change(connection)
            if outcome.item is not None:
                _remove_old(connection, caller, now_ms - KEPT_MS)
                row = {"id": ids[0], "caller": caller, "time": now_ms, "request": requests[0]}
                row["outcome"] = write_json([*outcome])
                # One too old to count may be there still.
                connection.execute(delete(done_calls).where(done_calls.c.id == ids[0]))
                connection.execute(insert(done_calls), row)
            return outcome

        return change_once

    def _digests(self, *parts: Any) -> list[str]:
        """Return digests that hide weak secrets in the parts: of the caller, or of a body."""
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return self._encryptor.digests(text)

    def _refusal(self, call: ContractCall) -> KeyReused:
        """Return the problem of another request with the key, by the declared status."""
        is_conflict = self._answers.declares(call.operation, KeyReused.status)
        return KeyReused() if is_conflict else KeyUnfit()


class _DoneCall(NamedTuple):
    request: str
    outcome: Outcome


def _find(connection: Connection, ids: Sequence[str], after_ms: int) -> _DoneCall | None:
    is_young = done_calls.c.time > after_ms
    row = connection.execute(select(done_calls).where(done_calls.c.id.in_(ids), is_young)).first()
    return _DoneCall(row.request, Outcome(*read_json(row.outcome))) if row else None


def _remove_old(connection: Connection, caller: str, before_ms: int) -> None:
    """Remove keys that are too old, and those of a caller beyond the newest; some at each call."""
    by_age = select(done_calls.c.id).order_by(done_calls.c.time)
    own = select(done_calls.c.id).where(done_calls.c.caller == caller)
    by_number = own.order_by(done_calls.c.time.desc()).offset(MOST - 1)
    for found in (by_age.where(done_calls.c.time <= before_ms), by_number):
        ids = connection.scalars(found.limit(_REMOVED_AT_ONCE)).all()
        if ids:
            connection.execute(delete(done_calls).where(done_calls.c.id.in_(ids)))
