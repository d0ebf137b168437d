"""Events on entities: created or, where the same payload's problem is open, refreshed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from tallystick.apis.keyastrom import event_ids, property_digest
from tallystick.apis.keyastrom.ingest import Ingest, Status
from tallystick.apis.keyastrom.tables import comments, events, problems
from tallystick.storable_text import replace_unstorable
from tallystick.store.sql import insert_new

T = TypeVar("T")

_BATCH = 500
"""Values in one statement; SQLite takes 32,766 at most."""

Digest = Callable[[str], str]
Numbers = dict[str, int]
"""Digest → number of an event."""


class ReportTarget(NamedTuple):
    """An entity to create an event on."""

    id: str
    type: str


class ReportResult(NamedTuple):
    """The fate of an event on one entity; its correlation ID if it was created."""

    entity_id: str
    status: Status
    correlation_id: str | None


def record_reports(
    connection: Connection,
    ingest: Ingest,
    targets: Sequence[ReportTarget],
    now_ms: int,
    event_id: str,
) -> list[ReportResult]:
    """Create or refresh an event on each fitting target; `event_id` is the log's."""
    statuses = {type_: ingest.status(type_) for type_ in {target.type for target in targets}}
    ids = [target.id for target in targets if statuses[target.type] is Status.OK]
    numbers = _record(connection, ingest, ids, now_ms, event_id)
    return [
        ReportResult(target.id, statuses[target.type], _correlation_id(numbers.get(target.id)))
        for target in targets
    ]


def _correlation_id(number: int | None) -> str | None:
    return None if number is None else event_ids.correlation_id(number)


def _record(
    connection: Connection, ingest: Ingest, ids: Sequence[str], now_ms: int, event_id: str
) -> Numbers:
    """Return the number of the event on each entity."""
    digest = _digest_of(ingest.type, ingest.title, ingest.properties)
    digests = {id_: digest(id_) for id_ in ids}
    open_ = _lock_open(connection, digests.values(), now_ms) if ingest.opens_problem else {}
    _refresh(connection, open_, ingest.end_ms)
    new = {id_: _number(d, event_id) for id_, d in digests.items() if d not in open_}
    _create(connection, ingest, new)
    if ingest.opens_problem:
        _point(connection, {digests[id_]: number for id_, number in new.items()})
    return {id_: new[id_] if id_ in new else open_[d] for id_, d in digests.items()}


def _digest_of(type_: str, title: str, properties: Mapping[str, str]) -> Digest:
    """Return the function from an entity to the digest of its problem with this payload."""
    content = [type_, title, sorted(properties.items())]
    payload = blake2b(json.dumps(content).encode(), digest_size=16)

    def digest(entity_id: str) -> str:
        whole = payload.copy()
        whole.update(entity_id.encode())
        return whole.hexdigest()

    return digest


def _number(digest: str, event_id: str) -> int:
    number = blake2b(f"{digest}{event_id}".encode(), digest_size=8).digest()
    return int.from_bytes(number, "big", signed=True)


def _lock_open(connection: Connection, digests: Iterable[str], now_ms: int) -> Numbers:
    """Return the open events, locked against refreshes and closings by other transactions."""
    found: Numbers = {}
    # In one order everywhere, or two transactions could wait for each other.
    for batch in _batches(sorted(digests)):
        connection.execute(insert_new(connection, problems), [{"digest": d} for d in batch])
        chosen = problems.c.digest.in_(batch)
        # Only a further statement sees what was committed while this one waited.
        in_order = select(problems.c.digest).where(chosen).order_by(problems.c.digest)
        connection.execute(in_order.with_for_update())
        latest = select(problems.c.digest, events.c.id).join(
            events, events.c.id == problems.c.event_id
        )
        rows = connection.execute(latest.where(chosen, events.c.end_ms > now_ms))
        found.update((digest, number) for digest, number in rows)
    return found


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[i : i + _BATCH] for i in range(0, len(values), _BATCH))


def _refresh(connection: Connection, open_: Numbers, end_ms: int) -> None:
    if open_:
        statement = update(events).where(events.c.id == bindparam("number")).values(end_ms=end_ms)
        connection.execute(statement, [{"number": number} for number in open_.values()])


def _create(connection: Connection, ingest: Ingest, numbers: Numbers) -> None:
    shared = {
        "type": ingest.type,
        "start_ms": ingest.start_ms,
        "end_ms": ingest.end_ms,
        "content": json.dumps({"title": ingest.title, "properties": dict(ingest.properties)}),
        "marks": property_digest.digest_properties(ingest.properties),
        "title_folded": replace_unstorable(ingest.title).casefold(),
    }
    rows = [{"id": number, "entity_id": id_, **shared} for id_, number in numbers.items()]
    if rows:
        connection.execute(insert(events), rows)


def _point(connection: Connection, numbers: Mapping[str, int]) -> None:
    if numbers:
        statement = (
            update(problems)
            .where(problems.c.digest == bindparam("of"))
            .values(event_id=bindparam("number"))
        )
        connection.execute(statement, [{"of": d, "number": n} for d, n in numbers.items()])


def close_report(connection: Connection, row: Any, now_ms: int) -> bool:
    """End an event that opened a problem; return whether it was open.

    The same payload never refreshes it again, even if that call began before.
    """
    payload = json.loads(row.content)
    digest = _digest_of(row.type, payload["title"], payload["properties"])(row.entity_id)
    # First what a refresh locks, so that it is done before, or finds nothing to refresh.
    opened = and_(problems.c.digest == digest, problems.c.event_id == row.id)
    connection.execute(delete(problems).where(opened))
    is_open = and_(events.c.id == row.id, events.c.end_ms > now_ms)
    return connection.execute(update(events).where(is_open).values(end_ms=now_ms)).rowcount > 0


def expire_reports(connection: Connection, before_ms: int, limit: int) -> int:
    """Delete events with an earlier end, together with their problems and comments."""
    old = select(events.c.id).where(events.c.end_ms < before_ms).limit(limit)
    numbers = connection.scalars(old).all()
    for batch in _batches(numbers):
        connection.execute(delete(problems).where(problems.c.event_id.in_(batch)))
        connection.execute(delete(comments).where(comments.c.event_id.in_(batch)))
        connection.execute(delete(events).where(events.c.id.in_(batch)))
    return len(numbers)
