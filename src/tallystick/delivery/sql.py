"""SQL statements of the outbox for SQLite and PostgreSQL, where they differ.

Rows are passed as one JSON text, and on SQLite also returned as one: a driver that steps through
rows in a thread competes for the interpreter's lock at each row.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, TextClause, text

from tallystick.delivery.delivery import Delivery
from tallystick.delivery.tables import KEPT
from tallystick.store.shared_time import SERVER_NOW_MS

_DELIVERY = ", ".join(f"d.{name}" for name in Delivery._fields)
_SIZE = "SELECT length(e.data) + length(e.attributes) AS size FROM events e WHERE e.id = d.event_id"

_DUE_LANE = "lane.tenant, lane.endpoint, ripe.retried"

EVER = 9_000_000_000_000_000
"""A time in milliseconds later than that of any delivery."""

LANES = "tenant text, endpoint text, retried bigint, until bigint, n bigint"
"""The columns of ``:rows`` in `Dialect.claimable`; `until` is the last time that counts as due."""


class Dialect(Hashable, Protocol):
    """The SQL of one kind of database."""

    def due_lanes(self) -> TextClause:
        """Return the lanes with deliveries due at ``:now``: tenant, endpoint, retried or not.

        A first attempt is due at any time, as the clock may have been set back since it was stored.
        """
        ...

    def pending(self, rule: str) -> TextClause:
        """Return the ids of pending deliveries ``d`` by a rule for `due`, up to ``:limit``."""
        ...

    def claimable(self) -> TextClause:
        """Return due deliveries, each with the size of its event in bytes; null without the event.

        Each lane in ``:rows`` has its own limit `n`, with ``:cap`` as the largest of them;
        ``:free`` limits the total. First attempts go before retries, and lanes take turns.
        """
        ...

    def given(self, columns: str) -> str:
        """Return a sub-select of ``:rows``, a JSON array of arrays.

        `columns` are its names and types, such as ``id text, n bigint``.
        """
        ...

    def rows(
        self, connection: Connection, statement: TextClause, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of `due_lanes` or of `claimable`."""
        ...

    def lease_until(self) -> str:
        """Return an expression for the end of a lease of ``:lease_ms`` from now."""
        ...

    join_run: str
    """A join of the deliveries ``d`` with ids from ``run.first`` up to ``run.beyond``."""

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        """Lock these runs for the transaction, so that no other one ends their deliveries."""
        ...


def given_rows(rows: Sequence[Sequence[Any]]) -> str:
    """Return the parameter ``:rows``."""
    return orjson.dumps([tuple(row) for row in rows]).decode()


def dialect_of(connection: Connection) -> Dialect:
    """Return the dialect of the connection's database."""
    return _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL


def _claimable(given: str, candidates: str, result: str) -> TextClause:
    return text(
        f"""
        WITH lane AS (
            SELECT * FROM {given} given
        ), candidate AS (
            {candidates}
        ), numbered AS (
            SELECT candidate.*,
                row_number() OVER (PARTITION BY tenant, endpoint ORDER BY retried, due) AS turn
            FROM candidate
        ), d AS (
            SELECT * FROM numbered WHERE turn <= n ORDER BY retried, turn, due LIMIT :free
        )
        {result}
        """
    )


def _due_lanes(result: str, following: str) -> TextClause:
    """Return the statement of lanes with due deliveries."""
    return text(
        f"""
        {_lanes(following)}
        SELECT {result}
        FROM lane
        CROSS JOIN (
            SELECT 0 AS retried, {EVER} AS until UNION ALL SELECT 1, CAST(:now AS bigint)
        ) ripe
        WHERE (
            SELECT d.due FROM deliveries d
            WHERE d.state = 'pending' AND d.tenant = lane.tenant AND d.endpoint = lane.endpoint
                AND d.retried = ripe.retried
            ORDER BY d.due LIMIT 1
        ) <= ripe.until
        """
    )


@cache
def _pending(following: str, joined: str) -> TextClause:
    """Return the statement of pending deliveries; `joined` reads those of a lane by the index."""
    return text(
        f"""
        {_lanes(following)}
        SELECT d.id
        FROM lane CROSS JOIN (SELECT 0 AS retried UNION ALL SELECT 1) ripe CROSS JOIN {joined}
        LIMIT :limit
        """
    )


_OF_LANE = """d.state = 'pending' AND d.tenant = lane.tenant AND d.endpoint = lane.endpoint
            AND d.retried = ripe.retried"""


def _lanes(following: str) -> str:
    """Return the table ``lane``; `following` selects the lane after ``lane`` by the index."""
    # A recursive query skips from lane to lane by the index, so its cost grows with the lanes and
    # not with their deliveries ("loose indexscan",
    # https://wiki.postgresql.org/wiki/Loose_indexscan).
    return f"""
        WITH RECURSIVE lane(tenant, endpoint) AS (
            SELECT * FROM (
                SELECT tenant, endpoint FROM deliveries WHERE state = 'pending'
                ORDER BY tenant, endpoint LIMIT 1
            ) first
            UNION ALL
            {following}
        )"""


class _Sqlite:
    join_run = "CROSS JOIN deliveries d ON d.id >= run.first AND d.id < run.beyond"

    def given(self, columns: str) -> str:
        parts = [
            f"json_extract(value, '$[{n}]') AS {column.split()[0]}"
            for n, column in enumerate(columns.split(", "))
        ]
        return f"(SELECT {', '.join(parts)} FROM json_each(:rows))"

    def rows(
        self, connection: Connection, statement: TextClause, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        return orjson.loads(connection.scalar(statement, parameters))  # type: ignore[no-any-return]  # an array of arrays, by the statement

    def lease_until(self) -> str:
        # One process has the file, and voids all leases at its start.
        return "0"

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        """Do nothing: SQLite has one writer."""

    def due_lanes(self) -> TextClause:
        return _sqlite_due_lanes()

    def pending(self, rule: str) -> TextClause:
        return _pending(_SQLITE_FOLLOWING, f"deliveries d WHERE {_OF_LANE} AND {rule}")

    def claimable(self) -> TextClause:
        return _sqlite_claimable()


class _Postgresql:
    # Sorted by the key, so that the planner reads by it: it takes a range between columns for many
    # rows.
    join_run = """CROSS JOIN LATERAL (
            SELECT * FROM deliveries WHERE id >= run.first AND id < run.beyond ORDER BY id
        ) d"""

    def given(self, columns: str) -> str:
        parts = [
            f"CAST(value->>{n} AS {column.split()[1]}) AS {column.split()[0]}"
            for n, column in enumerate(columns.split(", "))
        ]
        return f"(SELECT {', '.join(parts)} FROM json_array_elements(CAST(:rows AS json)))"

    def rows(
        self, connection: Connection, statement: TextClause, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        return connection.execute(statement, parameters).all()

    def lease_until(self) -> str:
        return f"{SERVER_NOW_MS} + :lease_ms"

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        # In one order, so that two transactions can't deadlock.
        connection.execute(_LOCK_RUNS, {"runs": orjson.dumps(sorted(set(runs))).decode()})

    def due_lanes(self) -> TextClause:
        return _postgresql_due_lanes()

    def pending(self, rule: str) -> TextClause:
        found = f"SELECT d.id FROM deliveries d WHERE {_OF_LANE} AND {rule}"
        return _pending(_POSTGRESQL_FOLLOWING, f"LATERAL ({found} ORDER BY d.due LIMIT :limit) d")

    def claimable(self) -> TextClause:
        return _postgresql_claimable()


_LOCK_RUNS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(run, 0)) "
    "FROM json_array_elements_text(CAST(:runs AS json)) AS runs(run)"
)
_SQLITE = _Sqlite()
_POSTGRESQL = _Postgresql()


_SQLITE_FOLLOWING = """
        SELECT d.tenant, d.endpoint
        FROM lane CROSS JOIN deliveries d ON d.id = coalesce((
            SELECT id FROM deliveries
            WHERE state = 'pending' AND tenant = lane.tenant AND endpoint > lane.endpoint
            ORDER BY endpoint LIMIT 1
        ), (
            SELECT id FROM deliveries
            WHERE state = 'pending' AND tenant > lane.tenant
            ORDER BY tenant, endpoint LIMIT 1
        ))"""

_POSTGRESQL_FOLLOWING = """
        SELECT d.tenant, d.endpoint
        FROM lane CROSS JOIN LATERAL (
            SELECT tenant, endpoint FROM deliveries
            WHERE state = 'pending' AND (tenant, endpoint) > (lane.tenant, lane.endpoint)
            ORDER BY tenant, endpoint LIMIT 1
        ) d"""


@cache
def _sqlite_due_lanes() -> TextClause:
    return _due_lanes(f"json_group_array(json_array({_DUE_LANE}))", _SQLITE_FOLLOWING)


@cache
def _postgresql_due_lanes() -> TextClause:
    return _due_lanes(_DUE_LANE, _POSTGRESQL_FOLLOWING)


@cache
def _sqlite_claimable() -> TextClause:
    candidates = """
        SELECT d.*, lane.n
        FROM lane CROSS JOIN deliveries d
        WHERE d.id IN (
            SELECT id FROM deliveries
            WHERE state = 'pending' AND tenant = lane.tenant AND endpoint = lane.endpoint
                AND retried = lane.retried AND due <= lane.until
            ORDER BY due LIMIT :cap
        )"""
    result = f"SELECT json_group_array(json_array({_DELIVERY}, ({_SIZE}))) FROM d"
    return _claimable(_SQLITE.given(LANES), candidates, result)


@cache
def _postgresql_claimable() -> TextClause:
    # SKIP LOCKED: processes claim at the same time, without a wait for each other's rows
    # (https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE).
    candidates = """
        SELECT d.*, lane.n
        FROM lane CROSS JOIN LATERAL (
            SELECT * FROM deliveries
            WHERE state = 'pending' AND tenant = lane.tenant AND endpoint = lane.endpoint
                AND retried = lane.retried AND due <= lane.until
            ORDER BY due LIMIT lane.n FOR UPDATE SKIP LOCKED
        ) d"""
    # Joined, and not a sub-select of the result: PostgreSQL 18 crashes on a sub-select that chooses
    # partitions in a statement that locks a row which another transaction has just changed.
    result = f"""
        SELECT {_DELIVERY}, size FROM d LEFT JOIN LATERAL ({_SIZE} LIMIT 1) event ON true
        ORDER BY retried, turn, due"""
    return _claimable(_POSTGRESQL.given(LANES), candidates, result)


@cache
def leasing(dialect: Dialect) -> TextClause:
    """Lease the ids in ``:rows`` to ``:owner``."""
    return text(
        f"""
        UPDATE deliveries SET state = 'leased', attempts = attempts + 1, tries = tries + 1,
            owner = :owner, until = {dialect.lease_until()}
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given)
        """
    )


@cache
def holding(dialect: Dialect) -> TextClause:
    """Hold the pending ones of the ids in ``:rows``."""
    return text(
        f"""
        UPDATE deliveries SET state = 'held', detail = 'the endpoint is turned off'
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given) AND state = 'pending'
        """
    )


@cache
def settling(dialect: Dialect) -> TextClause:
    """Store the results in ``:rows``, except where the lease has gone to another worker."""
    # `attempts` is the lease's fencing token: it goes up with each claim, so the result of a worker
    # that was stopped past its lease matches no row.
    given = dialect.given(
        "id text, number bigint, state text, tries bigint, due bigint, detail text"
    )
    return text(
        f"""
        UPDATE deliveries SET state = given.state, tries = given.tries, due = given.due,
            detail = given.detail, retried = 1
        FROM {given} given
        WHERE deliveries.id = given.id AND deliveries.attempts = given.number
            AND deliveries.state = 'leased'
        """
    )


@cache
def recording(dialect: Dialect) -> TextClause:
    """Insert the attempts in ``:rows``; the first record of each attempt is kept."""
    columns = (
        "delivery_id text, number bigint, started bigint, ended bigint, outcome text, "
        "status bigint, record text"
    )
    return text(
        f"""
        INSERT INTO attempts (delivery_id, number, started, ended, outcome, status, record)
        SELECT * FROM {dialect.given(columns)} given WHERE true
        ON CONFLICT (delivery_id, number) DO NOTHING
        """
    )


@cache
def open_runs(dialect: Dialect) -> TextClause:
    """Select unfinished deliveries of the runs in ``:rows``, given by the first id and its end."""
    return text(
        f"""
        SELECT d.id, d.event_id, d.kind, d.position, d.state
        FROM {dialect.given("first text, beyond text")} run
        {dialect.join_run}
        WHERE d.state IN ('waiting', 'pending', 'leased')
        """
    )


@cache
def releasing(dialect: Dialect) -> TextClause:
    """Make the waiting ids in ``:rows`` pending."""
    return text(
        f"""
        UPDATE deliveries SET state = 'pending', due = :now
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given) AND state = 'waiting'
        """
    )


LEASED = text(f"SELECT id FROM deliveries WHERE state = 'leased' AND {KEPT} ORDER BY id")
# A lease of over two terms was given while the database's clock was ahead.
LAPSED = text(
    f"SELECT id FROM deliveries WHERE state = 'leased' AND {KEPT} "
    f"AND until NOT BETWEEN {SERVER_NOW_MS} AND {SERVER_NOW_MS} + 2 * :lease_ms "
    "ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED"
)


@cache
def unheld(dialect: Dialect) -> TextClause:
    """Select and lock the owner's leased deliveries besides those of the ids in ``:rows``."""
    return text(
        f"""
        SELECT id FROM deliveries
        WHERE state = 'leased' AND {KEPT} AND owner = :owner
            AND id NOT IN (SELECT id FROM {dialect.given("id text")} given)
        ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
        """
    )


@cache
def renewing(dialect: Dialect) -> TextClause:
    """Extend the owner's leases on the ids in ``:rows``."""
    return text(
        f"""
        UPDATE deliveries SET until = {dialect.lease_until()}
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given)
            AND owner = :owner AND state = 'leased'
        """
    )
