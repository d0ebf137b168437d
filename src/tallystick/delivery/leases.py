"""The dispatcher's access to the outbox: claim due deliveries, and store results of attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, insert, select, text

from tallystick.contract.log_failure import log_failure
from tallystick.delivery import attempt_record, sql
from tallystick.delivery.adapter import FailedAttempt
from tallystick.delivery.delivery import ENDED, Attempt, AttemptOutcome, Delivery, DeliveryState
from tallystick.delivery.local_failure import is_local
from tallystick.delivery.outbox import REVISION, forget_target, lock_targets, release_runs
from tallystick.delivery.schedule import SCHEDULE_MS
from tallystick.delivery.shares import Lane, SharedPool
from tallystick.delivery.tables import deliveries, targets
from tallystick.events import Event
from tallystick.store import Entry, bump_revision, is_unavailable, raise_unavailable
from tallystick.store.tables import events

# Three times the interval of renewals, so that a late one loses no lease.
LEASE_MS = 15_000
APART_MS = 1_000
LONGEST_APART_MS = 5 * 60_000

Target = tuple[str, str]
"""A kind of delivery, and the id of one of its targets."""


class Claim(NamedTuple):
    """A leased delivery with its event, or with the reason for a missing one."""

    delivery: Delivery
    event: Event | None
    reason: str = ""
    outcome: AttemptOutcome = AttemptOutcome.UNDELIVERABLE
    """The outcome of the attempt if the event is missing."""

    @property
    def size(self) -> int:
        """Return the event's size in bytes."""
        return len(self.event.data) + len(self.event.attributes) if self.event else 0


class Settlement(NamedTuple):
    """The result of an attempt: its record, and the delivery's new state."""

    delivery: Delivery
    attempt: Attempt
    state: DeliveryState
    due: int
    detail: str
    entries: Sequence[Entry] = ()


class EndpointHealth(NamedTuple):
    """The state of a failing or disabled target."""

    failing_since: int | None
    off: int | None
    reason: str


class Demand(NamedTuple):
    """The room of a dispatcher for deliveries, by number and size."""

    owner: str
    requests: SharedPool
    """The pool of concurrent requests, with each lane's share."""
    bytes: SharedPool
    """The pool of bytes for events in memory; the first event may exceed it."""
    places: defaultdict[str | Lane, int]
    """How many more requests each endpoint and each lane may have."""
    off: Set[Target]
    """Targets this process knows as disabled; the table of targets is asked before one is held."""


def claim_deliveries(
    connection: Connection, demand: Demand, now_ms: int
) -> tuple[list[Claim], list[Delivery]]:
    """Lease due deliveries; return them, and those to disabled targets for `hold_deliveries`."""
    found = _find_due(connection, demand, now_ms)
    # Asked again: what this process knows may lag.
    off = _off(connection, {_target(delivery) for delivery, _ in found} & demand.off)
    leased = _admitted([each for each in found if _target(each[0]) not in off], demand)
    events_found = _read_events(connection, {delivery.event_id for delivery in leased})
    _lease(connection, [delivery.id for delivery in leased], demand.owner)
    return [
        Claim(_leased(delivery, demand.owner), *events_found.get(delivery.event_id, _GONE))
        for delivery in leased
    ], [delivery for delivery, _ in found if _target(delivery) in off]


def hold_deliveries(connection: Connection, found: Sequence[Delivery], now_ms: int) -> None:
    """Hold the pending ones of deliveries to disabled targets; a target may be on by now.

    It has a transaction of its own: runs are locked before their rows, and a claim has the rows.
    """
    dialect = sql.dialect_of(connection)
    # Each run, so that a replay comes before this one, or finds the delivery held.
    dialect.lock_runs(connection, [delivery.run for delivery in found])
    off = _off(connection, {_target(delivery) for delivery in found})
    held = [delivery for delivery in found if _target(delivery) in off]
    if held:
        ids = sql.given_rows([[delivery.id] for delivery in held])
        connection.execute(sql.holding(dialect), {"rows": ids})
        release_runs(connection, [d.run for d in held if d.followed], now_ms)


def settle_deliveries(
    connection: Connection, settlements: Sequence[Settlement], now_ms: int
) -> None:
    """Store attempts and their results; a lost lease leaves its delivery unchanged."""
    if not settlements:
        return
    dialect = sql.dialect_of(connection)
    followed = [s.delivery.run for s in settlements if s.delivery.followed and s.state in ENDED]
    if followed:
        dialect.lock_runs(connection, followed)
    ours = _still_ours(connection, [s for s in settlements if s.entries])
    given = [
        [s.delivery.id, s.attempt.number, s.state, s.delivery.tries, s.due, s.detail]
        for s in settlements
    ]
    connection.execute(sql.settling(dialect), {"rows": sql.given_rows(given)})
    record_attempts(connection, [s.attempt for s in settlements])
    for settlement in ours:
        _store(connection, settlement)
    if followed:
        release_runs(connection, followed, now_ms)


def record_attempts(connection: Connection, attempts: Sequence[Attempt]) -> None:
    """Store attempts; the first record of each attempt is kept."""
    if attempts:
        statement = sql.recording(sql.dialect_of(connection))
        connection.execute(statement, {"rows": sql.given_rows(attempts)})


def find_all(connection: Connection) -> list[str]:
    """Return the ids of all leased deliveries."""
    return list(connection.scalars(sql.LEASED))


def find_lapsed(connection: Connection) -> list[str]:
    """Return the ids of deliveries with an expired lease, locked for the transaction."""
    return list(connection.scalars(sql.LAPSED, _with_lease(sql.LAPSED, {})))


def find_unheld(connection: Connection, owner: str, held: Sequence[str]) -> list[str]:
    """Return the ids of the owner's leased deliveries besides the held ones, locked.

    The owner has claimed them without an answer: its connection broke at the commit.
    """
    statement = sql.unheld(sql.dialect_of(connection))
    parameters = {"rows": sql.given_rows([[id_] for id_ in held]), "owner": owner}
    return list(connection.scalars(statement, parameters))


def end_leases(
    connection: Connection,
    lost: Sequence[str],
    now_ms: int,
    *,
    random: Callable[[], float],
    build_failure_rows: Callable[[FailedAttempt], Sequence[Entry]],
) -> list[Settlement]:
    """End the leases of lost deliveries, given by their ids; return how each ended.

    The rows of `build_failure_rows` are stored with each delivery dead by it.
    """
    if not lost:
        return []
    why = "the worker ended, or lost its claim, before it wrote the outcome"
    settlements = []
    for found in connection.execute(select(deliveries).where(deliveries.c.id.in_(lost))):
        delivery = Delivery._make(found)
        attempt = lost_attempt(delivery, now_ms, why)
        # The attempts of a worker that ended count: the delivery may be the reason for its end.
        state = DeliveryState.PENDING if delivery.tries < len(SCHEDULE_MS) else DeliveryState.DEAD
        due = now_ms + apart_ms(delivery.tries, random)
        settlements.append(Settlement(delivery, attempt, state, due, why))
    dead = [s for s in settlements if s.state is DeliveryState.DEAD]
    told = _tell_dead(connection, dead, now_ms, build_failure_rows)
    alive = [s for s in settlements if s.state is not DeliveryState.DEAD]
    settle_deliveries(connection, [*alive, *told], now_ms)
    return settlements


def _tell_dead(
    connection: Connection,
    dead: Sequence[Settlement],
    now_ms: int,
    build_failure_rows: Callable[[FailedAttempt], Sequence[Entry]],
) -> list[Settlement]:
    """Return the settlements with the rows about them."""
    events_found = _read_events(connection, {s.delivery.event_id for s in dead})

    def rows(settlement: Settlement) -> Sequence[Entry]:
        delivery, _, state, _, why, _ = settlement
        event, _, _ = events_found.get(delivery.event_id, _GONE)
        if event is None:
            return ()
        outcome = AttemptOutcome.LOST
        return build_failure_rows(FailedAttempt(delivery, event, outcome, state, why, now_ms))

    return [settlement._replace(entries=rows(settlement)) for settlement in dead]


def apart_ms(tries: int, random: Callable[[], float]) -> int:
    """Return the delay in ms of a delivery whose worker ended: 0 the first time, then at random.

    One of the deliveries under way may be crashing the workers. Random delays within a
    growing span separate it from the others, until those have arrived without it.
    """
    # Without it 23 of 120 deliveries died with the one at fault (docs/decisions/delivery.md,
    # "When is a delivery attempted again after its process ended?").
    span = min(APART_MS * 2 ** (tries - 1), LONGEST_APART_MS) if tries > 1 else 0
    return int(random() * span)


def lost_attempt(delivery: Delivery, now_ms: int, why: str) -> Attempt:
    """Return the record of an attempt with an unknown end."""
    kept = attempt_record.to_record(None, (), why)
    return Attempt(
        delivery.id, delivery.attempts, now_ms, now_ms, AttemptOutcome.LOST.value, None, kept
    )


def renew_leases(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Extend the owner's leases on the given deliveries."""
    parameters = {"rows": sql.given_rows([[id_] for id_ in ids]), "owner": owner}
    statement = sql.renewing(sql.dialect_of(connection))
    connection.execute(statement, _with_lease(statement, parameters))


def change_health(connection: Connection, changes: Mapping[Target, EndpointHealth | None]) -> None:
    """Store changes in the health of targets; None marks one as healthy."""
    if changes:
        lock_targets(connection)
    for (kind, target), health in changes.items():
        if health is None:
            forget_target(connection, kind, target)
        else:
            row = {"kind": kind, "target": target, **health._asdict()}
            connection.execute(_NOT_WELL, row)
    if changes:
        bump_revision(connection, REVISION)


_NOT_WELL = text(
    """
    INSERT INTO delivery_targets (kind, target, failing_since, off, reason)
    VALUES (:kind, :target, :failing_since, :off, :reason)
    ON CONFLICT (kind, target) DO UPDATE SET
        failing_since = coalesce(delivery_targets.failing_since, excluded.failing_since),
        off = coalesce(excluded.off, delivery_targets.off),
        reason = excluded.reason
    """
)
_FIELDS = len(Delivery._fields)


_Read: TypeAlias = tuple[Event | None, str, AttemptOutcome]
_GONE: _Read = (None, "its event is no longer kept", AttemptOutcome.UNDELIVERABLE)


def _read(row: Sequence[Any]) -> tuple[Delivery, int]:
    return Delivery._make(row[:_FIELDS]), row[_FIELDS] or 0


def _target(delivery: Delivery) -> Target:
    return delivery.kind, delivery.target


def _find_due(connection: Connection, demand: Demand, now_ms: int) -> list[tuple[Delivery, int]]:
    """Return due deliveries of all lanes with free places, with the size of each event in bytes."""
    dialect = sql.dialect_of(connection)
    open_lanes = [
        [tenant, endpoint, retried, now_ms if retried else sql.EVER, count]
        for tenant, endpoint, retried in dialect.rows(
            connection, dialect.due_lanes(), {"now": now_ms}
        )
        if (count := _count_claimable(Lane(tenant, endpoint), demand)) > 0
    ]
    if not open_lanes:
        return []
    parameters = {
        "rows": sql.given_rows(open_lanes),
        "cap": max(lane[-1] for lane in open_lanes),
        "free": demand.requests.capacity - demand.requests.held,
    }
    return [_read(row) for row in dialect.rows(connection, dialect.claimable(), parameters)]


def _count_claimable(lane: Lane, demand: Demand) -> int:
    """Return how many deliveries of the lane may be claimed."""
    if not demand.bytes.admits_share(lane, 1):
        return 0
    places = min(demand.places[lane.endpoint], demand.places[lane])
    return min(places, demand.requests.count_free(lane))


def _admitted(found: Sequence[tuple[Delivery, int]], demand: Demand) -> list[Delivery]:
    """Return the deliveries for which the shares suffice together; each lane keeps its order."""
    requests, sizes, places = demand.requests.copy(), demand.bytes.copy(), demand.places.copy()
    admitted: list[Delivery] = []
    ended: set[Lane] = set()
    for delivery, size in found:
        lane = delivery.lane
        is_free = min(places[lane.endpoint], places[lane]) > 0 and requests.admits_share(lane, 1)
        if lane in ended or not (is_free and sizes.admits_share(lane, size)):
            ended.add(lane)
            continue
        requests.take_share(lane, 1)
        sizes.take_share(lane, size)
        places[lane.endpoint] -= 1
        places[lane] -= 1
        admitted.append(delivery)
    return admitted


def _read_events(connection: Connection, ids: Set[str]) -> dict[str, _Read]:
    """Return the events by id; an unreadable one is None, with the reason."""
    try:
        return _read_together(connection, ids)
    except Exception:
        # One by one, so that a row at fault leaves the others readable.
        return {id_: _read_alone(connection, id_) for id_ in ids}


def _read_together(connection: Connection, ids: Set[str]) -> dict[str, _Read]:
    with connection.begin_nested():
        rows = connection.execute(select(events).where(events.c.id.in_(sorted(ids))))
        return {row.id: (Event._make(row), "", AttemptOutcome.UNDELIVERABLE) for row in rows}


def _read_alone(connection: Connection, id_: str) -> _Read:
    try:
        return _read_together(connection, {id_}).get(id_, _GONE)
    except Exception as error:
        if connection.invalidated:
            raise  # it broke, and tells nothing of the event
        log_failure(error, f"the event {id_} can't be read")
        # Such as a time limit of PostgreSQL for statements: the event may be well.
        is_elsewhere = is_local(error) or is_unavailable(connection, error)
        outcome = AttemptOutcome.LOCAL if is_elsewhere else AttemptOutcome.UNDELIVERABLE
        return None, f"its event can't be read: {type(error).__name__}", outcome


def unsettled(settlement: Settlement, why: str) -> Settlement:
    """Return the settlement of a dead delivery, in place of an unstorable one."""
    attempt = settlement.attempt._replace(
        outcome=AttemptOutcome.BROKEN.value,
        status=None,
        record=attempt_record.to_record(None, (), why),
    )
    return Settlement(settlement.delivery, attempt, DeliveryState.DEAD, settlement.due, why)


def _leased(delivery: Delivery, owner: str) -> Delivery:
    return delivery._replace(
        state=DeliveryState.LEASED.value,
        attempts=delivery.attempts + 1,
        tries=delivery.tries + 1,
        owner=owner,
    )


def _lease(connection: Connection, ids: Sequence[str], owner: str) -> None:
    if ids:
        statement = sql.leasing(sql.dialect_of(connection))
        parameters = {"rows": sql.given_rows([[id_] for id_ in ids]), "owner": owner}
        connection.execute(statement, _with_lease(statement, parameters))


def _with_lease(statement: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    return parameters | ({"lease_ms": LEASE_MS} if ":lease_ms" in statement.text else {})


def _off(connection: Connection, suspected: Set[Target]) -> Set[Target]:
    """Return the targets still disabled in the database, of the suspected ones."""
    if not suspected:
        return suspected
    rows = connection.execute(
        select(targets.c.kind, targets.c.target).where(targets.c.off.is_not(None))
    )
    return suspected & {(row.kind, row.target) for row in rows}


def _still_ours(connection: Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """Return the settlements whose lease is still held, and with an uncancelled delivery.

    Their rows are locked, so that nobody ends a lease or cancels before they are settled.
    """
    c = deliveries.c
    return [
        s
        for s in settlements
        if connection.scalar(
            select(c.id)
            .where(
                c.id == s.delivery.id,
                c.attempts == s.attempt.number,
                c.state == DeliveryState.LEASED.value,
            )
            .with_for_update()
        )
    ]


def _store(connection: Connection, settlement: Settlement) -> None:
    savepoint = connection.begin_nested()
    try:
        for table, row in settlement.entries:
            connection.execute(insert(table), dict(zip(table.c.keys(), row, strict=True)))
    except Exception as error:
        raise_unavailable(connection, error)  # nothing of the settlements is stored yet
        savepoint.rollback()
        # The endpoint has the delivery, so it is marked done all the same.
        log_failure(error, f"the follow-ups of {settlement.delivery.id} can't be stored")
    else:
        savepoint.commit()
