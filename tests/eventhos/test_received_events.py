"""What was received is listed, counted and found by what came of it."""

from __future__ import annotations

import re
from functools import partial
from itertools import count, product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Select, event, insert, select

from eventhos_endpoint import Endpoint
from eventhos_world import CLOCK, World, short_live
from manual_clock import ManualClock
from noted_statements import noted_statements
from sqlite_steps import count_steps
from tallystick.apis.eventhos import received_search
from tallystick.apis.eventhos.received_search import ReceivedEventFilter, find_received
from tallystick.apis.eventhos.resource import Paging
from tallystick.apis.eventhos.tables import contracts, events
from tallystick.delivery.tables import deliveries
from tallystick.events import DigestKeeper, Event, EventSelection
from tallystick.events.ids import new_id
from tallystick.times import format_ms


@pytest.fixture
def busy_world(world: World, endpoint: Endpoint) -> World:
    """Three events that arrived, one that waits for its next try, and one without contracts."""
    endpoint.answers["/down"] = (500, b"")
    world.open()
    for name in ("works", "fails", "quiet"):
        world.put_event(name)
    world.tie("works", endpoint.url)
    world.tie("fails", endpoint.url + "/down")
    for name in ("works", "works", "works", "fails", "quiet"):
        world.send(name, short_live())
        CLOCK.seconds += 1
    world.deliver()
    return world


def page(world: World, wanted: ReceivedEventFilter, number: int = 0) -> Any:
    """Two events, the newest first."""
    return world.run(world.service.received.list_page(Paging(number, 2, "id", True), wanted))


def test_a_page_has_its_part_of_all_and_the_number_of_all(busy_world: World) -> None:
    found = page(busy_world, ReceivedEventFilter())
    assert [item["eventName"] for item in found["items"]] == ["quiet", "fails"]
    assert (found["totalItems"], found["totalPages"]) == (5, 3)
    last = page(busy_world, ReceivedEventFilter(), 2)
    assert [item["eventName"] for item in last["items"]] == ["works"]


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (ReceivedEventFilter(state="done"), 3),
        (ReceivedEventFilter(state="pending"), 1),
        (ReceivedEventFilter(state="dead"), 0),
        (ReceivedEventFilter(state="waiting"), 0),
        (ReceivedEventFilter(state="retried"), 0),
        (ReceivedEventFilter(identifier="WORK"), 3),
        (ReceivedEventFilter(identifier="%"), 0),
        (ReceivedEventFilter(identifier="work_"), 0),
        (ReceivedEventFilter(identifier="wor/k"), 0),
        (ReceivedEventFilter(identifier=""), 5),
        (ReceivedEventFilter(identifier="work", system_id=1), 3),
        (ReceivedEventFilter(identifier="work", system_id=2), 0),
        (ReceivedEventFilter(identifier="work", state="pending"), 0),
        (ReceivedEventFilter(system_id=1), 5),
        (ReceivedEventFilter(system_id=2), 0),
    ],
)
def test_events_are_counted_by_what_is_asked_for(
    busy_world: World, wanted: ReceivedEventFilter, total: int
) -> None:
    found = page(busy_world, wanted)
    assert (found["totalItems"], len(found["items"])) == (total, min(total, 2))


def test_a_span_of_time_has_its_begin_and_not_its_end(busy_world: World) -> None:
    now_ms = CLOCK.now_ms()
    span = ReceivedEventFilter(
        from_time=format_ms(now_ms - 4_000), to_time=format_ms(now_ms - 2_000)
    )
    found = page(busy_world, span)
    assert [item["eventName"] for item in found["items"]] == ["works", "works"]


def test_events_of_other_apis_are_not_received(busy_world: World) -> None:
    other = busy_world.run(busy_world.log.list_events(limit=1)).events[0]
    other = other._replace(id=other.id[:-1] + ("0" if other.id[-1] != "0" else "1"), api="charon")
    busy_world.run(busy_world.log.append(other))
    assert page(busy_world, ReceivedEventFilter())["totalItems"] == 5


def test_an_imported_event_without_a_request_is_shown_without_one(busy_world: World) -> None:
    event = Event(
        new_id(CLOCK.now_ms()), "eventhos", "/eventhos/1", "works", "", CLOCK.now_ms(), b"{}", "{}"
    )
    busy_world.run(busy_world.log.append(event))

    shown = busy_world.run(busy_world.service.received.get_received_event(event.id))

    request = shown["receivedEvent"]["received_request"]
    assert (request["headers"], request["query"]) == ({}, {})


@pytest.mark.parametrize("is_digested", [False, True])
def test_an_event_defined_elsewhere_is_found_by_its_whole_identifier(
    busy_world: World, is_digested: bool
) -> None:
    now_ms = CLOCK.now_ms()
    event = Event(new_id(now_ms), "eventhos", "/eventhos/x", "far-off", "", now_ms, b"{}", "{}")
    busy_world.run(busy_world.log.append(event))
    if is_digested:
        read = ManualClock(CLOCK.seconds + 3_600).read
        busy_world.run(DigestKeeper(busy_world.database, busy_world.log, read).update_digests())

    for wanted, total in (
        (ReceivedEventFilter(identifier="far-off"), 1),
        (ReceivedEventFilter(identifier="far-off", id=event.id), 1),
        (ReceivedEventFilter(identifier="far-off", system_id=1), 0),
        (ReceivedEventFilter(identifier="far"), 0),
        (ReceivedEventFilter(identifier="works"), 3),
    ):
        assert page(busy_world, wanted)["totalItems"] == total
    [item] = page(busy_world, ReceivedEventFilter(identifier="far-off"))["items"]
    assert (item["id"], item["eventIdentifier"]) == (event.id, "far-off")
    shown = busy_world.run(busy_world.service.received.get_received_event(event.id))
    assert shown["receivedEvent"]["eventIdentifier"] == "far-off"


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        (ReceivedEventFilter(), "COVERING INDEX eventhos_received"),
        (ReceivedEventFilter(state="dead"), "deliveries USING COVERING INDEX"),
    ],
)
def test_events_are_counted_without_reading_them(
    busy_world: World, wanted: ReceivedEventFilter, step: str
) -> None:
    counted: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if "count(" in statement and ("FROM events" in statement or "deliveries" in statement):
            counted.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    page(busy_world, wanted)
    event.remove(Engine, "before_cursor_execute", note)
    [asked] = counted
    plan = busy_world.run(busy_world.database.read(partial(_plan, *asked)))
    assert step in plan


@pytest.fixture
def long_log(world: World) -> World:
    """A log of some blocks, with few events of one of two kinds."""
    world.open()
    for name in ("common", "rare"):
        world.put_event(name)
    first_ms = CLOCK.now_ms() - 1_000_000
    stored = [
        (received("common" if n % 700 else "rare", first_ms + 100 * n), ()) for n in range(2_100)
    ]
    world.run(world.log.write(lambda c: world.log.append_all_within(c, stored)))
    world.run(DigestKeeper(world.database, world.log, CLOCK.read).update_digests())
    return world


def received(name: str, time_ms: int) -> Event:
    return Event(new_id(time_ms), "eventhos", "/eventhos/1", name, "", time_ms, b"{}", "{}")


@pytest.mark.parametrize("held", [10, 10_000])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("name", "total"), [("rare", 3), ("common", 2_097)])
def test_each_page_of_a_long_log_has_its_part(
    long_log: World,
    name: str,
    total: int,
    descending: bool,
    held: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(received_search, "HELD_ROWS", held)
    wanted, size = ReceivedEventFilter(identifier=name), 2 if name == "rare" else 500
    found = []
    for number in range(-(-total // size)):
        paging = Paging(number, size, "id", descending)
        shown = long_log.run(long_log.service.received.list_page(paging, wanted))
        assert shown["totalItems"] == total
        found += [item["id"] for item in shown["items"]]
    assert len(set(found)) == total
    assert found == sorted(found, reverse=descending)


def test_a_page_of_many_kinds_has_its_part(long_log: World) -> None:
    for number in range(30):
        long_log.put_event(f"common-{number}")
    wanted = ReceivedEventFilter(identifier="common")
    found: list[str] = []
    for number in range(3):
        shown = long_log.run(
            long_log.service.received.list_page(Paging(number, 700, "id", True), wanted)
        )
        assert shown["totalItems"] == 2_097
        found += [item["id"] for item in shown["items"]]
    assert len(set(found)) == 2_097
    assert found == sorted(found, reverse=True)


def test_a_page_beyond_all_events_is_empty_and_tells_their_number(long_log: World) -> None:
    wanted = ReceivedEventFilter(identifier="rare")
    farthest = Paging(2_147_483_647, 100, "id", True)
    shown = long_log.run(long_log.service.received.list_page(farthest, wanted))
    assert (shown["items"], shown["totalItems"]) == ([], 3)


@pytest.mark.parametrize("wanted", [ReceivedEventFilter(), ReceivedEventFilter(identifier="com")])
def test_many_events_are_counted_up_to_a_bound_and_listed_beyond_it(
    long_log: World, wanted: ReceivedEventFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received_search, "COUNTED_EVENTS", 10)
    monkeypatch.setattr(received_search, "COUNTED_BLOCKS", 1)
    for number in (0, 200, 1_040):
        shown = page(long_log, wanted, number)
        assert len(shown["items"]) == 2
        assert 2 * number + 2 < shown["totalItems"] < 2_100


@pytest.mark.parametrize(("name", "number", "reads"), [("common", 0, 2), ("rare", 1, 1)])
def test_a_list_of_a_kind_is_one_statement_and_another_counts_what_follows(
    long_log: World, name: str, number: int, reads: int
) -> None:
    with noted_statements() as noted:
        page(long_log, ReceivedEventFilter(identifier=name), number)
    asked = [each for each in noted if re.search(r"(FROM|JOIN) events\b", each[0])]
    assert len(asked) == reads
    for each in asked:
        plan = long_log.run(long_log.database.read(partial(_plan, *each)))
        # The index of received events would cost a further look at each.
        assert "SEARCH events USING PRIMARY KEY (id>? AND id<?)" in plan


def test_a_further_list_by_identifier_builds_no_statement(
    long_log: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> Any:
        wanted = ReceivedEventFilter(identifier=name)
        found = partial(find_received, paging=Paging(0, 2, "id", True), wanted=wanted)
        return long_log.run(long_log.database.read_long(found))

    find("common")
    monkeypatch.delattr(Select, "where")
    rows, _ = find("rare")
    assert len(rows) == 2


RUNS = {"done": 5, "cancelled": 700, "waiting": 0, "dead": 300}
"""A state → one of how many events has a run in it; none with 0."""


def ids_of(world: World, name: str) -> list[str]:
    """Return the ids of the events of a kind, the oldest first."""
    page = world.run(world.log.list_events(EventSelection(type=name), limit=3_000))
    return [each.id for each in reversed(page.events)]


def put_contracts(world: World, kind: str, number: int) -> list[str]:
    """Add contracts with a kind of events; return their ids."""
    found = select(events.c.id).where(events.c.identifier == kind)
    row = {"event_id": world.run(world.database.read(lambda c: c.scalar(found)))}
    row |= {"position": 0, "active": True, "mail_recipients_on_error": ""}
    made = []
    for _ in range(number):
        made.append(str(next(CONTRACT_IDS)))
        world.put(contracts, id=int(made[-1]), identifier=made[-1], **row)
    return made


def put_runs(world: World, rows: list[dict[str, Any]]) -> None:
    world.run(world.database.write(lambda c: c.execute(insert(deliveries), rows)))


CONTRACT_IDS = count(1_000)


@pytest.fixture
def runs(long_log: World) -> dict[str, list[str]]:
    """Give many events of the log runs in one state or two; return the ids by their state."""
    made: dict[str, list[str]] = {state: [] for state in RUNS}
    rows = []
    for kind in ("common", "rare"):
        ids = ids_of(long_log, kind)
        for state, every in RUNS.items():
            targets = put_contracts(long_log, kind, 2)
            some = ids[::every] if every else []
            rows += [run_of(id_, target, state) for id_ in some for target in targets]
            made[state] += some
        rows += [run_of(id_, "t", "waiting", kind="gateway") for id_ in ids[:50]]
    put_runs(long_log, rows)
    return made


def run_of(event_id: str, target: str, state: str, kind: str = "eventhos") -> dict[str, Any]:
    """Return the row of a delivery."""
    texts = dict.fromkeys(("endpoint", "owner", "detail", "tenant"), "")
    numbers = dict.fromkeys(
        ("position", "followed", "attempts", "tries", "retried", "due", "until"), 0
    )
    own = {"id": f"{event_id}_{kind}_{target}", "event_id": event_id, "kind": kind}
    return {**texts, **numbers, **own, "target": target, "state": state}


@pytest.mark.parametrize("counted", [10_000, 2])
@pytest.mark.parametrize("descending", [True, False])
def test_a_state_of_any_number_of_runs_lists_its_events(
    long_log: World,
    runs: dict[str, list[str]],
    descending: bool,
    counted: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(received_search, "COUNTED_EVENTS", counted)
    rare = set(ids_of(long_log, "rare"))
    for state, identifier in product(RUNS, (None, "rare", "common")):
        wanted = ReceivedEventFilter(state=state, identifier=identifier)
        expected = sorted(
            (
                id_
                for id_ in runs[state]
                if identifier in {None, "rare" if id_ in rare else "common"}
            ),
            reverse=descending,
        )
        for number in range(len(expected) // 3 + 1)[:: max(1, len(expected) // 10)]:
            paging, end = Paging(number, 3, "id", descending), 3 * number + 3
            shown = long_log.run(long_log.service.received.list_page(paging, wanted))
            assert [item["id"] for item in shown["items"]] == expected[3 * number : end]
            if counted > len(expected):
                assert shown["totalItems"] == len(expected)
            elif len(expected) > end:
                assert shown["totalItems"] > end


@pytest.mark.parametrize("state", ["done", "cancelled", "waiting", "error", "processed"])
def test_a_state_that_no_run_is_in_costs_no_look_at_the_log(long_log: World, state: str) -> None:
    put_contracts(long_log, "common", 2)
    assert steps_to_none(long_log, ReceivedEventFilter(state=state)) < BOUND


@pytest.mark.parametrize("state", ["done", "cancelled", "waiting", "error", "processed"])
@pytest.mark.parametrize("identifier", ["common", "rare", "none"])
def test_runs_of_other_events_cost_nothing(long_log: World, state: str, identifier: str) -> None:
    for kind in ("common", "rare"):
        put_contracts(long_log, kind, 2)
    long_log.put_event("other")
    [target] = put_contracts(long_log, "other", 1)
    ids = ids_of(long_log, "common")
    stored = "pending" if state == "error" else "done" if state == "processed" else state
    put_runs(long_log, [run_of(id_, target, stored) for id_ in ids])
    wanted = ReceivedEventFilter(state=state, identifier=identifier)
    assert steps_to_none(long_log, wanted) < BOUND


def test_deliveries_of_other_apis_cost_nothing(long_log: World) -> None:
    put_contracts(long_log, "common", 1)
    ids = ids_of(long_log, "common")
    put_runs(long_log, [run_of(id_, "t", "done", kind="gateway") for id_ in ids])
    assert steps_to_none(long_log, ReceivedEventFilter(state="done")) < BOUND


BOUND = 210
"""Tens of steps of the database: one for each event of the log would be more."""


def steps_to_none(world: World, wanted: ReceivedEventFilter) -> int:
    """Return how many tens of steps it takes to find no event."""
    assert page(world, wanted)["totalItems"] == 0
    return steps_of(world, wanted)


def steps_of(world: World, wanted: ReceivedEventFilter) -> int:
    """Return how many tens of steps it takes to find the first page."""

    def find(connection: Connection) -> None:
        find_received(connection, Paging(0, 10, "id", True), wanted)

    return world.run(world.database.read(lambda connection: count_steps(connection, find)))


def _plan(statement: str, parameters: Any, connection: Connection) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row.detail for row in rows)
