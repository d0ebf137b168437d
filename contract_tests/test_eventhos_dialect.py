"""The vendor's UI and its performance test against the vendor's own answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from .json_text import loads
from .servers import NoServer, Server, Servers
from .test_eventhos import Person

_SINK = "tallystick:sink"
_NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def server(servers: Servers) -> Server:
    try:
        return servers.get("dialect")
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server)


def _create_event(person: Person, *urls: str, client: str | None = "") -> str:
    """Do as the vendor's performance test does, and return the event's identifier."""
    name = f"d{uuid.uuid4().hex}"
    of: dict[str, Any] = {"identifier": name, "name": name, "description": "description"}
    system: dict[str, Any] = {"systemClass": "producer", "type": "CRM", "clientId": client, **of}
    producer = person.post("/system", **system)["systemId"]
    consumer = person.post("/system", systemClass="consumer", type="CRM", **of)["systemId"]
    event = person.post("/event", operation="select", system_id=producer, **of)["eventId"]
    for url in urls:
        action: dict[str, Any] = {"system_id": consumer, "operation": "select", "url": url}
        call: dict[str, Any] = {"method": "post", "headers": [], "queryUrlParams": []}
        call |= {"rawBody": {"performanceReport": "${.body}"}, "securityType": 0}
        action_id = person.post("/action", **of, **action, **call)["actionId"]
        person.post("/contract", actionId=action_id, eventId=event, identifier=name, name=name)
    [found] = person.call("GET", f"/event?eventName={name}")["items"]
    identifier: str = found["identifier"]
    return identifier


@pytest.fixture
def client(person: Person) -> tuple[str, str]:
    """Create a client as the vendor's performance test does; its id and its secret."""
    name = f"c{uuid.uuid4().hex}"
    roles = [{"id": 1, "identifier": "admin"}]
    made = person.post("/auth/client?longLive=false", identifier=name, name=name, roles=roles)
    [last] = person.call("GET", "/auth/client?pageIndex=0&&itemsPerPage=1&&order=desc")["items"]
    assert last["client_id"] == made["clientId"]
    return last["id"], made["clientSecret"]


def _token(server: Server, client: tuple[str, str]) -> str:
    id_, secret = client
    grant = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret}
    answer: Any = loads(server.client.post("/auth/token", grant).body)
    token: str = answer["content"]["jwt_token"]
    return token


def _listed(person: Person, event: str, until: Callable[[Any], bool]) -> Any:
    for _ in range(300):
        found = person.call("GET", f"/event/received?order=desc&eventIdentifierSearch={event}")
        if found["items"] and until(found["items"][0]):
            return found["items"][0]
        time.sleep(0.1)
    raise AssertionError(found)


def _send(server: Server, event: str, token: str, body: Any) -> tuple[int, Any]:
    path = f"/event/send?event-identifier={event}&access-key={token}"
    reply = server.client.post(path, body)
    answer: Any = loads(reply.body)
    return reply.status, answer["code"]


def test_the_vendors_performance_test_is_answered_as_there(
    server: Server, person: Person, client: tuple[str, str]
) -> None:
    event = _create_event(person, _SINK, _SINK, _SINK, client=client[0])
    assert _send(server, event, _token(server, client), {"uid": "x"}) == (200, 20000)
    item = _listed(person, event, lambda item: item["state"] == ["processed"] * 3)
    assert item["id"].isdigit()
    [found] = person.call("GET", f"/event/received?idSearch={item['id']}")["items"]
    assert found["eventIdentifier"] == event
    shown = person.call("GET", f"/event/received/{item['id']}")
    assert shown["receivedEvent"]["id"] == item["id"]
    run = shown["executedEventContracts"][0]
    assert (run["state"], run["attempts"], run["isAborted"]) == ("processed", 0, False)
    told = person.call("GET", f"/event/received/execution-detail/{run['detailId']}")
    assert (told["state"], told["response"]["status"]) == ("processed", 200)
    assert told["request"]["body"] == '{"performanceReport":{"uid":"x"}}'


def test_a_failed_run_can_be_retried_and_aborted_in_the_ui(
    server: Server, person: Person, client: tuple[str, str]
) -> None:
    event = _create_event(person, _NOWHERE, client=client[0])
    assert _send(server, event, _token(server, client), {}) == (200, 20000)
    item = _listed(person, event, lambda item: item["state"] == ["error"])
    [found] = person.call("GET", f"/event/received?state=error&idSearch={item['id']}")["items"]
    assert found["id"] == item["id"]
    [run] = person.call("GET", f"/event/received/{item['id']}")["executedEventContracts"]
    assert (run["state"], run["attempts"], run["isAborted"]) == ("error", 0, False)
    told = person.call("GET", f"/event/received/execution-detail/{run['detailId']}")
    assert told["response"]["status"] is None
    assert "Connection refused" in told["response"]["statusText"]
    body = {"contractDetailId": run["detailId"], "receivedEventId": item["id"]}
    query = f"?event-identifier={event}&access-key=***"
    path = f"/event/send/contract{query}&contract-id={run['contractId']}"
    person.post(path, 200, **body)
    person.post(f"/event/retry/aborted{query}", 200, contractDetailId=run["detailId"])
    [run] = person.call("GET", f"/event/received/{item['id']}")["executedEventContracts"]
    assert (run["state"], run["isAborted"]) == ("error", True)


def test_an_event_without_contracts_has_the_state_null(
    server: Server, person: Person, client: tuple[str, str]
) -> None:
    event = _create_event(person, client=client[0])
    assert _send(server, event, _token(server, client), {}) == (203, 200310)
    _listed(person, event, lambda item: item["state"] == [None])


def test_a_client_that_is_revoked_or_missing_is_told_apart(
    server: Server, person: Person, client: tuple[str, str]
) -> None:
    token = _token(server, client)
    event = _create_event(person, client=client[0])
    person.put(f"/auth/client/{client[0]}/revoke", revoke=True)
    assert _send(server, event, token, {}) == (403, 403201)
    person.call("DELETE", f"/auth/client/{client[0]}", 201)
    assert _send(server, event, token, {}) == (404, 404201)
    assert _send(server, _create_event(person), token, {}) == (404, 404201)
