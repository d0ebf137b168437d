"""The service's own alarms are events, told once each and delivered like others."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
from sqlalchemy import Connection, update

from eventhos_endpoint import Endpoint
from gateway_world import GatewayWorld
from server_process import StartServer
from tallystick.apis.gateway.alarms import KEY_NOTICE_MS
from tallystick.apis.gateway.dead_deliveries import SILENCE_MS, DeadDeliveries
from tallystick.apis.key_limits import KeyLimits
from tallystick.contract.exceptions import Unavailable
from tallystick.delivery import FailedAttempt
from tallystick.delivery.schedule import SCHEDULE_MS
from tallystick.delivery.tables import deliveries
from tallystick.events import Event, new_id
from tallystick.store import DatabaseUnavailable

pytestmark = pytest.mark.anyio

DAY_S = 24 * 60 * 60
AWAY = "http://127.0.0.1:1/"
TOO_LONG = b'"' + b"x" * 300_000 + b'"'
"""Data that a body of its own can't hold, so that the delivery is dead at once."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.stop()


@pytest.fixture(params=["memory", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database."""
    return "sqlite://" if request.param == "memory" else request.getfixturevalue("postgres_url")


@pytest.fixture
async def world(url: str) -> AsyncIterator[GatewayWorld]:
    async with GatewayWorld(url) as made:
        yield made


async def fail_for_good(world: GatewayWorld) -> None:
    for delay_ms in SCHEDULE_MS:
        await world.pass_time(delay_ms // 1000 + 1)


def said(endpoint: Endpoint) -> list[Any]:
    return [json.loads(call.body) for call in endpoint.calls]


async def test_a_well_service_tells_nothing(world: GatewayWorld, endpoint: Endpoint) -> None:
    await world.subscribe(endpoint.url)
    await world.send("A")
    for _ in range(3):
        await world.pass_time(60)
    assert await world.alarm_types() == []


async def test_a_target_is_told_when_it_is_turned_off_and_on_again(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    await world.subscribe(endpoint.url + "/alarms", prefix="tallystick.")
    endpoint.answers["/gone"] = (410, b"")
    id_ = await world.subscribe(endpoint.url + "/gone", prefix="A")
    await world.send("A")
    for _ in range(3):
        await world.pass_time(1)
    assert await world.alarm_types() == ["endpoint.off"]
    await world.subscriptions.replace_subscription(id_, {"sink": endpoint.url + "/back"})
    for _ in range(3):
        await world.pass_time(1)
    assert await world.alarm_types() == ["endpoint.off", "endpoint.on"]
    off, on = [event["data"] for event in said(endpoint) if "tallystick" in event["type"]][:2]
    assert (off["target"], off["reason"]) == (id_, "it answered 410 Gone")
    assert on["target"] == id_
    assert "go on" in on["message"]


async def test_a_dead_delivery_is_told(world: GatewayWorld, endpoint: Endpoint) -> None:
    await world.subscribe(endpoint.url, prefix="tallystick.delivery")
    id_ = await world.subscribe(AWAY, prefix="A")
    event = await world.send("A")
    await fail_for_good(world)
    [alarm] = said(endpoint)
    assert (alarm["type"], alarm["subject"]) == ("tallystick.delivery.dead", id_)
    assert (alarm["data"]["event"], alarm["data"]["type"]) == (event.id, "A")
    assert (alarm["data"]["api"], alarm["data"]["attempts"]) == ("gateway", 10)
    assert "can't connect" in alarm["data"]["reason"]


async def test_dead_deliveries_to_one_target_are_told_once_an_hour(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    for prefix in ("A", "B"):
        await world.subscribe(endpoint.url, prefix=prefix, body={"a": "{{ data }}"})
    for _ in range(3):
        await world.send("A", TOO_LONG)
    await world.send("B", TOO_LONG)
    await world.pass_time(1)
    assert await world.alarm_types() == ["delivery.dead"] * 2
    await world.send("A", TOO_LONG)
    await world.pass_time(59 * 60)
    assert await world.alarm_types() == ["delivery.dead"] * 2
    await world.send("A", TOO_LONG)
    await world.pass_time(2 * 60)
    assert await world.alarm_types() == ["delivery.dead"] * 3
    assert endpoint.calls == []


async def test_a_restart_tells_of_no_dead_delivery_again(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    failures: list[FailedAttempt] = []

    def note(failed: FailedAttempt) -> tuple[()]:
        failures.append(failed)
        return ()

    world.outbox.add_failure_listener(note)
    await world.subscribe(endpoint.url, prefix="A", body={"a": "{{ data }}"})
    await world.send("A", TOO_LONG)
    await world.pass_time(1)
    restarted = DeadDeliveries(world.log, "/console")
    await restarted.open(world.clock.now_ms())
    assert list(restarted.build_alarm(failures[0])) == []
    # An hour later it is told again.
    await restarted.open(world.clock.now_ms())
    later = failures[0]._replace(now_ms=world.clock.now_ms() + SILENCE_MS)
    assert list(restarted.build_alarm(later)) != []


@pytest.mark.parametrize("data", [b"", b"7", b"{}", b'{"api":1,"target":[]}', b"[1]"])
async def test_an_event_of_others_by_an_alarm_s_name_stops_no_start(
    world: GatewayWorld, data: bytes
) -> None:
    now_ms = world.clock.now_ms()
    type_ = "tallystick.delivery.dead"
    event = Event(new_id(now_ms), "tallystick", "/tallystick", type_, "", now_ms, data, "{}")
    await world.log.append(event)
    await DeadDeliveries(world.log, "/console").open(now_ms)


async def test_an_alarm_names_its_subscription_and_leads_to_it(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    endpoint.answers["/gone"] = (410, b"")
    id_ = await world.subscribe(f"{endpoint.url}/gone", prefix="A", name="the shop")
    await world.send("A")
    for _ in range(2):
        await world.pass_time(1)
    [alarm] = await world.alarms()
    said = json.loads(alarm.data)
    where = f"{endpoint.url}/gone, of the subscription the shop"
    assert said["message"] == f"Deliveries to {where} are held: it answered 410 Gone."
    assert said["name"] == "the shop"
    assert said["link"] == f"/console/deliveries?state=held&api=gateway&target={id_}"


async def test_a_dead_alarm_makes_no_alarm(world: GatewayWorld) -> None:
    await world.subscribe(AWAY, prefix="A")
    await world.subscribe("http://127.0.0.1:2/", prefix="tallystick.delivery")
    await world.send("A")
    await fail_for_good(world)
    await fail_for_good(world)
    dead = [event for event in await world.alarms() if event.type == "tallystick.delivery.dead"]
    assert len(dead) == 1
    [of_alarm] = await world.deliveries(dead[0])
    assert of_alarm.state == "dead"


async def test_a_delivery_that_is_dead_as_its_workers_ended_is_told() -> None:
    async with GatewayWorld("sqlite://") as world:
        await world.subscribe(AWAY, prefix="A")
        await world.send("A")
        lost = {"state": "leased", "owner": "gone", "tries": 10, "attempts": 10}
        await world.database.write(lambda c: c.execute(update(deliveries).values(**lost)))
        await world.dispatcher.close()
        await world.dispatcher.open()
        [alarm] = await world.alarms()
        assert alarm.type == "tallystick.delivery.dead"
        assert "the worker ended" in json.loads(alarm.data)["reason"]


async def test_an_alarm_that_can_t_be_built_holds_no_deliveries_up() -> None:
    def fail(_: FailedAttempt) -> NoReturn:
        raise ValueError

    async with GatewayWorld("sqlite://") as world:
        world.outbox.add_failure_listener(fail)
        await world.subscribe(AWAY, prefix="A")
        first, second = [await world.send("A") for _ in range(2)]
        lost = {"state": "leased", "owner": "gone", "tries": 10, "attempts": 10}
        ended = update(deliveries).where(deliveries.c.event_id == first.id).values(**lost)
        await world.database.write(lambda c: c.execute(ended))
        await world.dispatcher.close()
        await world.dispatcher.open()
        await fail_for_good(world)
        states = [(await world.deliveries(event))[0].state for event in (first, second)]
        assert states == ["dead", "dead"]


async def test_a_backlog_is_told_when_it_is_old(world: GatewayWorld, endpoint: Endpoint) -> None:
    endpoint.answers["/"] = (500, b"")
    await world.subscribe(endpoint.url + "/", prefix="A")
    await world.send("A")
    await world.pass_time(50 * 60)
    assert await world.alarm_types() == []
    await world.pass_time(20 * 60)
    await world.pass_time(20 * 60)
    assert await world.alarm_types() == ["backlog.old"]
    [alarm] = await world.alarms()
    assert json.loads(alarm.data)["deliveries"] == 1
    endpoint.answers.clear()
    await world.pass_time(DAY_S)
    await world.pass_time(60)
    assert await world.alarm_types() == ["backlog.old", "backlog.over"]
    over = json.loads((await world.alarms())[1].data)
    assert (
        over["message"]
        == f"The old backlog is over since {over['until']}: what waits now is younger. "
        "Deliveries held: 0, dead: 0."
    )
    assert over["link"] == "/console/overview"
    endpoint.answers["/"] = (500, b"")
    await world.send("A")
    await world.pass_time(60)
    await world.pass_time(2 * 60 * 60)
    assert await world.alarm_types() == ["backlog.old", "backlog.over", "backlog.old"]


async def test_a_backlog_that_an_endpoint_turned_off_ends_says_how_many_are_held(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    endpoint.answers["/"] = (500, b"")
    await world.subscribe(endpoint.url + "/", prefix="A")
    await world.send("A")
    await world.pass_time(2 * 60 * 60)
    await world.pass_time(60)
    endpoint.answers["/"] = (410, b"")
    await world.pass_time(DAY_S)
    await world.pass_time(60)
    [over] = [alarm for alarm in await world.alarms() if alarm.type.endswith("backlog.over")]
    assert "Deliveries held: 1, dead: 0." in json.loads(over.data)["message"]


async def test_a_backlog_is_not_over_as_it_is_told_no_more(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    database = f"sqlite:///{tmp_path}/kept.db"
    endpoint.answers["/"] = (500, b"")
    async with GatewayWorld(database) as world:
        await world.subscribe(endpoint.url + "/", prefix="A")
        await world.send("A")
        await world.pass_time(2 * 60 * 60)
        await world.pass_time(60)
    async with GatewayWorld(database, world.clock, backlog_minutes=0) as world:
        await world.pass_time(60)
        assert await world.alarm_types() == ["backlog.old"]


async def test_deliveries_over_a_quota_are_no_backlog_and_arrive_on_their_day(
    world: GatewayWorld, endpoint: Endpoint
) -> None:
    await world.subscribe(endpoint.url + "/", prefix="A")
    limits = KeyLimits(quotas={"deliveries_per_day": 1})
    key, _ = await world.keys.create_key("event_store", "tenant", limits=limits)
    world.log.limits = world.keys.limits
    world.keys.limits.begin_call(key.id, limits)
    first, second = [await world.send("A") for _ in range(2)]
    await world.pass_time(2 * 60 * 60)
    assert await world.alarm_types() == []
    states = [(await world.deliveries(event))[0].state for event in (first, second)]
    assert states == ["done", "pending"]
    await world.pass_time(DAY_S)
    assert [(await world.deliveries(second))[0].state] == ["done"]


async def test_without_an_age_no_backlog_is_told(endpoint: Endpoint) -> None:
    endpoint.answers["/"] = (500, b"")
    async with GatewayWorld("sqlite://", backlog_minutes=0) as world:
        await world.subscribe(endpoint.url + "/", prefix="A")
        await world.send("A")
        await world.pass_time(DAY_S)
        assert await world.alarm_types() == []


async def test_a_key_that_expires_soon_is_told(world: GatewayWorld) -> None:
    now = world.clock.now_ms()
    soon, _ = await world.keys.create_key("charon", "agent", expires=now + KEY_NOTICE_MS)
    await world.keys.create_key("charon", "later", expires=now + KEY_NOTICE_MS + DAY_S * 1000)
    revoked, _ = await world.keys.create_key("charon", "revoked", expires=now + DAY_S * 1000)
    await world.keys.revoke_key(revoked.id)
    await world.pass_time(1)
    await world.pass_time(1)
    [alarm] = await world.alarms()
    assert (alarm.type, alarm.subject) == ("tallystick.key.expiring", soon.id)
    data = json.loads(alarm.data)
    assert (data["name"], data["api"]) == ("agent", "charon")
    assert data["link"] == "/console/keys?expiring=true"
    await world.pass_time(15 * DAY_S)  # both have expired by then, or are told
    assert await world.alarm_types() == ["key.expiring"]


async def test_an_outage_is_told_once_it_is_over(
    world: GatewayWorld, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.subscribe(endpoint.url)
    with monkeypatch.context() as patched:

        async def fail() -> None:
            raise Unavailable("The database can't be used: disk full.")

        patched.setattr(world.database, "ping", fail)
        await world.pass_time(1)
        await world.pass_time(60)
    for _ in range(3):
        await world.pass_time(1)
    assert await world.alarm_types() == ["database.away"]
    [alarm] = said(endpoint)
    assert alarm["data"]["reason"] == "The database can't be used: disk full."
    assert alarm["data"]["since"] < alarm["data"]["until"]


async def test_an_outage_between_two_comparisons_is_told_if_a_call_met_it(
    world: GatewayWorld,
) -> None:
    def fail(_: Connection) -> NoReturn:
        raise DatabaseUnavailable("The database can't be used: disk full.")

    for call in (world.database.read, world.database.write):
        with pytest.raises(DatabaseUnavailable):
            await call(fail)
    await world.database.ping()
    for _ in range(2):
        await world.pass_time(1)
    assert await world.alarm_types() == ["database.away"]
    [alarm] = await world.alarms()
    assert json.loads(alarm.data)["reason"] == "The database can't be used: disk full."


async def test_two_processes_tell_an_alarm_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with GatewayWorld(postgres_url) as one, GatewayWorld(postgres_url, one.clock) as other:
        now = one.clock.now_ms()
        await one.keys.create_key("charon", "agent", expires=now + DAY_S * 1000)

        async def fail() -> None:
            raise Unavailable("away")

        with monkeypatch.context() as patched:
            for world in (one, other):
                patched.setattr(world.database, "ping", fail)
                await world.monitor.compare_alarms()
        for _ in range(2):
            for world in (one, other):
                await world.pass_time(1)
        assert sorted(await one.alarm_types()) == ["database.away", "key.expiring"]


def test_a_server_tells_of_an_endpoint_that_is_gone(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    headers = {"Authorization": "Bearer dev-gateway-key"}
    endpoint.answers["/gone"] = (410, b"")
    for path, prefix in (("/gone", "START_"), ("/alarms", "tallystick.")):
        body = {"sink": endpoint.url + path, "filters": [{"prefix": {"type": prefix}}]}
        made = requests.post(
            f"{server.url}/gateway/v1/subscriptions", json=body, headers=headers, timeout=10
        )
        assert made.status_code == 201
    event = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "525060831330"}
    event |= {"re": "eu-west-3", "st": "OK", "me": "Operation successful"}
    key = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    assert requests.post(f"{server.url}/create", json=event, headers=key, timeout=10).ok
    deadline = time.monotonic() + 60
    while not endpoint.of("/alarms"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert json.loads(endpoint.of("/alarms")[0].body)["type"] == "tallystick.endpoint.off"
    assert server.stop() == 0
