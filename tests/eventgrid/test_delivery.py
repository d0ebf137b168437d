"""Deliveries are tried again, held or given up, by what their target says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventgrid_hook import Hook
from eventgrid_world import EventgridWorld, http_target
from tallystick.apis.eventgrid.dev_world import PROJECT
from tallystick.delivery import DeliverySelection


def test_what_fails_is_tried_on_the_engine_s_schedule(world: EventgridWorld, hook: Hook) -> None:
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
    world: EventgridWorld, hook: Hook
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
    world: EventgridWorld, hook: Hook
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


def test_what_a_deleted_subscription_was_to_deliver_is_held(
    world: EventgridWorld, hook: Hook
) -> None:
    hook.status = 500
    id_ = world.subscribe(hook.url)
    world.publish()
    world.wait()
    world.run(world.service.subscriptions.delete_subscription(PROJECT, id_))
    world.wait(5)
    assert (world.states(), len(hook.received)) == (["held"], 1)


def test_a_target_s_token_is_in_no_record_of_an_attempt(world: EventgridWorld, hook: Hook) -> None:
    world.subscribe(hook.url)
    world.publish()
    world.wait()
    (delivery,) = world.run(world.outbox.list_deliveries(DeliverySelection()))
    (attempt,) = world.run(world.outbox.list_attempts([delivery.id]))[delivery.id]
    assert "hush-hush" not in attempt.record


def test_an_event_that_can_t_be_transformed_is_dead(world: EventgridWorld, hook: Hook) -> None:
    value = json.dumps({"v": "$..nothing"})
    world.subscribe(hook.url, type="VARIABLE", value=value, template="${v}")
    # Deeper than a descent goes.
    world.publish(json.loads("[" * 500 + "]" * 500))
    world.wait()
    assert world.states() == ["dead"]
    assert hook.received == []


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_a_target_is_tried_again_as_often_as_it_asks_for(
    world: EventgridWorld, hook: Hook, retries: int
) -> None:
    hook.status = 500
    world.subscribe_to(http_target(hook.url, retry_times=retries))
    world.publish()
    for _ in range(5):
        world.wait(3600)
    assert (world.states(), len(hook.received)) == (["dead"], 1 + retries)


def test_a_target_that_can_t_be_reached_counts_its_retries_too(
    world: EventgridWorld, hook: Hook
) -> None:
    hook.close()
    world.subscribe_to(http_target(hook.url, retry_times=1))
    world.publish()
    for _ in range(3):
        world.wait(3600)
    assert world.states() == ["dead"]


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
    world: EventgridWorld, name: str, provider: str, detail: dict[str, Any]
) -> None:
    target = {"name": name, "provider_type": provider, "transform": {"type": "ORIGINAL"}}
    world.subscribe_to({**target, **detail})
    world.publish()
    world.wait()
    assert world.states() == ["held"]
    assert world.details() == [f"{name} is a cloud service, which can't be called from here"]
