from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, make_url, select, text

from tallystick.apis.keyastrom import ingest, reports, tables
from tallystick.apis.keyastrom.ingest import MINUTE_MS, Status
from tallystick.apis.keyastrom.reports import ReportTarget
from tallystick.store.tables import metadata

NOW = 1_764_064_800_000
HOSTS = [ReportTarget(f"HOST-{number:016X}", "HOST") for number in (1, 2)]
SERVICE = ReportTarget("SERVICE-0000000000000001", "SERVICE")
PROBLEM = {
    "eventType": "ERROR_EVENT",
    "title": "Product catalog update failed",
    "properties": {"Catalog": "APAC travels", "Batch": 1},
}


class Entities:
    """Sends payloads, each as a request of its own."""

    def __init__(self, connection: Connection, requests: int = 0) -> None:
        self._connection = connection
        self._requests = requests

    def send(
        self, payload: dict[str, Any], *targets: ReportTarget, at: int = NOW
    ) -> list[tuple[Status, str | None]]:
        self._requests += 1
        wanted = ingest.read_ingest(payload, json.dumps(payload).encode(), at)
        results = reports.record_reports(
            self._connection, wanted, targets or [SERVICE], at, f"request {self._requests}"
        )
        return [(result.status, result.correlation_id) for result in results]

    def expire(self, before_ms: int, limit: int = 100) -> int:
        return reports.expire_reports(self._connection, before_ms, limit)

    def row(self) -> Any:
        return self._connection.execute(select(tables.events)).one()

    def close(self, at: int, row: Any = None) -> bool:
        return reports.close_report(self._connection, row or self.row(), at)

    def digests(self) -> int:
        return self._connection.scalar(select(func.count()).select_from(tables.problems)) or 0

    def ends(self) -> list[int]:
        return list(self._connection.scalars(select(tables.events.c.end_ms).order_by("end_ms")))


@pytest.fixture
def entities() -> Iterator[Entities]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield Entities(connection)
    engine.dispose()


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_each_entity_has_an_event_of_its_own(entities: Entities) -> None:
    first, second = entities.send(PROBLEM, *HOSTS)
    assert first[0] is second[0] is Status.OK
    assert first[1] != second[1]
    assert len(entities.ends()) == 2


def test_the_same_payload_refreshes_an_open_problem(entities: Entities) -> None:
    first = entities.send(PROBLEM)
    later = NOW + 15 * MINUTE_MS - 1
    assert entities.send(PROBLEM, at=later) == first
    assert entities.ends() == [later + 15 * MINUTE_MS]


def test_numbers_and_their_texts_are_the_same_payload(entities: Entities) -> None:
    properties = {"Batch": "1", "Catalog": "APAC travels"}
    assert entities.send(PROBLEM) == entities.send({**PROBLEM, "properties": properties})


def test_a_problem_that_was_not_refreshed_in_time_is_closed(entities: Entities) -> None:
    first = entities.send(PROBLEM)
    closed = NOW + 15 * MINUTE_MS
    second = entities.send(PROBLEM, at=closed)
    assert second != first
    assert entities.ends() == [closed, closed + 15 * MINUTE_MS]
    assert entities.send(PROBLEM, at=closed + 1) == second


def test_an_end_closes_an_open_problem(entities: Entities) -> None:
    first = entities.send(PROBLEM)
    assert entities.send({**PROBLEM, "startTime": NOW, "endTime": NOW + 1}, at=NOW + 1) == first
    assert entities.ends() == [NOW + 1]
    assert entities.send(PROBLEM, at=NOW + 1) != first


def test_a_refresh_that_began_before_the_problem_was_closed_opens_another(
    entities: Entities,
) -> None:
    first = entities.send(PROBLEM)
    assert entities.close(NOW + 2)
    assert not entities.close(NOW + 3)
    second = entities.send(PROBLEM, at=NOW + 1)
    assert second != first
    assert entities.ends() == [NOW + 2, NOW + 1 + 15 * MINUTE_MS]
    assert entities.send(PROBLEM, at=NOW + 4) == second


def test_closing_a_problem_that_has_ended_leaves_the_one_after_it_alone(entities: Entities) -> None:
    entities.send(PROBLEM)
    row = entities.row()
    later = entities.send(PROBLEM, at=NOW + 15 * MINUTE_MS)
    assert not entities.close(NOW + 15 * MINUTE_MS, row)
    assert entities.send(PROBLEM, at=NOW + 16 * MINUTE_MS) == later


def test_a_refresh_that_meets_the_closing_does_not_reopen_the_problem(postgresql: Engine) -> None:
    with postgresql.begin() as connection:
        first = Entities(connection).send(PROBLEM)

    def refresh() -> list[tuple[Status, str | None]]:
        with postgresql.begin() as connection:
            return Entities(connection, requests=1).send(PROBLEM, at=NOW + 1)

    with ThreadPoolExecutor() as pool:
        with postgresql.begin() as connection:
            assert Entities(connection).close(NOW + 1)
            refreshing = pool.submit(refresh)
            wait_for_a_lock(postgresql)
        assert refreshing.result() != first
    with postgresql.connect() as connection:
        assert Entities(connection).ends() == [NOW + 1, NOW + 1 + 15 * MINUTE_MS]


def wait_for_a_lock(engine: Engine) -> None:
    """Return once a connection waits for another's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 30
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.parametrize(
    "other",
    [
        {"eventType": "PERFORMANCE_EVENT"},
        {"title": "Another"},
        {"properties": {"Catalog": "APAC travels"}},
        {"properties": None},
    ],
)
def test_another_payload_is_another_problem(entities: Entities, other: dict[str, Any]) -> None:
    assert entities.send(PROBLEM) != entities.send({**PROBLEM, **other})
    assert len(entities.ends()) == 2


def test_information_is_never_refreshed(entities: Entities) -> None:
    payload = {"eventType": "CUSTOM_INFO", "title": "Loadtest start"}
    assert entities.send(payload) != entities.send(payload)
    assert len(entities.ends()) == 2


def test_some_entities_refresh_while_others_open(entities: Entities) -> None:
    [first] = entities.send(PROBLEM, HOSTS[0])
    both = entities.send(PROBLEM, *HOSTS, at=NOW + 1)
    assert both[0] == first
    assert both[1] != first
    assert len(entities.ends()) == 2


def test_an_entity_that_may_not_have_the_event_gets_none(entities: Entities) -> None:
    payload = {"eventType": "MARKED_FOR_TERMINATION", "title": "Planned host downscale"}
    service, host = entities.send(payload, SERVICE, HOSTS[0])
    assert service == (Status.INVALID_ENTITY_TYPE, None)
    assert host[0] is Status.OK
    assert len(entities.ends()) == 1


def test_a_thousand_entities_are_no_trouble(entities: Entities) -> None:
    hosts = [ReportTarget(f"HOST-{number:016X}", "HOST") for number in range(1_001)]
    first = entities.send(PROBLEM, *hosts)
    assert len(set(first)) == 1_001
    assert entities.send(PROBLEM, *hosts, at=NOW + 1) == first


def test_half_a_surrogate_pair_is_stored(entities: Entities) -> None:
    payload = {**PROBLEM, "title": "\ud800\x00", "properties": {"\udfff": "\ud800"}}
    assert entities.send(payload) == entities.send(payload)


def test_a_correlation_id_is_16_lower_case_hex_digits(entities: Entities) -> None:
    for _, correlation_id in entities.send(PROBLEM, *HOSTS, SERVICE):
        assert correlation_id is not None
        assert len(correlation_id) == 16
        assert set(correlation_id) <= set("0123456789abcdef")


def test_what_ended_long_ago_is_forgotten_and_the_problem_opens_anew(entities: Entities) -> None:
    [(_, first)] = entities.send(PROBLEM)
    end = entities.ends()[0]
    assert entities.expire(end) == 0
    assert entities.expire(end + 1) == 1
    assert entities.ends() == []
    assert entities.digests() == 0
    [(status, second)] = entities.send(PROBLEM, at=end + 1)
    assert (status, second != first) == (Status.OK, True)


def test_only_so_many_are_forgotten_at_once(entities: Entities) -> None:
    entities.send(PROBLEM, *HOSTS)
    assert entities.expire(NOW * 2, limit=1) == 1
    assert len(entities.ends()) == entities.digests() == 1
