"""Subscriptions deliver, from the vendor's SDK to a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkeg import v1

from eventgrid_hook import Hook
from server_process import StartServer
from tallystick.apis.eventgrid.dev_world import CHANNEL

PATIENCE_S = 20


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


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
