"""The statements that are not the same on every database.

Rows go in as one JSON text and, on SQLite, come out as one: a driver that steps through rows in a
thread fights for the interpreter's lock at each of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, TextClause, text

from tallystick.delivery.delivery import Delivery
from tallystick.delivery.tables import KEPT

_DELIVERY = ", ".join(f"d.{name}" for name in Delivery._fields)
_SIZE = "(SELECT length(e.data) + length(e.attributes) FROM events e WHERE e.id = d.event_id)"

_DUE_LANE = "lane.tenant, lane.endpoint, ripe.retried"

EVER = 9_000_000_000_000_000
"""Milliseconds after which nothing is due."""

LANES = "tenant text, endpoint text, retried bigint, until bigint, n bigint"
"""The columns of ``:rows`` in `Dialect.claimable`; `until`: what is due then is due now."""


class Dialect(Hashable, Protocol):
    """What one kind of database says in its own way."""

    def due_lanes(self) -> TextClause:
        """Lanes that have something due at ``:now``: tenant, endpoint, and whether it is retried.

        A fresh one is due whatever the time, which may have been set back since it was stored.
        """
        ...

    def claimable(self) -> TextClause:
        """Deliveries that are due, each with the size of its event, null where that is gone.

        Of each lane in ``:rows`` at most its number, ``:cap`` being the largest of these; at most
        ``:free`` in all; fresh ones first, and of each lane in turn.
        """
        ...

    def given(self, columns: str) -> str:
        """A sub-select of the rows in ``:rows``, a JSON array of arrays: ``id text, n bigint``."""
        ...

    def rows(
        self, connection: Connection, statement: TextClause, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """The rows of `due_lanes` or of `claimable`."""
        ...

    def lease_until(self) -> str:
        """The end of a lease that begins now and lasts ``:lease_ms``."""
        ...

    join_run: str
    """Joins the deliveries ``d`` between ``run.first`` and ``run.beyond``, found by their ids."""

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        """Let no other transaction end deliveries of these runs before this one is over."""
        ...


def given_rows(rows: Sequence[Sequence[Any]]) -> str:
    """The parameter ``:rows``."""
    return orjson.dumps([tuple(row) for row in rows]).decode()


def dialect_of(connection: Connection) -> Dialect:
    """The connection's."""
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
    """`following`: the first lane after that of ``lane``, found by the index and no other row."""
    return text(
        f"""
        WITH RECURSIVE lane(tenant, endpoint) AS (
            SELECT * FROM (
                SELECT tenant, endpoint FROM deliveries WHERE state = 'pending'
                ORDER BY tenant, endpoint LIMIT 1
            ) first
            UNION ALL
            {following}
        )
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
        # One process has the file, and at its start no lease holds.
        return "0"

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        """Nothing to do: there is one writer."""

    def due_lanes(self) -> TextClause:
        return _sqlite_due_lanes()

    def claimable(self) -> TextClause:
        return _sqlite_claimable()


class _Postgresql:
    # Sorted, and so read by the key: the planner takes a range between columns for many rows.
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
        return f"{NOW_MS} + :lease_ms"

    def lock_runs(self, connection: Connection, runs: Sequence[str]) -> None:
        # In one order, so that no two wait for each other.
        connection.execute(_LOCK_RUNS, {"runs": orjson.dumps(sorted(set(runs))).decode()})

    def due_lanes(self) -> TextClause:
        return _postgresql_due_lanes()

    def claimable(self) -> TextClause:
        return _postgresql_claimable()


NOW_MS = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
"""The time of PostgreSQL's own clock, which all processes share."""

_LOCK_RUNS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(run, 0)) "
    "FROM json_array_elements_text(CAST(:runs AS json)) AS runs(run)"
)
_SQLITE = _Sqlite()
_POSTGRESQL = _Postgresql()


@cache
def _sqlite_due_lanes() -> TextClause:
    return _due_lanes(
        f"json_group_array(json_array({_DUE_LANE}))",
        """
        SELECT d.tenant, d.endpoint
        FROM lane CROSS JOIN deliveries d ON d.id = coalesce((
            SELECT id FROM deliveries
            WHERE state = 'pending' AND tenant = lane.tenant AND endpoint > lane.endpoint
            ORDER BY endpoint LIMIT 1
        ), (
            SELECT id FROM deliveries
            WHERE state = 'pending' AND tenant > lane.tenant
            ORDER BY tenant, endpoint LIMIT 1
        ))""",
    )


@cache
def _postgresql_due_lanes() -> TextClause:
    return _due_lanes(
        _DUE_LANE,
        """
        SELECT d.tenant, d.endpoint
        FROM lane CROSS JOIN LATERAL (
            SELECT tenant, endpoint FROM deliveries
            WHERE state = 'pending' AND (tenant, endpoint) > (lane.tenant, lane.endpoint)
            ORDER BY tenant, endpoint LIMIT 1
        ) d""",
    )


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
    result = f"SELECT json_group_array(json_array({_DELIVERY}, {_SIZE})) FROM d"
    return _claimable(_SQLITE.given(LANES), candidates, result)


@cache
def _postgresql_claimable() -> TextClause:
    candidates = """
        SELECT d.*, lane.n
        FROM lane CROSS JOIN LATERAL (
            SELECT * FROM deliveries
            WHERE state = 'pending' AND tenant = lane.tenant AND endpoint = lane.endpoint
                AND retried = lane.retried AND due <= lane.until
            ORDER BY due LIMIT lane.n FOR UPDATE SKIP LOCKED
        ) d"""
    result = f"SELECT {_DELIVERY}, {_SIZE} FROM d ORDER BY retried, turn, due"
    return _claimable(_POSTGRESQL.given(LANES), candidates, result)


@cache
def leasing(dialect: Dialect) -> TextClause:
    """Lease the ids in ``:rows``."""
    return text(
        f"""
        UPDATE deliveries SET state = 'leased', attempts = attempts + 1, tries = tries + 1,
            owner = :owner, until = {dialect.lease_until()}
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given)
        """
    )


@cache
def holding(dialect: Dialect) -> TextClause:
    """Hold the ids in ``:rows``, none of which is leased."""
    return text(
        f"""
        UPDATE deliveries SET state = 'held', detail = 'the endpoint is turned off'
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given) AND state = 'pending'
        """
    )


@cache
def settling(dialect: Dialect) -> TextClause:
    """Write how attempts ended, but for those whose lease has passed to somebody else."""
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
    """Keep attempts; the first to tell of one is believed."""
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
    """Deliveries of the runs in ``:rows``, given by first and last id, that have not ended."""
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
    """Make the ids in ``:rows`` pending."""
    return text(
        f"""
        UPDATE deliveries SET state = 'pending', due = :now
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given) AND state = 'waiting'
        """
    )


LEASED = text(
    f"SELECT id, attempts, tries FROM deliveries WHERE state = 'leased' AND {KEPT} ORDER BY id"
)
LAPSED = text(
    f"SELECT id, attempts, tries FROM deliveries WHERE state = 'leased' AND {KEPT} "
    f"AND until < {NOW_MS} ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED"
)


@cache
def renewing(dialect: Dialect) -> TextClause:
    """Prolong the leases of the owner on the ids in ``:rows``."""
    return text(
        f"""
        UPDATE deliveries SET until = {dialect.lease_until()}
        WHERE id IN (SELECT id FROM {dialect.given("id text")} given)
            AND owner = :owner AND state = 'leased'
        """
    )
