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
