"""What happens to a delivery, on every kind of database."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from tallystick.delivery import (
    AttemptOutcome,
    DeliverySelection,
    DeliveryState,
    Undeliverable,
    dispatcher,
)
from tallystick.delivery.endpoints import FAILURES, FIRST_REST_MS
from tallystick.delivery.leases import claim_deliveries
from tallystick.delivery.shares import SharedPool
from tallystick.store import DatabaseUnavailable

pytestmark = pytest.mark.anyio

DAY_S = 24 * 60 * 60
# Seconds between attempts, in the middle of the jitter.
SCHEDULE = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


async def test_an_event_arrives_byte_for_byte(world: Any, endpoint: Any) -> None:
    data = '{"n": 1.0, "text":"é\\u0000"}'.encode()
    event = await world.send(f"{endpoint.url}/ok", data=data)
    await world.deliver()
    assert [request.body for request in endpoint.requests] == [data]
    assert await world.states(event) == [DeliveryState.DONE]


async def test_an_attempt_keeps_request_and_response_without_secrets(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/ok?token=hush", data=b'{"password":"hush"}')
    await world.deliver()
    delivery = await world.only(event)
    (attempt,) = (await world.outbox.list_attempts([delivery.id]))[delivery.id]
    kept = orjson.loads(attempt.record)
    assert kept["request"]["url"] == f"{endpoint.url}/ok?token=***"
    assert kept["request"]["body"] == '{"password":"***"}'
    assert ["Authorization", "***"] in kept["request"]["headers"]
    assert kept["response"]["body"] == '{"fine":true}'
    assert "secret" not in attempt.record


async def test_a_group_waits_for_the_one_before(world: Any, endpoint: Any) -> None:
    first, second = f"{endpoint.url}/500", f"{endpoint.url}/ok"
    event = await world.send([first, f"{endpoint.url}/400"], second)
    await world.deliver()
    assert await world.states(event) == ["pending", "pending", "waiting"]
    endpoint.answers |= dict.fromkeys(["/500", "/400"], endpoint.answers["/ok"])
    await world.pass_time(5)
    assert await world.states(event) == ["done", "done", "done"]
    assert endpoint.paths[-1] == "/ok"


async def test_a_group_that_dies_lets_the_next_one_go(world: Any, endpoint: Any) -> None:
    event = await world.send(f"{endpoint.url}/500", f"{endpoint.url}/ok")
    await world.deliver()
    for wait in SCHEDULE:
        assert await world.states(event) == ["pending", "waiting"]
        await world.pass_time(wait)
    # After so many failures the endpoint is left alone for a while.
    await world.pass_time(300)
    assert await world.states(event) == ["dead", "done"]


async def test_attempts_follow_the_schedule_and_then_it_is_dead(world: Any, endpoint: Any) -> None:
    event = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    for number, wait in enumerate(SCHEDULE, start=1):
        await world.pass_time(wait - 1)
        assert len(endpoint.requests) == number
        await world.pass_time(1)
        assert len(endpoint.requests) == number + 1
    assert await world.states(event) == ["dead"]
    assert await world.outcomes(event) == [AttemptOutcome.SERVER_ERROR] * 10
    await world.pass_time(10 * DAY_S)
    assert len(endpoint.requests) == 10


async def test_an_endpoint_that_says_when_to_come_back_is_obeyed(world: Any, endpoint: Any) -> None:
    event = await world.send(f"{endpoint.url}/429")
    await world.deliver()
    endpoint.answers["/429"] = endpoint.answers["/ok"]
    await world.pass_time(1799)
    assert await world.states(event) == ["pending"]
    await world.pass_time(1)
    assert await world.states(event) == ["done"]
    assert await world.outcomes(event) == [AttemptOutcome.THROTTLED, AttemptOutcome.DELIVERED]


async def test_an_endpoint_that_is_gone_is_turned_off_and_all_for_it_is_held(
    world: Any, endpoint: Any
) -> None:
    url = f"{endpoint.url}/410"
    first = await world.send(url)
    await world.deliver()
    second = await world.send(url)
    await world.deliver()
    assert await world.states(first) == await world.states(second) == ["held"]
    assert len(endpoint.requests) == 1
    assert list((await world.outbox.list_disabled_targets("test")).values()) == [
        "it answered 410 Gone"
    ]


async def test_what_was_held_is_delivered_once_the_endpoint_is_on_again(
    world: Any, endpoint: Any
) -> None:
    url = f"{endpoint.url}/410"
    event = await world.send(url, f"{endpoint.url}/ok")
    await world.deliver()
    assert await world.states(event) == ["held", "done"]
    endpoint.answers["/410"] = endpoint.answers["/ok"]
    # Another process does, of which this one has not heard yet.
    await world.outbox.enable_target("test", "000")
    assert (
        await world.outbox.replay_deliveries(
            DeliverySelection(states=frozenset({DeliveryState.HELD}))
        )
        == 1
    )
    await world.deliver()
    assert await world.states(event) == ["done", "done"]


async def test_five_days_of_nothing_but_failures_turn_an_endpoint_off(
    world: Any, endpoint: Any
) -> None:
    url = f"{endpoint.url}/500"
    await world.send(url)
    await world.deliver()
    await world.pass_time(5 * DAY_S - 1)
    assert not await world.outbox.list_disabled_targets("test")
    await world.send(url)
    await world.pass_time(1)
    assert list(await world.outbox.list_disabled_targets("test")) == ["000"]


async def test_a_success_in_between_forgives_the_failures(world: Any, endpoint: Any) -> None:
    url = f"{endpoint.url}/500"
    fails, works = endpoint.answers["/500"], endpoint.answers["/ok"]
    await world.send(url)
    await world.deliver()
    endpoint.answers["/500"] = works
    await world.pass_time(4 * DAY_S)
    endpoint.answers["/500"] = fails
    await world.send(url)
    await world.pass_time(2 * DAY_S)
    assert not await world.outbox.list_disabled_targets("test")


async def test_an_event_that_fits_no_request_is_dead_with_the_reason(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Undeliverable("the template asks for `a`, and there is none")

    monkeypatch.setattr(world.adapter, "build_request", refuse)
    event = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    delivery = await world.only(event)
    assert delivery.state == "dead"
    assert delivery.detail == "the template asks for `a`, and there is none"
    assert await world.outcomes(event) == [AttemptOutcome.UNDELIVERABLE]


async def test_a_kind_that_this_process_does_not_deliver_waits_for_one_that_does(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/ok")
    world.outbox.adapters.clear()
    await world.deliver()
    assert await world.states(event) == ["pending"]
    assert (await world.only(event)).detail == "this process does not deliver test"
    world.outbox.register_adapter("test", world.adapter)
    await world.pass_time(60)
    assert await world.states(event) == ["done"]


async def test_a_replay_begins_the_schedule_anew_under_the_same_id(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    for wait in SCHEDULE:
        await world.pass_time(wait)
    endpoint.answers["/500"] = endpoint.answers["/ok"]
    assert (
        await world.outbox.replay_deliveries(
            DeliverySelection(states=frozenset({DeliveryState.DEAD}))
        )
        == 1
    )
    await world.deliver()
    delivery = await world.only(event)
    assert (delivery.state, delivery.attempts, delivery.tries) == ("done", 11, 1)


async def test_an_event_is_replayed_in_the_order_of_its_groups(world: Any, endpoint: Any) -> None:
    event = await world.send(f"{endpoint.url}/500", f"{endpoint.url}/ok")
    endpoint.answers["/500"] = endpoint.answers["/ok"]
    await world.deliver()
    endpoint.requests.clear()
    assert await world.outbox.replay_deliveries(DeliverySelection(event_id=event.id)) == 2
    await world.deliver()
    assert endpoint.paths == ["/500", "/ok"]


async def test_what_is_pending_is_attempted_before_its_time_when_replayed(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    await world.pass_time(5)
    assert (await world.only(event)).tries == 2
    assert (
        await world.outbox.replay_deliveries(
            DeliverySelection(states=frozenset({DeliveryState.PENDING}))
        )
        == 1
    )
    await world.deliver()
    delivery = await world.only(event)
    # The schedule has begun anew: its first wait is of five seconds.
    assert (delivery.attempts, delivery.tries) == (3, 1)
    assert delivery.due - world.clock.now_ms() == 5_000


async def test_what_is_pending_waits_for_an_earlier_group_that_is_replayed_with_it(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/ok", f"{endpoint.url}/500")
    await world.deliver()
    assert await world.states(event) == ["done", "pending"]
    endpoint.answers["/ok"] = endpoint.answers["/400"]
    assert await world.outbox.replay_deliveries(DeliverySelection(event_id=event.id)) == 2
    first, second = await world.states(event)
    # It is tried at once, so it may be under way already.
    assert first in {"pending", "leased"}
    assert second == "waiting"


async def test_a_replay_takes_an_endpoint_and_a_span_of_time(world: Any, endpoint: Any) -> None:
    for _ in range(3):
        await world.send(f"{endpoint.url}/ok")
        world.clock.seconds += 10
    await world.deliver()
    second = world.clock.now_ms() - 20_000
    selection = DeliverySelection(
        endpoint=f"{endpoint.url}",
        from_ms=second,
        to_ms=second + 1,
        states=frozenset({DeliveryState.DONE}),
    )
    assert await world.outbox.replay_deliveries(selection) == 1
    await world.deliver()
    assert len(endpoint.requests) == 4


async def test_what_was_aborted_is_attempted_no_more_and_the_next_group_goes(
    world: Any, endpoint: Any
) -> None:
    event = await world.send(f"{endpoint.url}/500", f"{endpoint.url}/ok")
    await world.deliver()
    first = (await world.outbox.list_deliveries(DeliverySelection(event_id=event.id)))[-1]
    assert await world.outbox.cancel_deliveries(DeliverySelection(ids=[first.id])) == 1
    await world.pass_time(DAY_S)
    assert await world.states(event) == ["cancelled", "done"]
    assert endpoint.paths == ["/500", "/ok"]


async def test_what_follows_from_a_response_is_stored_with_it(world: Any, endpoint: Any) -> None:
    followed = []

    def follow_up(event: Any, response: Any) -> Any:
        reply = world.an_event(response.body)
        followed.append((event.id, reply.id))
        return world.log.build_rows(reply)

    world.adapter.follow_up = follow_up
    event = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    ((cause, reply),) = followed
    assert cause == event.id
    assert (await world.log.get_event(reply)).data == b'{"fine":true}'


async def test_a_follow_up_that_can_t_be_stored_does_not_undo_the_delivery(
    world: Any, endpoint: Any
) -> None:
    world.adapter.follow_up = lambda event, _: world.log.build_rows(event)  # it is there already
    event = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    assert await world.states(event) == ["done"]


# As PostgreSQL says so, and as SQLite does, which ends the whole transaction with it.
FULL = {
    "sqlite": "PRAGMA max_page_count = 1",
    "postgresql": """
        CREATE FUNCTION full_disk() RETURNS trigger AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
            LANGUAGE plpgsql;
        CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk()
    """,
}
ROOM = {
    "sqlite": "PRAGMA max_page_count = 1000000",
    "postgresql": "DROP TRIGGER full_disk ON events",
}


@pytest.mark.parametrize("url", list(FULL), indirect=True)
async def test_what_follows_from_a_response_waits_for_room_on_the_disk(
    world: Any, endpoint: Any, url: str
) -> None:
    kind, replies = url.partition(":")[0], []

    def follow_up(_event: Any, _response: Any) -> Any:
        replies.append(world.an_event(b'"' + b"x" * 100_000 + b'"'))
        return world.log.build_rows(replies[-1])

    async def execute(statement: str) -> None:
        await world.database.write(lambda c: c.execute(text(statement)).close())

    world.adapter.follow_up = follow_up
    await world.dispatcher.close()
    event = await world.send(f"{endpoint.url}/ok")
    await execute(FULL[kind])
    await world.dispatcher.open()
    with pytest.raises(DatabaseUnavailable, match="disk full"):
        await world.deliver()
    assert await world.states(event) == ["leased"]
    await execute(ROOM[kind])
    await world.deliver()
    assert await world.states(event) == ["done"]
    assert await world.log.get_event(replies[0].id) == replies[0]


async def test_fresh_deliveries_go_before_retried_ones(world: Any, endpoint: Any) -> None:
    retried = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    await world.dispatcher.close()
    world.clock.seconds += 5
    fresh = await world.send(f"{endpoint.url}/ok")
    demand = world.demand(requests=SharedPool(1))
    for expected in (fresh, retried):
        (claimed,), _ = await world.database.write(
            lambda connection: claim_deliveries(connection, demand, world.clock.now_ms())
        )
        assert claimed.event == expected


async def test_what_is_pending_goes_with_its_event(world: Any, endpoint: Any) -> None:
    gone = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    world.clock.seconds += 1
    kept = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    await world.database.write(lambda c: c.execute(_FORGET, {"id": gone.id}).rowcount)
    assert await world.outbox.prune_deliveries() == 1
    assert (await world.states(gone), await world.states(kept)) == ([], ["pending"])


_FORGET = text("DELETE FROM events WHERE id = :id")


@pytest.mark.reliability("Clock steps and summer time")
async def test_a_clock_that_is_set_back_by_an_hour_stops_no_delivery(
    world: Any, endpoint: Any
) -> None:
    await world.dispatcher.close()
    stored_before = await world.send(f"{endpoint.url}/ok")
    world.clock.step_back(3600)
    await world.dispatcher.open()
    stored_after = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    assert await world.states(stored_before) == await world.states(stored_after) == ["done"]


@pytest.mark.reliability("Clock steps and summer time")
async def test_a_clock_that_is_set_back_by_an_hour_lengthens_no_rest(
    world: Any, endpoint: Any
) -> None:
    for _ in range(FAILURES):
        await world.send(f"{endpoint.url}/500")
    await world.deliver()
    world.clock.step_back(3600)
    event = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    assert await world.states(event) == ["pending"]
    await world.pass_time(FIRST_REST_MS // 1000)
    assert await world.states(event) == ["done"]


async def test_a_delivery_from_before_there_were_tenants_arrives(world: Any, endpoint: Any) -> None:
    await world.dispatcher.close()
    event = await world.send(f"{endpoint.url}/ok")
    await world.database.write(lambda c: c.execute(_WITHOUT_TENANT).rowcount)
    await world.dispatcher.open()
    await world.deliver()
    assert await world.states(event) == ["done"]


_WITHOUT_TENANT = text("UPDATE deliveries SET tenant = ''")


async def test_the_end_of_an_outage_is_logged_as_its_beginning_was(
    world: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dispatcher, "POLL_S", 0.02)

    async def fail() -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(world.dispatcher, "_turn", fail)
    world.dispatcher.wake()
    while not any("can't reach" in message for message in caplog.messages):
        await asyncio.sleep(0.01)
    monkeypatch.undo()
    while "can reach the deliveries again" not in caplog.messages:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert caplog.messages.count("can reach the deliveries again") == 1
