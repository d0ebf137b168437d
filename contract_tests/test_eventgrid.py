"""What a project of EventGrid goes through, from creating resources to deleting them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply

PROJECT = "0123456789abcdef0123456789abcdef"
OTHER_PROJECT = "fedcba9876543210fedcba9876543210"


class Project:
    """Calls of one project; each answer must have its request's id."""

    def __init__(self, server: Server, id_: str, credential: str) -> None:
        self._server = server
        self._id = id_
        self._token = server.world.credential("eventgrid", credential)

    def call(self, method: str, path: str, body: bytes | None = None) -> WireReply:
        headers = [(self._token.name, self._token.secret)]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        request = VectorRequest(method, f"/v1/{self._id}{path}", tuple(headers), body)
        reply = self._server.client.send(request)
        assert reply.header("X-Request-Id")
        return reply

    def make(self, path: str, **members: Any) -> Any:
        reply = self._server.client.post(
            f"/v1/{self._id}{path}", members, (self._token.name, self._token.secret)
        )
        assert reply.status == 200, reply
        return loads(reply.body)


@pytest.fixture
def project(server: Server) -> Project:
    return Project(server, PROJECT, "token")


@pytest.fixture
def channel(project: Project) -> Iterator[Any]:
    made = project.make("/channels", name=f"c-{uuid.uuid4()}")
    yield made
    project.call("DELETE", f"/channels/{made['id']}")


@pytest.fixture
def source(project: Project, channel: Any) -> Iterator[Any]:
    made = project.make("/sources", name=f"s-{uuid.uuid4()}", channel_id=channel["id"])
    yield made
    project.call("DELETE", f"/sources/{made['id']}")


def _filter(source: Any) -> Any:
    return {"source": [{"op": "StringIn", "values": [source["name"]]}]}


def _subscription(source: Any) -> dict[str, Any]:
    taken = {"name": source["name"], "provider_type": "CUSTOM", "filter": _filter(source)}
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    target["detail"] = {"url": "http://127.0.0.1:9/"}
    name = f"on-{uuid.uuid4()}"
    return {
        "name": name,
        "channel_id": source["channel_id"],
        "sources": [taken],
        "targets": [target],
    }


def _lives(project: Project, kind: str, made: Any) -> None:
    path = f"/{kind}/{made['id']}"
    assert loads(project.call("GET", path).body) == made
    changed = loads(project.call("PUT", path, b'{"description": "changed"}').body)
    assert changed == {**made, "description": "changed", "updated_time": changed["updated_time"]}
    listed = loads(project.call("GET", f"/{kind}?name={made['name']}").body)
    assert listed == {"total": 1, "size": 1, "items": [changed]}
    ended = project.call("DELETE", path)
    assert (ended.status, ended.body) == (204, b"")
    assert [project.call(method, path).status for method in ("GET", "DELETE")] == [404, 404]
    assert project.call("PUT", path, b"{}").status == 404


def test_a_channel_is_made_shown_changed_listed_and_deleted(project: Project) -> None:
    _lives(project, "channels", project.make("/channels", name=f"c-{uuid.uuid4()}"))


def test_a_source_is_made_shown_changed_listed_and_deleted(project: Project, channel: Any) -> None:
    made = project.make("/sources", name=f"s-{uuid.uuid4()}", channel_id=channel["id"])
    _lives(project, "sources", made)


def test_a_subscription_is_made_shown_changed_listed_and_deleted(
    project: Project, source: Any
) -> None:
    _lives(project, "subscriptions", project.make("/subscriptions", **_subscription(source)))


def test_a_channel_in_use_is_not_deleted(project: Project, source: Any) -> None:
    reply = project.call("DELETE", f"/channels/{source['channel_id']}")
    assert (reply.status, loads(reply.body)["error_code"]) == (403, "EG.00514004")


def test_a_name_is_free_again_when_its_source_is_deleted(project: Project, channel: Any) -> None:
    for _ in range(2):
        made = project.make("/sources", name="free-again", channel_id=channel["id"])
        assert project.call("DELETE", f"/sources/{made['id']}").status == 204


def test_an_event_is_in_the_log_as_it_was_published(
    server: Server, project: Project, source: Any
) -> None:
    event = b'{"id":"e 1","source":"%s","specversion":"1.0","type":"a:b","subject":"s",'
    event += b'"traceparent":"00-1","n":7,"data" : {"a": 1.50, "b":"\\u00e9 }]\\"", "a":[ ]} }'
    body = b'{ "events" : [ %b ] }' % (event % source["name"].encode())
    reply = project.call("POST", f"/channels/{source['channel_id']}/events", body)
    assert loads(reply.body) == {
        "failed_count": 0,
        "events": [{"event_id": "e 1", "error_code": None, "error_msg": None}],
    }
    key = server.world.credential("gateway", "key")
    stored = server.client.get(
        f"/gateway/v1/events?source={source['name']}", **{key.name: key.secret}
    )
    assert b'{"a": 1.50, "b":"\\u00e9 }]\\"", "a":[ ]}' in stored.body
    [kept] = loads(stored.body)["events"]
    assert (kept["type"], kept["subject"], kept["traceparent"], kept["n"]) == (
        "a:b",
        "s",
        "00-1",
        7,
    )
    assert kept["eventgridid"] == "e 1"


def test_the_events_of_one_call_fail_and_succeed_each_alone(project: Project, source: Any) -> None:
    one = {"id": "1", "source": source["name"], "specversion": "1.0", "type": "t"}
    other = {**one, "id": "2", "source": "nobody"}
    result = project.make(f"/channels/{source['channel_id']}/events", events=[one, other, one])
    assert result["failed_count"] == 1
    assert [e["error_code"] for e in result["events"]] == [None, "EG.00014040", None]


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ([65_536], None),
        ([65_537], "EG.00533012"),
        ([65_536] * 4, None),
        ([65_536] * 4 + [100], "EG.00533007"),
    ],
)
def test_an_event_has_64_kb_and_a_call_256(
    sizes: list[int], code: str | None, project: Project, source: Any
) -> None:
    start = b'{"id":"1","source":"%b","specversion":"1.0","type":"t","data":"'
    start %= source["name"].encode()
    events = [start + b"x" * (size - len(start) - 2) + b'"}' for size in sizes]
    path = f"/channels/{source['channel_id']}/events"
    reply = project.call("POST", path, b'{"events":[' + b",".join(events) + b"]}")
    assert loads(reply.body).get("error_code") == code


def test_a_trace_names_the_enabled_subscription_that_an_event_matched(
    project: Project, source: Any
) -> None:
    made = project.make("/subscriptions", **_subscription(source))
    event = {"id": "traced", "source": source["name"], "specversion": "1.0", "type": "t"}
    span = f"channel_id={source['channel_id']}&start_time=0&end_time=9007199254740991"
    try:
        project.make(f"/channels/{source['channel_id']}/events", events=[event])
        operation = {"operation": "DISABLE", "subscription_ids": [made["id"]]}
        project.make("/subscriptions/operation", **operation)
        project.make(f"/channels/{source['channel_id']}/events", events=[event])
        found = loads(project.call("GET", f"/traced-events?{span}&event_id=traced").body)
    finally:
        project.call("DELETE", f"/subscriptions/{made['id']}")
    assert (found["total"], found["size"]) == (2, 2)
    assert [each["subscription_name"] for each in found["result"]] == ["", made["name"]]


def test_a_source_in_the_channel_passes_its_check(project: Project, source: Any) -> None:
    pair = {"channel_id": source["channel_id"], "source_name": source["name"]}
    checked = project.make("/events/check", sources=[pair])
    assert checked == {
        "failed_count": 0,
        "sources": [{**pair, "check_result": True, "check_detail": ""}],
    }


def test_the_eleventh_channel_is_over_the_quota(server: Server) -> None:
    other = Project(server, OTHER_PROJECT, "other")
    made = [other.make("/channels", name=f"c{n}")["id"] for n in range(10)]
    try:
        reply = other.call("POST", "/channels", b'{"name": "one-more"}')
        assert (reply.status, loads(reply.body)["error_code"]) == (403, "EG.00514003")
    finally:
        for id_ in made:
            other.call("DELETE", f"/channels/{id_}")
    other.call("DELETE", f"/channels/{other.make('/channels', name='one-more')['id']}")


@pytest.mark.parametrize(("kind", "quota"), [("sources", 100), ("subscriptions", 20)])
def test_one_more_than_the_quota_of_a_kind_is_refused(
    server: Server, kind: str, quota: int
) -> None:
    other = Project(server, OTHER_PROJECT, "other")
    channel = other.make("/channels", name=f"c-{uuid.uuid4()}")
    source = other.make("/sources", name="the-source", channel_id=channel["id"])
    members = {"channel_id": channel["id"]} if kind == "sources" else _subscription(source)
    made = [("sources", source["id"])]
    try:
        for n in range(quota - (kind == "sources")):
            one = other.make(f"/{kind}", **{**members, "name": f"n{n}"})
            made.append((kind, one["id"]))
        body = json.dumps({**members, "name": "one-more"}).encode()
        reply = other.call("POST", f"/{kind}", body)
        assert (reply.status, loads(reply.body)["error_code"]) == (403, "EG.00514003")
    finally:
        for each, id_ in reversed(made):
            other.call("DELETE", f"/{each}/{id_}")
        other.call("DELETE", f"/channels/{channel['id']}")


@pytest.fixture
def subscription(project: Project, source: Any) -> Iterator[Any]:
    made = project.make("/subscriptions", **_subscription(source))
    yield made
    project.call("DELETE", f"/subscriptions/{made['id']}")


def _target(**members: Any) -> dict[str, Any]:
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    return {**target, "detail": {"url": "http://127.0.0.1:9/"}, **members}


def _refused(reply: WireReply) -> tuple[int, str]:
    return reply.status, loads(reply.body)["error_code"]


def test_a_target_lives_from_create_to_delete_by_its_own_calls(
    project: Project, subscription: Any
) -> None:
    path = f"/subscriptions/{subscription['id']}/targets"
    made = project.make(path, **_target(retry_times=3))
    one = f"{path}/{made['id']}"
    assert loads(project.call("GET", one).body) == made
    body = json.dumps(_target(detail={"url": "http://127.0.0.1:9/changed"})).encode()
    changed = loads(project.call("PUT", one, body).body)
    assert changed["detail"] == {"url": "http://127.0.0.1:9/changed"}
    assert (changed["id"], changed["created_time"]) == (made["id"], made["created_time"])
    assert "retry_times" not in changed
    shown = loads(project.call("GET", f"/subscriptions/{subscription['id']}").body)
    assert shown["targets"] == [*subscription["targets"], changed]
    assert project.call("DELETE", one).status == 204
    gone = [project.call(method, one, body).status for method in ("GET", "DELETE", "PUT")]
    assert gone == [404, 404, 404]


def test_a_sixth_target_is_over_the_quota(project: Project, subscription: Any) -> None:
    path = f"/subscriptions/{subscription['id']}/targets"
    for _ in range(4):
        project.make(path, **_target())
    body = json.dumps(_target()).encode()
    assert _refused(project.call("POST", path, body)) == (403, "EG.00514003")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"detail": {}}, "EG.00513003"),
        ({"detail": {"url": "ftp://example.com/"}}, "EG.00513003"),
        ({"detail": None}, "EG.00014000"),
        ({"name": "HC.EG"}, "EG.00014000"),
        ({"connection_id": "another"}, "EG.00014000"),
        ({"provider_type": "OFFICIAL", "name": "HC.EG"}, "EG.00014000"),
        ({"eg_detail": "of another project"}, "EG.00513005"),
        ({"dead_letter_queue": {"type": "ROCKETMQ"}}, "EG.00014000"),
    ],
)
def test_a_target_that_its_rules_refuse_is_refused_alone_too(
    members: dict[str, Any], code: str, project: Project, subscription: Any
) -> None:
    if members.get("eg_detail"):
        detail = {"target_project_id": OTHER_PROJECT, "target_channel_id": "x"}
        members = {"provider_type": "OFFICIAL", "name": "HC.EG", "detail": None}
        members["eg_detail"] = {**detail, "target_region": "r", "agency_name": "a"}
    path = f"/subscriptions/{subscription['id']}/targets"
    body = json.dumps(_target(**members)).encode()
    assert _refused(project.call("POST", path, body)) == (400, code)
    [target] = subscription["targets"]
    assert _refused(project.call("PUT", f"{path}/{target['id']}", body)) == (400, code)
    whole = json.dumps({"targets": [_target(**members)]}).encode()
    changed = project.call("PUT", f"/subscriptions/{subscription['id']}", whole)
    assert _refused(changed) == (400, code)


def test_the_source_of_a_subscription_changes_by_its_own_call(
    project: Project, subscription: Any
) -> None:
    [source] = subscription["sources"]
    path = f"/subscriptions/{subscription['id']}/sources/{source['id']}"
    filter_ = {**source["filter"], "type": [{"op": "StringIn", "values": ["x"]}]}
    body = {"name": source["name"], "provider_type": "CUSTOM", "filter": filter_}
    changed = loads(project.call("PUT", path, json.dumps(body).encode()).body)
    assert changed == {**source, "filter": filter_, "updated_time": changed["updated_time"]}
    bad = json.dumps({**body, "filter": {}}).encode()
    assert _refused(project.call("PUT", path, bad)) == (400, "EG.00513004")
    path = path.replace(source["id"], "nothing")
    assert project.call("PUT", path, json.dumps(body).encode()).status == 404


def test_parts_that_are_given_again_keep_when_they_were_made(
    project: Project, subscription: Any
) -> None:
    old = "2001-02-03T04:05:06Z"
    again = {
        kind: [{**part, "created_time": old} for part in subscription[kind]]
        for kind in ("sources", "targets")
    }
    path = f"/subscriptions/{subscription['id']}"
    changed = loads(project.call("PUT", path, json.dumps(again).encode()).body)
    for kind in ("sources", "targets"):
        [before], [after] = subscription[kind], changed[kind]
        assert (after["id"], after["created_time"]) == (before["id"], before["created_time"])


def test_a_subscription_may_name_its_channel_as_its_source(project: Project, channel: Any) -> None:
    named = {"name": channel["name"], "channel_id": channel["id"]}
    made = project.make("/subscriptions", **_subscription(named))
    assert made["sources"][0]["name"] == channel["name"]
    project.call("DELETE", f"/subscriptions/{made['id']}")


def test_subscriptions_are_found_by_the_connection_of_a_target(
    project: Project, subscription: Any
) -> None:
    def found(connection: str) -> int:
        query = f"channel_id={subscription['channel_id']}&connection_id={connection}"
        return int(loads(project.call("GET", f"/subscriptions?{query}").body)["total"])

    assert (found("default"), found("no-such")) == (1, 0)


def test_the_one_connection_is_called_default(project: Project) -> None:
    listed = loads(project.call("GET", "/connections?name=default&limit=500").body)
    assert (listed["total"], listed["items"][0]["id"]) == (1, "default")
    shown = loads(project.call("GET", "/connections/default").body)
    assert shown == listed["items"][0]
    for query in ("name=other", "fuzzy_name=x", "instance_id=x", "offset=1"):
        assert loads(project.call("GET", f"/connections?{query}").body)["items"] == []


def test_a_channel_is_found_in_its_enterprise_project_alone(project: Project) -> None:
    name = f"c-{uuid.uuid4()}"
    made = project.make("/channels?enterprise_project_id=e1", name=name)
    assert made["enterprise_project_id"] == "e1"
    path = f"/channels/{made['id']}"
    for asked, status in (("", 200), ("e1", 200), ("all_granted_eps", 200), ("0", 404)):
        query = f"?enterprise_project_id={asked}" if asked else ""
        assert project.call("GET", path + query).status == status
        assert project.call("PUT", path + query, b"{}").status == status
        listed = loads(project.call("GET", f"/channels{query or '?'}&channel_id={made['id']}").body)
        assert listed["total"] == (status == 200)
    assert project.call("DELETE", f"{path}?enterprise_project_id=0").status == 404
    assert project.call("DELETE", f"{path}?enterprise_project_id=e1").status == 204


def test_a_subscription_is_in_the_enterprise_project_of_its_channel(
    project: Project, source: Any, subscription: Any
) -> None:
    id_ = subscription["id"]
    operation = {"operation": "DISABLE", "subscription_ids": [id_]}
    for asked, status in (("0", 200), ("e1", 404)):
        query = f"?enterprise_project_id={asked}"
        assert project.call("GET", f"/subscriptions/{id_}{query}").status == status
        assert project.call("PUT", f"/subscriptions/{id_}{query}", b"{}").status == status
        listed = loads(
            project.call("GET", f"/subscriptions{query}&name={subscription['name']}").body
        )
        assert listed["total"] == (status == 200)
        operated = project.make(f"/subscriptions/operation{query}", **operation)
        assert operated["failed_count"] == (status == 404)
    body = json.dumps(_subscription(source)).encode()
    refused = project.call("POST", "/subscriptions?enterprise_project_id=e1", body)
    assert _refused(refused) == (400, "EG.00513005")
    assert project.call("DELETE", f"/subscriptions/{id_}?enterprise_project_id=e1").status == 404


def test_a_channel_keeps_its_policy(project: Project) -> None:
    policy = {"Sid": "allow_account_to_put_events", "Effect": "Allow", "Principal": {"IAM": ["a"]}}
    made = project.make("/channels", name=f"c-{uuid.uuid4()}", cross_account=True, policy=policy)
    path = f"/channels/{made['id']}"
    assert (made["cross_account"], made["policy"]) == (True, policy)
    assert loads(project.call("PUT", path, b'{"description": "d"}').body)["policy"] == policy
    other = {**policy, "Principal": {"IAM": ["b", "c"]}}
    changed = project.call("PUT", path, json.dumps({"policy": other}).encode())
    assert loads(changed.body)["policy"] == other
    ended = loads(project.call("PUT", path, b'{"cross_account": false}').body)
    assert not ended.keys() & {"policy", "cross_account"}
    large = json.dumps({"policy": {"a": "x" * 5000}}).encode()
    assert _refused(project.call("PUT", path, large)) == (400, "EG.00014000")
    project.call("DELETE", path)


@pytest.mark.parametrize("sort", ["name:asc", "name:ASC", "updated_time:Desc"])
def test_an_order_is_the_same_in_letters_of_either_case(project: Project, sort: str) -> None:
    assert project.call("GET", f"/channels?sort={sort}").status == 200


def test_events_of_a_cloud_service_reach_its_subscriptions(project: Project) -> None:
    channel = loads(project.call("GET", "/channels?name=default").body)["items"][0]
    service = {"name": "HC.VPC", "channel_id": channel["id"]}
    wanted = _subscription(service)
    wanted["sources"][0]["provider_type"] = "OFFICIAL"
    made = project.make("/subscriptions", **wanted)
    own = {"id": f"e-{uuid.uuid4()}", "source": "HC.VPC", "specversion": "1.0", "type": "t"}
    try:
        result = project.make(
            "/official/sources/HC.VPC/events", events=[own, {**own, "source": "HC.OBS"}]
        )
        assert [e["error_code"] for e in result["events"]] == [None, "EG.00014040"]
        trace = f"/events/trace/detail/{own['id']}?channel_id={channel['id']}"
        found = loads(project.call("GET", trace).body)
        assert (found["channelName"], found["eventSource"]) == ("default", "HC.VPC")
        [matched] = found["deliverList"]
        [target] = matched["deliverTargetList"]
        assert matched["subscriptionName"] == made["name"]
        assert target["deliverTargetId"] == made["targets"][0]["id"]
        span = f"channel_id={channel['id']}&start_time=0&end_time=9007199254740991"
        [traced] = loads(project.call("GET", f"/traced-events?{span}&event_id={own['id']}").body)[
            "items"
        ]
        assert traced["source_provider"] == "OFFICIAL"
    finally:
        project.call("DELETE", f"/subscriptions/{made['id']}")


@pytest.mark.parametrize(
    ("sizes", "code"),
    [([65_537], "EG.00533012"), ([65_536] * 4 + [100], "EG.00533007"), ([60] * 21, "EG.00533013")],
)
def test_official_events_have_the_same_limits(
    sizes: list[int], code: str, project: Project
) -> None:
    start = b'{"id":"1","source":"HC.VPC","specversion":"1.0","type":"t","data":"'
    events = [start + b"x" * max(size - len(start) - 2, 0) + b'"}' for size in sizes]
    body = b'{"events":[' + b",".join(events) + b"]}"
    reply = project.call("POST", "/official/sources/HC.VPC/events", body)
    assert _refused(reply) == (400, code)


def test_an_event_is_shown_as_it_was_published(project: Project, source: Any) -> None:
    event = {"id": f"e-{uuid.uuid4()}", "source": source["name"], "specversion": "1.0", "type": "t"}
    event |= {"subject": "s", "time": "2026-01-31T08:15:30Z", "own": 7, "data": {"a": [1, None]}}
    project.make(f"/channels/{source['channel_id']}/events", events=[event])
    assert loads(project.call("GET", f"/events/detail/{event['id']}").body) == event


def test_traces_may_be_counted_alone(project: Project, source: Any) -> None:
    event = {"id": "counted", "source": source["name"], "specversion": "1.0", "type": "t"}
    project.make(f"/channels/{source['channel_id']}/events", events=[event])
    span = f"channel_id={source['channel_id']}&start_time=0&end_time=9007199254740991"
    found = loads(project.call("GET", f"/traced-events?{span}&limit=0").body)
    assert found == {"total": 1, "size": 0, "result": [], "items": []}


def test_a_name_of_a_subscription_is_given_once(
    project: Project, source: Any, subscription: Any
) -> None:
    body = json.dumps({**_subscription(source), "name": subscription["name"]}).encode()
    assert _refused(project.call("POST", "/subscriptions", body)) == (400, "EG.00513001")
