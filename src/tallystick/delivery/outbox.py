"""The outbox: deliveries stored in the transaction of their event, and the queries about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    select,
    update,
)

from tallystick.clock import Clock
from tallystick.contract.log_failure import log_failure
from tallystick.delivery import sql
from tallystick.delivery.adapter import DeliveryAdapter, FailedAttempt, FailureListener
from tallystick.delivery.attempt_tracer import AttemptTracer
from tallystick.delivery.counts import DeliveryCounts, read_counts
from tallystick.delivery.delivery import (
    REPLAYABLE,
    Attempt,
    Delivery,
    DeliveryState,
    Destination,
    delivery_id,
    run_of,
)
from tallystick.delivery.endpoint_health import EndpointRecord, read_endpoints
from tallystick.delivery.pages import DeliveryPage, read_page
from tallystick.delivery.selection import DeliverySelection
from tallystick.delivery.sender import Sender
from tallystick.delivery.tables import attempts, deliveries, targets
from tallystick.events import Event
from tallystick.store import Database, Entry, SliceResult, bump_revision, lock_name, work_in_slices
from tallystick.store.partitions import drop_partitions
from tallystick.store.slices import WorkSlice
from tallystick.store.tables import events

REPLAYED_AT_ONCE = 500
REVISION = "delivery"


class Wake(Protocol):
    """The signature of `Dispatcher.wake`."""

    def __call__(self, *, by_hand: bool = False) -> None:
        """Look for due deliveries; with `by_hand`, at endpoints left alone after failures too."""
        ...


class Outbox:
    """The deliveries of all kinds: services add them, and a `Dispatcher` attempts them."""

    def __init__(self, database: Database, clock: Clock, sender: Sender) -> None:
        self._database = database
        self._clock = clock
        self.sender = sender
        """Sends an adapter's own requests, such as one for a token."""
        self.tracer: AttemptTracer | None = None
        """Traces attempts, if calls are traced."""
        self.adapters: dict[str, DeliveryAdapter] = {}
        self._wake: Wake = _nobody
        self._failure_listeners: list[FailureListener] = []

    def register_adapter(self, kind: str, adapter: DeliveryAdapter) -> None:
        """Let the adapter build the requests of this kind of deliveries."""
        self.adapters[kind] = adapter

    def add_failure_listener(self, listener: FailureListener) -> None:
        """Store the listener's rows with each further failed attempt."""
        self._failure_listeners.append(listener)

    def build_failure_rows(self, failed: FailedAttempt) -> list[Entry]:
        """Return the rows of all listeners about a failed attempt, none after an internal error."""
        try:
            return [row for listener in self._failure_listeners for row in listener(failed)]
        except Exception as error:
            log_failure(error, f"nobody can be told of the failure of {failed.delivery.id}")
            return []

    def attach_dispatcher(self, wake: Wake | None) -> None:
        """Call the function, in any thread, when deliveries may be due; None detaches it."""
        self._wake = wake or _nobody

    def build_deliveries(
        self, event: Event, kind: str, destinations: Iterable[Destination]
    ) -> list[Entry]:
        """Return the rows to deliver an event, and to store with it; each target may occur once."""
        wanted = list(destinations)
        if not wanted:
            return []
        self._wake()
        positions = {d.position for d in wanted}
        first, last = min(positions), max(positions)
        return [(deliveries, _row(event, kind, d, first, last)) for d in wanted]

    async def get_delivery(self, id_: str) -> Delivery | None:
        """Return the delivery with this id, or None."""
        found = await self.list_deliveries(DeliverySelection(ids=[id_]), limit=1)
        return found[0] if found else None

    async def list_deliveries(
        self, selection: DeliverySelection, *, limit: int = 100, before: str | None = None
    ) -> list[Delivery]:
        """Return deliveries, newest events first; with `before`, those with lower ids."""
        rules = selection.rules()
        if before is not None:
            rules.append(deliveries.c.id < before)
        statement = select(deliveries).where(*rules).order_by(deliveries.c.id.desc()).limit(limit)
        return await self._database.read_long(
            lambda connection: [Delivery._make(row) for row in connection.execute(statement)]
        )

    async def read_page(
        self, selection: DeliverySelection, *, limit: int, before: str | None
    ) -> DeliveryPage:
        """Return a page of deliveries, newest events first; with `before`, those with lower ids."""
        read = partial(read_page, selection=selection, limit=limit, before=before)
        return await self._database.read_long(read)

    async def count_deliveries(self, selection: DeliverySelection) -> DeliveryCounts:
        """Return the number of selected deliveries of each state."""
        return await self._database.read_long(partial(read_counts, selection=selection))

    async def list_endpoints(self) -> tuple[list[EndpointRecord], bool]:
        """Return the endpoints of the last day's deliveries, and whether these are all."""
        now_ms = self._clock.now_ms()
        return await self._database.read(partial(read_endpoints, now_ms=now_ms))

    async def list_attempts(self, ids: Iterable[str]) -> dict[str, list[Attempt]]:
        """Return the attempts of each delivery by its id, in their order."""
        wanted: dict[str, list[Attempt]] = {id_: [] for id_ in ids}
        c = attempts.c
        statement = select(attempts).where(c.delivery_id.in_(list(wanted)))

        def found(connection: Connection) -> dict[str, list[Attempt]]:
            for row in connection.execute(statement.order_by(c.delivery_id, c.number)):
                wanted[row.delivery_id].append(Attempt._make(row))
            return wanted

        return await self._database.read(found)

    async def replay_deliveries(self, selection: DeliverySelection) -> int:
        """Deliver ended deliveries again and pending ones at once; return their number.

        Their retry schedule starts again. The groups of an event are delivered in order, as at
        first.
        """
        rules = _replayable(selection)
        chosen = select(deliveries.c.id, deliveries.c.event_id, deliveries.c.kind)
        chosen = chosen.where(*rules).order_by(deliveries.c.id).limit(REPLAYED_AT_ONCE)
        count, last, in_last = 0, "", REPLAYED_AT_ONCE
        while in_last == REPLAYED_AT_ONCE:
            following = chosen.where(deliveries.c.id > last)
            now = self._clock.now_ms()
            ids = await self._database.write(
                lambda connection, s=following, now=now: _replay(connection, s, now)  # type: ignore[misc]  # mypy takes no defaults here
            )
            count, in_last = count + len(ids), len(ids)
            last = ids[-1] if ids else last
            self._wake(by_hand=True)
        return count

    async def count_replayable(self, selection: DeliverySelection) -> int:
        """Return how many deliveries `replay_deliveries` would deliver again."""
        counted = select(func.count()).select_from(deliveries).where(*_replayable(selection))
        return await self._database.read(lambda connection: connection.scalar(counted) or 0)

    async def cancel_deliveries(self, selection: DeliverySelection) -> int:
        """Cancel unfinished deliveries; return their number. Requests under way are still sent."""
        unfinished = sorted(set(DeliveryState) - {DeliveryState.DONE, DeliveryState.CANCELLED})
        rules = [*selection.rules(), deliveries.c.state.in_(unfinished)]
        now = self._clock.now_ms()
        count = await self._database.write(lambda connection: _cancel(connection, rules, now))
        self._wake()
        return count

    async def list_disabled_targets(self, kind: str) -> Mapping[str, str]:
        """Return the disabled targets, each with the reason."""
        statement = select(targets.c.target, targets.c.reason).where(
            targets.c.kind == kind, targets.c.off.is_not(None)
        )
        return await self._database.read(
            lambda connection: {row.target: row.reason for row in connection.execute(statement)}
        )

    async def enable_target(self, kind: str, target: str) -> None:
        """Enable a disabled target; held deliveries stay held until a replay."""
        await self._database.write(lambda connection: forget_target(connection, kind, target))

    async def prune_deliveries(self) -> int:
        """Remove deliveries of deleted events, except those under way; return their number."""
        oldest: str | None = await self._database.read(lambda c: c.scalar(_OLDEST_EVENT))
        if oldest is None:
            return 0
        await drop_partitions(self._database, attempts, oldest)
        await self._slice(partial(_prune_attempts, before=oldest))
        return await self._slice(partial(_prune_deliveries, before=oldest))

    async def _slice(self, work: WorkSlice) -> int:
        return await work_in_slices(self._database, self._clock, work)


def _replayable(selection: DeliverySelection) -> list[ColumnElement[bool]]:
    """Return the conditions of selected deliveries in a state to replay from."""
    states = (selection.states or REPLAYABLE) & REPLAYABLE
    return [*selection.rules(), deliveries.c.state.in_(sorted(states))]


def _nobody(*, by_hand: bool = False) -> None:
    """Do nothing: this process has no dispatcher."""
    del by_hand


def forget_target(connection: Connection, kind: str, target: str) -> None:
    """Mark a target as healthy within the caller's transaction, as it was changed or removed."""
    lock_targets(connection)
    row = (targets.c.kind == kind) & (targets.c.target == target)
    if connection.execute(delete(targets).where(row)).rowcount:
        bump_revision(connection, REVISION)


def lock_targets(connection: Connection) -> None:
    """Let only one transaction at a time change the health of targets."""
    # A process has several of them to change, and others the same ones in another order.
    lock_name(connection, targets.name)


def release_runs(connection: Connection, runs: Iterable[str], now_ms: int) -> None:
    """Make the next group of each run pending, where all earlier ones have ended."""
    dialect = sql.dialect_of(connection)
    # The character after `_` ends the range of ids with this prefix.
    given = sql.given_rows([[run, run[:-1] + "`"] for run in sorted(set(runs))])
    open_: dict[str, list[tuple[int, str, str]]] = {}
    for row in connection.execute(sql.open_runs(dialect), {"rows": given}):
        run = run_of(row.event_id, row.kind)
        open_.setdefault(run, []).append((row.position, row.state, row.id))
    due = [[id_] for rows in open_.values() for id_ in _next_group(rows)]
    if due:
        parameters = {"rows": sql.given_rows(due), "now": now_ms}
        connection.execute(sql.releasing(dialect), parameters)


def _next_group(rows: Sequence[tuple[int, str, str]]) -> list[str]:
    """Return the waiting deliveries of the lowest unfinished group."""
    lowest = min(position for position, _, _ in rows)
    return [
        id_
        for position, state, id_ in rows
        if position == lowest and state == DeliveryState.WAITING
    ]


def _row(event: Event, kind: str, destination: Destination, first: int, last: int) -> Delivery:
    target, endpoint, position, tenant = destination
    state = DeliveryState.PENDING if position == first else DeliveryState.WAITING
    return Delivery(
        id=delivery_id(event.id, kind, target),
        event_id=event.id,
        kind=kind,
        target=target,
        endpoint=endpoint,
        position=position,
        followed=int(position < last),
        state=state.value,
        attempts=0,
        tries=0,
        retried=0,
        due=event.time,
        owner="",
        until=0,
        detail="",
        tenant=f"{kind}/{tenant or target}",
    )


def _replay(connection: Connection, chosen: Any, now_ms: int) -> list[str]:
    rows = connection.execute(chosen).all()
    runs = {run_of(row.event_id, row.kind) for row in rows}
    sql.dialect_of(connection).lock_runs(connection, sorted(runs))
    ids = [row.id for row in rows]
    if ids:
        c = deliveries.c
        connection.execute(
            update(deliveries)
            .where(c.id.in_(ids), c.state.in_(sorted(REPLAYABLE)))
            .values(state=DeliveryState.WAITING.value, tries=0, retried=0, due=now_ms, detail="")
        )
        release_runs(connection, runs, now_ms)
    return ids


def _cancel(connection: Connection, rules: Sequence[ColumnElement[bool]], now_ms: int) -> int:
    c = deliveries.c
    rows = connection.execute(select(c.id, c.event_id, c.kind).where(*rules)).all()
    runs = {run_of(row.event_id, row.kind) for row in rows}
    sql.dialect_of(connection).lock_runs(connection, sorted(runs))
    changed = connection.execute(
        update(deliveries)
        .where(c.id.in_([row.id for row in rows]), *rules)
        .values(state=DeliveryState.CANCELLED.value, detail="aborted")
    )
    release_runs(connection, runs, now_ms)
    return changed.rowcount


_OLDEST_EVENT = select(func.min(events.c.id))


def _prune_attempts(connection: Connection, rows: int, *, before: str) -> SliceResult:
    id_ = attempts.c.delivery_id
    old = select(id_).where(*_without_event(id_, before)).distinct()
    return _remove(connection, id_, old, rows)


def _prune_deliveries(connection: Connection, rows: int, *, before: str) -> SliceResult:
    c = deliveries.c
    is_at_rest = c.state != DeliveryState.LEASED.value
    old = select(c.id).where(*_without_event(c.id, before), is_at_rest)
    return _remove(connection, c.id, old, rows)


def _without_event(id_: Column[Any], before: str) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of ids before the oldest event, last read as `before`."""
    # An older event may be committed since, and its deliveries with it: one statement sees all of
    # them or none. PostgreSQL plans by the known id.
    return id_ < before, id_ < _OLDEST_EVENT.scalar_subquery()


def _remove(
    connection: Connection, column: Column[Any], chosen: Select[Any], rows: int
) -> SliceResult:
    """Remove the rows of the first `rows` selected ids."""
    ids = connection.scalars(chosen.order_by(column).limit(rows)).all()
    if ids:
        connection.execute(delete(column.table).where(column.in_(ids)))
    return SliceResult(len(ids), is_last=len(ids) < rows)
