"""Subscriptions deliver, from the vendor's SDK to a socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise, permutations
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkeg import v1

from manual_clock import ManualClock
from server_process import StartServer
from tallystick.apis.eventgrid.dev_world import CHANNEL, PROJECT
from tallystick.apis.eventgrid.service import EventgridService
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.request import Request
from tallystick.delivery import Addresses, DeliverySelection, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database

PATIENCE_S = 20


class Hook:
    """An HTTP server on a thread that keeps what it receives, as (Content-Type, body)."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[str, str]] = []
        self.status = 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hook.received.append((self.headers["Content-Type"], body))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook?token=hush-hush"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


def target(url: str, **transform: str) -> Any:
    transform = transform or {"type": "ORIGINAL"}
    return v1.SubscriptionTarget(
        name="HTTP",
        provider_type="CUSTOM",
        detail={"url": url},
        transform=v1.TransForm(**transform),
    )


def subscribe(sdk: Any, source: Any, *targets: Any, **filter_: Any) -> Any:
    filter_ = {"source": [{"op": "StringIn", "values": [source.name]}], **filter_}
    taken = v1.SubscriptionSource(name=source.name, provider_type="CUSTOM", filter=filter_)
    body = v1.SubscriptionCreateReq(
        name=f"s-{uuid4()}", channel_id=source.channel_id, sources=[taken], targets=[*targets]
    )
    return sdk.create_subscription(v1.CreateSubscriptionRequest(body=body))


@contextmanager
def subscribed(sdk: Any, source: Any, *targets: Any, **filter_: Any) -> Iterator[Any]:
    made = subscribe(sdk, source, *targets, **filter_)
    yield made
    sdk.delete_subscription(v1.DeleteSubscriptionRequest(subscription_id=made.id))


def publish(sdk: Any, source: Any, **data: Any) -> None:
    event = v1.CloudEvents(
        id="1", source=source.name, specversion="1.0", type="order:paid", data=data
    )
    request = v1.PutEventsRequest(
        channel_id=source.channel_id, body=v1.PutEventsReq(events=[event])
    )
    assert sdk.put_events(request).failed_count == 0


def operate(sdk: Any, operation: str, subscription: Any) -> None:
    body = v1.SubscriptionOperateReq(operation=operation, subscription_ids=[subscription.id])
    request = v1.ExecuteSubscriptionOperationRequest(body=body)
    assert sdk.execute_subscription_operation(request).failed_count == 0


def test_each_target_gets_what_its_transform_makes(sdk: Any, source: Any, hook: Hook) -> None:
    variables = {"value": '{"n":"$.data.n"}', "template": '{"n is": ${n}}'}
    made = [
        target(hook.url),
        target(hook.url, type="CONSTANT", value="something was paid"),
        target(hook.url, type="VARIABLE", **variables),
    ]
    with subscribed(sdk, source, *made):
        publish(sdk, source, n=7)
        until(lambda: len(hook.received) == 3)
    made_of = dict(hook.received)
    original = json.loads(made_of["application/cloudevents+json; charset=utf-8"])
    assert original == {
        "specversion": "1.0",
        "id": "1",
        "source": source.name,
        "type": "order:paid",
        "data": {"n": 7},
    }
    assert made_of["text/plain; charset=utf-8"] == "something was paid"
    assert made_of["application/json"] == '{"n is": 7}'


def test_only_what_the_filter_takes_is_sent(sdk: Any, source: Any, hook: Hook) -> None:
    variables = {"type": "VARIABLE", "value": '{"n":"$.data.n"}', "template": "${n}"}
    large = {"n": [{"op": "NumberGreaterThan", "value": 5}]}
    with subscribed(sdk, source, target(hook.url, **variables), data=large):
        for n in (1, 7, 2, 9):
            publish(sdk, source, n=n)
        until(lambda: len(hook.received) == 2)
    assert sorted(hook.bodies) == ["7", "9"]


def test_a_disabled_subscription_takes_nothing_until_it_is_enabled(
    sdk: Any, source: Any, hook: Hook
) -> None:
    constant = {"type": "CONSTANT", "value": "ping"}
    with subscribed(sdk, source, target(hook.url, **constant)) as subscription:
        operate(sdk, "DISABLE", subscription)
        publish(sdk, source)
        operate(sdk, "ENABLE", subscription)
        publish(sdk, source)
        until(lambda: len(hook.received) == 1)
    assert hook.bodies == ["ping"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://10.0.0.1/", "http://[::]/"])
def test_an_address_that_nothing_may_be_sent_to_is_refused(sdk: Any, source: Any, url: str) -> None:
    with pytest.raises(ClientRequestException) as refused:
        subscribe(sdk, source, target(url))
    assert (refused.value.status_code, refused.value.error_code) == (400, "EG.00513003")


def test_a_killed_server_delivers_what_it_acknowledged(
    connect: Callable[..., Any], start_server: StartServer
) -> None:
    away = Hook()
    away.close()
    server = start_server()
    sdk = connect(url=server.url)
    made = v1.CustomizeSourceCreateReq(name="shop", channel_id=CHANNEL)
    source = sdk.create_event_source(v1.CreateEventSourceRequest(body=made))
    variables = {"type": "VARIABLE", "value": '{"n":"$.data.n"}', "template": "${n}"}
    subscribe(sdk, source, target(away.url, **variables))
    for n in range(20):
        publish(sdk, source, n=n)
    server.kill()
    hook = Hook(away.port)
    server.restart()
    until(lambda: len(set(hook.bodies)) == 20)
    hook.close()
    kept = b"".join(file.read_bytes() for file in server.database.parent.glob("tallystick.db*"))
    assert b"hush-hush" not in kept


class World:
    """A service and all that delivers from it, in memory; the clock stands still but for `wait`."""

    def __init__(self) -> None:
        settings = Settings(database="sqlite://", dev=True)
        self.clock = ManualClock()
        self._database = Database(settings.database)
        self.outbox = Outbox(self._database, self.clock, Sender(Addresses(LOOPBACK)))
        keys = ApiKeys(self._database, self.clock)
        log = self._log = EventLog(self._database, self.clock, settings.queue)
        self.service = EventgridService(
            ServiceContext(
                settings, self.clock, self._database, log, keys, self.outbox, Encryptor(["a key"])
            )
        )
        limits = {"in_flight": 8, "per_endpoint": 8}
        # Half is the middle of the jitter.
        self._dispatcher = Dispatcher(
            self._database, self.clock, self.outbox, random=lambda: 0.5, **limits
        )
        self._runner = asyncio.Runner()

    def __enter__(self) -> World:
        self.run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._close())
        self._runner.close()

    def run(self, step: Any) -> Any:
        return self._runner.run(step)

    async def _open(self) -> None:
        await self._database.open()
        await self.service.open()
        await self._dispatcher.open()
        await self.service.create_source(PROJECT, {"name": "shop", "channel_id": CHANNEL})

    async def _close(self) -> None:
        await self._dispatcher.close()
        await self.service.close()
        await self.outbox.sender.close()
        await self._database.close()

    def wait(self, seconds: int = 0) -> None:
        self.clock.seconds += seconds
        self.run(self._dispatcher.settle())

    def subscribe(self, url: str, **transform: str) -> str:
        sent = {"name": "HTTP", "provider_type": "CUSTOM", "detail": {"url": url}}
        return self.subscribe_to({**sent, "transform": transform or {"type": "ORIGINAL"}})

    def subscribe_to(self, target: Any, channel: str = CHANNEL, source: str = "shop") -> str:
        filter_ = {"source": [{"op": "StringIn", "values": ["shop"]}]}
        body = {
            "name": f"s-{uuid4()}",
            "channel_id": channel,
            "sources": [{"name": source, "provider_type": "CUSTOM", "filter": filter_}],
            "targets": [target],
        }
        made: str = self.run(self.service.subscriptions.create_subscription(PROJECT, body))["id"]
        return made

    def create_channel(self, name: str) -> str:
        made: str = self.run(self.service.create_channel(PROJECT, {"name": name}))["id"]
        return made

    def details(self) -> list[str]:
        return [d.detail for d in self.run(self.outbox.list_deliveries(DeliverySelection()))]

    def publish(self, data: Any = None, **own: Any) -> None:
        event = {"id": "1", "source": "shop", "specversion": "1.0", "type": "t", "data": data}
        event |= own
        body = {"events": [event]}
        request = Request("POST", "/", b"", (), json.dumps(body).encode())
        self.run(self.service.events.publish_events(PROJECT, CHANNEL, body, request))

    def operate(self, operation: str, id_: str) -> None:
        body = {"operation": operation, "subscription_ids": [id_]}
        self.run(self.service.subscriptions.operate_subscriptions(PROJECT, body))

    def reached(self) -> Counter[str]:
        """Return how many events each channel has."""
        found = self.run(self._log.list_events(limit=1_000)).events
        return Counter(json.loads(event.attributes)["eventgridchannel"] for event in found)

    def states(self) -> list[str]:
        return [d.state for d in self.run(self.outbox.list_deliveries(DeliverySelection()))]


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def test_what_fails_is_tried_on_the_engine_s_schedule(world: World, hook: Hook) -> None:
    hook.status = 500
    world.subscribe(hook.url)
    world.publish()
    world.wait()
    assert (world.states(), len(hook.received)) == (["pending"], 1)
    world.wait(4)
    assert len(hook.received) == 1
    world.wait(1)
    assert (world.states(), len(hook.received)) == (["pending"], 2)
    hook.status = 204
    world.wait(300)
    assert (world.states(), len(hook.received)) == (["done"], 3)


def test_what_a_disabled_subscription_was_to_deliver_is_held_and_resumes(
    world: World, hook: Hook
) -> None:
    hook.status = 500
    id_ = world.subscribe(hook.url)
    world.publish()
    world.wait()
    world.operate("DISABLE", id_)
    hook.status = 204
    world.wait(5)
    assert (world.states(), len(hook.received)) == (["held"], 1)
    world.operate("ENABLE", id_)
    world.wait()
    assert (world.states(), len(hook.received)) == (["done"], 2)


def test_a_target_that_was_gone_is_sent_to_again_once_it_is_enabled(
    world: World, hook: Hook
) -> None:
    hook.status = 410
    id_ = world.subscribe(hook.url)
    world.publish()
    world.wait()
    assert world.states() == ["held"]
    hook.status = 204
    world.operate("ENABLE", id_)
    world.wait()
    assert world.states() == ["done"]


def test_what_a_deleted_subscription_was_to_deliver_is_held(world: World, hook: Hook) -> None:
    hook.status = 500
    id_ = world.subscribe(hook.url)
    world.publish()
    world.wait()
    world.run(world.service.subscriptions.delete_subscription(PROJECT, id_))
    world.wait(5)
    assert (world.states(), len(hook.received)) == (["held"], 1)


def test_a_target_s_token_is_in_no_record_of_an_attempt(world: World, hook: Hook) -> None:
    world.subscribe(hook.url)
    world.publish()
    world.wait()
    (delivery,) = world.run(world.outbox.list_deliveries(DeliverySelection()))
    (attempt,) = world.run(world.outbox.list_attempts([delivery.id]))[delivery.id]
    assert "hush-hush" not in attempt.record


def test_an_event_that_can_t_be_transformed_is_dead(world: World, hook: Hook) -> None:
    value = json.dumps({"v": "$..nothing"})
    world.subscribe(hook.url, type="VARIABLE", value=value, template="${v}")
    # Deeper than a descent goes.
    world.publish(json.loads("[" * 500 + "]" * 500))
    world.wait()
    assert world.states() == ["dead"]
    assert hook.received == []


def http_target(url: str, **members: Any) -> dict[str, Any]:
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    return {**target, "detail": {"url": url}, **members}


def channel_target(channel: str) -> dict[str, Any]:
    detail = {"target_project_id": PROJECT, "target_channel_id": channel, "target_region": "r"}
    target = {"name": "HC.EG", "provider_type": "OFFICIAL", "transform": {"type": "ORIGINAL"}}
    return {**target, "eg_detail": {**detail, "agency_name": "a"}}


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_target_is_tried_again_as_often_as_it_asks_for(
    world: World, hook: Hook, retries: int
) -> None:
    hook.status = 500
    world.subscribe_to(http_target(hook.url, retry_times=retries))
    world.publish()
    for _ in range(5):
        world.wait(3600)
    assert (world.states(), len(hook.received)) == (["dead"], 1 + retries)


def test_a_target_that_can_t_be_reached_counts_its_retries_too(world: World, hook: Hook) -> None:
    hook.close()
    world.subscribe_to(http_target(hook.url, retry_times=1))
    world.publish()
    for _ in range(3):
        world.wait(3600)
    assert world.states() == ["dead"]


def test_another_channel_gets_the_event_and_delivers_it(world: World, hook: Hook) -> None:
    other = world.create_channel("other")
    world.subscribe_to(channel_target(other))
    world.subscribe_to(http_target(hook.url), other, "other")
    world.publish({"n": 1.50})
    world.wait()
    assert world.states() == ["done", "done"]
    [(_, body)] = hook.received
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": "t",
        "data": {"n": 1.5},
    }


@pytest.mark.parametrize("own", [{}, {"eventgridhops": -100}, {"eventgridhops": 100}])
def test_a_chain_of_channels_ends_after_five_hops_whatever_was_published(
    world: World, own: dict[str, int]
) -> None:
    names = [f"c{number}" for number in range(6)]
    channels = [CHANNEL, *map(world.create_channel, names)]
    for name, (channel, following) in zip(["shop", *names], pairwise(channels), strict=False):
        world.subscribe_to(channel_target(following), channel, name)
    world.publish(**own)
    for _ in range(8):
        world.wait()
    assert sorted(world.states()) == ["dead", *["done"] * 5]
    assert "it has passed through 5 channels already" in world.details()


@pytest.mark.parametrize("own", [{}, {"eventgridroot": "forged"}])
def test_an_event_reaches_each_of_its_channels_once(world: World, own: dict[str, str]) -> None:
    named = {CHANNEL: "shop"} | {world.create_channel(name): name for name in ("a", "b", "c")}
    for channel, following in [*permutations(named, 2), *permutations(named, 2)][:18]:
        world.subscribe_to(channel_target(following), channel, named[channel])
    for number in (1, 2):
        world.publish(**own)
        for _ in range(8):
            world.wait()
        assert set(world.states()) == {"done"}
        assert world.reached() == dict.fromkeys(named, number)


def test_what_goes_to_a_channel_that_is_deleted_is_held(world: World) -> None:
    other = world.create_channel("other")
    world.subscribe_to(channel_target(other))
    world.run(world.service.delete_channel(PROJECT, other))
    world.publish()
    world.wait()
    assert (world.states(), world.details()) == (["held"], ["the target's channel is deleted"])


@pytest.mark.parametrize(
    ("name", "provider", "detail"),
    [
        ("HC.FunctionGraph", "OFFICIAL", {"detail": {"urn": "urn:fss:f", "agency_name": "a"}}),
        ("HC.SMN", "OFFICIAL", {"smn_detail": {"urn": "urn:smn:t", "agency_name": "a"}}),
        ("HC.Kafka", "OFFICIAL", {"kafka_detail": {"topic": "t"}}),
        ("HC.APIGW", "APIGW", {"apigw_detail": {"url": "https://example.com/"}}),
    ],
)
def test_what_goes_to_a_cloud_service_is_held_and_says_why(
    world: World, name: str, provider: str, detail: dict[str, Any]
) -> None:
    target = {"name": name, "provider_type": provider, "transform": {"type": "ORIGINAL"}}
    world.subscribe_to({**target, **detail})
    world.publish()
    world.wait()
    assert world.states() == ["held"]
    assert world.details() == [f"{name} is a cloud service, which can't be called from here"]
