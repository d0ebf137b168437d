"""The vendor's SDK, unmodified, against a real server: what it signs is verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkeg import v1

from server_process import ServerProcess

REQUEST_ID = r"[0-9a-f]{32}-\d{13}-.+"
RABBITMQ = {
    "instance_id": "rabbit-1",
    "user_name": "reader",
    "password": "a rabbit's secret",
    "vhost_name": "default",
    "queue_name": "orders",
}
ROCKETMQ = v1.RocketMqDetail(
    instance_id="rocket-1",
    group="readers",
    topic="orders",
    namesrv_address="10.0.0.1:8100",
    ssl_enable=False,
    enable_acl=True,
    access_key="reader",
    secret_key="a rocket's secret",
)


def refused(call: Callable[[], Any]) -> tuple[int, str, str]:
    with pytest.raises(ClientRequestException) as raised:
        call()
    error = raised.value
    assert re.fullmatch(REQUEST_ID, error.request_id)
    return error.status_code, error.error_code, error.error_msg


def test_the_versions_of_the_api_are_listed(sdk: Any) -> None:
    [version] = sdk.list_api_versions(v1.ListApiVersionsRequest()).versions
    assert (version.id, version.status) == ("v1", "CURRENT")


def test_a_channel_is_made_shown_changed_and_listed(sdk: Any, channel: Any) -> None:
    assert channel.provider_type == "CUSTOM"
    assert re.fullmatch(REQUEST_ID, channel.x_request_id)
    shown = sdk.show_detail_of_channel(v1.ShowDetailOfChannelRequest(channel_id=channel.id))
    assert (shown.name, shown.created_time) == (channel.name, channel.created_time)
    body = v1.ChannelUpdateReq(description="changed, ünd with spaces")
    sdk.update_channel(v1.UpdateChannelRequest(channel_id=channel.id, body=body))
    listed = sdk.list_channels(
        v1.ListChannelsRequest(fuzzy_name=channel.name[:20], sort="name:ASC")
    )
    assert [(c.id, c.description) for c in listed.items] == [(channel.id, body.description)]


@pytest.mark.parametrize(
    ("type_", "detail", "shown"),
    [
        ("APPLICATION", None, {}),
        ("RABBITMQ", RABBITMQ, {**RABBITMQ, "password": "******"}),
        ("ROCKETMQ", ROCKETMQ, {**ROCKETMQ.to_dict(), "secret_key": "******"}),
    ],
    ids=["application", "rabbitmq", "rocketmq"],
)
def test_a_source_of_each_type_lives_from_create_to_delete(
    sdk: Any, channel: Any, type_: str, detail: Any, shown: Any
) -> None:
    name = f"source-{uuid4()}"
    body = v1.CustomizeSourceCreateReq(
        name=name, channel_id=channel.id, type=type_, detail=detail, description="test"
    )
    made = sdk.create_event_source(v1.CreateEventSourceRequest(body=body))
    assert (made.type, made.status, made.channel_name) == (type_, "RUNNING", channel.name)
    assert made.detail == {name: value for name, value in shown.items() if value is not None}
    assert re.fullmatch(REQUEST_ID, made.x_request_id)

    change = v1.CustomizeSourceUpdateReq(description="changed")
    request = v1.UpdateEventSourceRequest(source_id=made.id, body=change)
    assert sdk.update_event_source(request).description == "changed"
    listed = sdk.list_event_sources(v1.ListEventSourcesRequest(channel_id=channel.id, limit=1))
    assert (listed.total, [source.name for source in listed.items]) == (1, [name])

    sdk.delete_event_source(v1.DeleteEventSourceRequest(source_id=made.id))
    show = v1.ShowDetailOfEventSourceRequest(source_id=made.id)
    assert refused(lambda: sdk.show_detail_of_event_source(show)) == (
        404,
        "EG.00014040",
        "Not request resource found",
    )


def test_events_are_published_each_with_its_result(sdk: Any, channel: Any, source: Any) -> None:
    known = v1.CloudEvents(id="1", source=source.name, specversion="1.0", type="t", data={"n": 1})
    unknown = v1.CloudEvents(id="2", source="nobody", specversion="1.0", type="t")
    body = v1.PutEventsReq(events=[known, unknown])
    result = sdk.put_events(v1.PutEventsRequest(channel_id=channel.id, body=body))
    assert result.failed_count == 1
    assert [(e.event_id, e.error_code) for e in result.events] == [
        ("1", None),
        ("2", "EG.00014040"),
    ]
    assert re.fullmatch(REQUEST_ID, result.x_request_id)


def test_a_subscription_lives_from_create_to_delete(sdk: Any, channel: Any, source: Any) -> None:
    taken = v1.SubscriptionSource(
        name=source.name,
        provider_type="CUSTOM",
        filter={"source": [{"op": "StringIn", "values": [source.name]}]},
    )
    target = v1.SubscriptionTarget(
        name="HTTPS",
        provider_type="CUSTOM",
        detail={"url": "https://hooks.example.com/"},
        transform=v1.TransForm(type="VARIABLE", value='{"n":"$.data.n"}', template="n is ${n}"),
    )
    body = v1.SubscriptionCreateReq(
        name=f"subscription-{uuid4()}", channel_id=channel.id, sources=[taken], targets=[target]
    )
    made = sdk.create_subscription(v1.CreateSubscriptionRequest(body=body))
    assert (made.status, made.targets[0].transform.template) == ("ENABLED", "n is ${n}")

    disable = v1.SubscriptionOperateReq(operation="DISABLE", subscription_ids=[made.id])
    request = v1.ExecuteSubscriptionOperationRequest(body=disable)
    assert sdk.execute_subscription_operation(request).failed_count == 0
    show = v1.ShowDetailOfSubscriptionRequest(subscription_id=made.id)
    assert sdk.show_detail_of_subscription(show).status == "DISABLED"

    sdk.delete_subscription(v1.DeleteSubscriptionRequest(subscription_id=made.id))
    assert refused(lambda: sdk.show_detail_of_subscription(show))[0] == 404


def test_what_the_rules_refuse_is_an_exception_with_its_code(sdk: Any, source: Any) -> None:
    def create(name: str, channel_id: str) -> Any:
        body = v1.CustomizeSourceCreateReq(name=name, channel_id=channel_id)
        return sdk.create_event_source(v1.CreateEventSourceRequest(body=body))

    duplicated = refused(lambda: create(source.name, source.channel_id))
    assert duplicated == (400, "EG.00513001", "name duplicated")
    assert refused(lambda: create("Capital", source.channel_id)) == (
        400,
        "EG.00014000",
        "Bad request",
    )
    assert refused(lambda: create("x", "no-channel")) == (400, "EG.00513005", "invalid channel")


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ({"sk": "wrong"}, 401, "EG.00014010"),
        ({"ak": "unknown"}, 401, "EG.00014010"),
        ({"project": "another"}, 403, "EG.00014030"),
    ],
    ids=["secret key", "access key", "project"],
)
def test_a_wrong_credential_is_an_exception(
    connect: Callable[..., Any], who: dict[str, str], status: int, code: str
) -> None:
    client = connect(**who)
    found = refused(lambda: client.list_quotas(v1.ListQuotasRequest()))
    assert found[:2] == (status, code)


@pytest.mark.parametrize("id_", ["no-such", "a b", "ä", "a%2Fb", "~._-", "*'()", "a+b", "a?b#c"])
def test_a_signature_covers_any_id(sdk: Any, id_: str) -> None:
    show = v1.ShowDetailOfEventSourceRequest(source_id=id_)
    assert refused(lambda: sdk.show_detail_of_event_source(show))[0] == 404


@pytest.mark.parametrize("name", ["a b", "ä&b=c", "a+b", "~", "100%", "a/b", "*'()"])
def test_a_signature_covers_any_query(sdk: Any, name: str) -> None:
    listed = sdk.list_event_sources(v1.ListEventSourcesRequest(name=name, fuzzy_name="x", offset=3))
    assert (listed.total, listed.items) == (0, [])


def test_the_page_s_request_works_with_a_token(server: ServerProcess, channel: Any) -> None:
    url = f"{server.url}/v1/0123456789abcdef0123456789abcdef/sources"
    token = {"X-Auth-Token": "dev-token"}
    name = f"name-{uuid4()}"
    body = {"name": name, "description": "test", "channel_id": channel.id}
    made = requests.post(url, json=body, headers=token, timeout=10)
    assert made.status_code == 200
    assert re.fullmatch(REQUEST_ID, made.headers["X-Request-Id"])
    ended = requests.delete(f"{url}/{made.json()['id']}", headers=token, timeout=10)
    assert ended.status_code == 204
    assert re.fullmatch(REQUEST_ID, ended.headers["X-Request-Id"])


def test_an_error_repeats_its_request_s_id(server: ServerProcess) -> None:
    answer = requests.get(f"{server.url}/v1/p/sources", timeout=10)
    assert answer.status_code == 401
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
