"""What people and clients of eventhos go through, from creating resources to deleting them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply

_SINK = "tallystick:sink"
_NOWHERE = "http://127.0.0.1:9/"
_ENDED = {"done", "dead", "held", "cancelled"}


class Person:
    """One who manages, and whose clients send."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._token = server.world.credential("eventhos", "person")

    def call(self, method: str, path: str, status: int = 200) -> Any:
        request = VectorRequest(method, path, ((self._token.name, self._token.secret),))
        return self._content(self._server.client.send(request), status)

    def put(self, path: str, **members: Any) -> Any:
        headers = (("Content-Type", "application/json"), (self._token.name, self._token.secret))
        request = VectorRequest("PUT", path, headers, json.dumps(members).encode())
        return self._content(self._server.client.send(request), 201)

    def post(self, path: str, /, _status: int = 201, **members: Any) -> Any:
        token = (self._token.name, self._token.secret)
        return self._content(self._server.client.post(path, members, token), _status)

    def send(self, token: str, event: str, body: Any) -> WireReply:
        target = f"/event/send?event-identifier={event}"
        return self._server.client.post(target, body, ("access-key", token))

    def _content(self, reply: WireReply, status: int) -> Any:
        assert reply.status == status, reply
        answer = loads(reply.body)
        assert isinstance(answer, dict)
        return answer.get("content")


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server)


@pytest.fixture
def tie(person: Person) -> Callable[..., tuple[str, str]]:
    """Make a client, its event, and contracts of that event; its token and its identifier."""

    def make(*urls: str, **call: Any) -> tuple[str, str]:
        name = f"c{uuid.uuid4().hex}"
        made = person.post("/auth/client?longLive=true", identifier=name, name=name)
        of: dict[str, Any] = {"identifier": name, "name": name}
        system: dict[str, Any] = {
            "systemClass": "hybrid",
            "type": "x",
            "clientId": made["clientId"],
            **of,
        }
        system_id = person.post("/system", **system)["systemId"]
        event_id = person.post("/event", system_id=system_id, operation="new", **of)["eventId"]
        for order, url in enumerate(urls):
            action = {"system_id": system_id, "operation": "new", "url": url, "method": "POST"}
            action_id = person.post("/action", **of, **action, **call)["actionId"]
            contract = {"eventId": event_id, "actionId": action_id, "order": order, **of}
            person.post("/contract", active=True, mailRecipientsOnError="", **contract)
        [event] = person.call("GET", f"/system/{system_id}/events")
        return made["access_token"], event["identifier"]

    return make


def _runs(person: Person, identifier: str, until: Callable[[list[Any]], bool]) -> list[Any]:
    """The runs of the only event of that identifier, once they stand as is asked for."""
    for _ in range(300):
        query = f"?eventIdentifierSearch={identifier}&order=desc"
        [item] = person.call("GET", f"/event/received{query}")["items"]
        found = person.call("GET", f"/event/received/{item['id']}")["executedEventContracts"]
        if until(found):
            return list(found)
        time.sleep(0.1)
    raise AssertionError(found)


def _all_ended(runs: list[Any]) -> bool:
    return {run["state"] for run in runs} <= _ENDED


def _first_has_failed_twice(runs: list[Any]) -> bool:
    return (runs[0]["state"], runs[0]["attempts"]) == ("pending", 2)


def _first_has_failed(runs: list[Any]) -> bool:
    return (runs[0]["state"], runs[0]["attempts"]) == ("pending", 1)


def test_what_was_made_can_be_read_changed_and_deleted(person: Person) -> None:
    system: dict[str, Any] = {"systemClass": "hybrid", "identifier": "s", "name": "S", "type": "x"}
    id_ = person.post("/system", **system)["systemId"]
    person.put(f"/system/{id_}", name="Other")
    shown = person.call("GET", f"/system/{id_}")
    assert shown["name"] == "Other"
    assert shown["identifier"].startswith("s-")
    person.call("DELETE", f"/system/{id_}", 201)
    person.call("GET", f"/system/{id_}", 404)


def test_what_others_depend_on_is_deleted_after_them(person: Person) -> None:
    of: dict[str, Any] = {"identifier": "x", "name": "X"}
    system = person.post("/system", systemClass="hybrid", type="x", **of)["systemId"]
    event = person.post("/event", system_id=system, operation="new", **of)["eventId"]
    call: dict[str, Any] = {"url": _SINK, "method": "POST"}
    action = person.post("/action", system_id=system, operation="new", **call, **of)["actionId"]
    rest: dict[str, Any] = {"order": 0, "active": True, "mailRecipientsOnError": ""}
    made = person.post("/contract", eventId=event, actionId=action, **rest, **of)
    used = [f"/event/{event}", f"/action/{action}", f"/system/{system}"]
    for path in used:
        person.call("DELETE", path, 409)
    for path in (f"/contract/{made['contractId']}", *used):
        person.call("DELETE", path, 201)
        person.call("DELETE", path, 404)


def test_a_client_that_is_revoked_or_deleted_sends_nothing_more(
    person: Person, tie: Callable[..., tuple[str, str]]
) -> None:
    token, event = tie()
    [client] = [
        one
        for one in person.call("GET", "/auth/client?itemsPerPage=100&order=desc")["items"]
        if one["identifier"] == event.rpartition("-")[0]
    ]
    assert loads(person.send(token, event, 1).body)["code"] == 200310
    person.put(f"/auth/client/{client['id']}/revoke", revoke=True)
    assert loads(person.send(token, event, 1).body)["code"] == 400004
    person.put(f"/auth/client/{client['id']}/revoke", revoke=False)
    newer = person.call("PUT", f"/auth/client/{client['id']}/long-live", 201)["access_token"]
    assert loads(person.send(token, event, 1).body)["code"] == 401202
    assert loads(person.send(newer, event, 1).body)["code"] == 200310
    person.call("DELETE", f"/auth/client/{client['id']}", 201)
    assert loads(person.send(newer, event, 1).body)["code"] == 400004


def test_a_sent_event_reaches_its_action_with_the_templates_filled(
    person: Person, tie: Callable[..., tuple[str, str]]
) -> None:
    body = {"who": "${.body.name}", "all": "${.body}", "none": "${.body.no}", "s": "<${.body.n}>"}
    token, event = tie(_SINK, rawBody=body)
    assert person.send(token, event, {"name": "Morpheush", "n": [1]}).status == 200
    [run] = _runs(person, event, _all_ended)
    assert (run["state"], run["attempts"], run["isAborted"]) == ("done", 1, False)
    for path in ("/received/execution-detail", "/event/received/execution-detail"):
        [tried] = person.call("GET", f"{path}/{run['detailId']}")["tries"]
        assert loads(tried["request"]["body"].encode()) == {
            "who": "Morpheush",
            "all": {"name": "Morpheush", "n": [1]},
            "s": "<[1]>",
        }


def test_a_run_that_waits_for_its_next_try_can_be_tried_at_once(
    person: Person, tie: Callable[..., tuple[str, str]]
) -> None:
    token, event = tie(_NOWHERE, _SINK)
    assert person.send(token, event, {}).status == 200
    first, second = _runs(person, event, _first_has_failed_twice)
    person.post("/event/send/contract", 200, contractDetailId=first["detailId"])
    # By itself it would have waited for five minutes.
    _runs(person, event, lambda runs: runs[0]["attempts"] == 3)
    person.post("/event/send/contract", 409, contractDetailId=second["detailId"])


def test_a_failed_run_holds_later_groups_back_until_it_is_aborted_and_can_be_run_again(
    person: Person, tie: Callable[..., tuple[str, str]]
) -> None:
    token, event = tie(_NOWHERE, _SINK)
    assert person.send(token, event, {}).status == 200
    first, second = _runs(person, event, _first_has_failed)
    assert second["state"] == "waiting"
    run: dict[str, Any] = {"contractDetailId": first["detailId"]}
    person.post("/event/retry/aborted", 200, **run)
    first, second = _runs(person, event, _all_ended)
    assert (first["state"], first["isAborted"], second["state"]) == ("cancelled", True, "done")
    person.post("/event/retry/aborted", 409, **run)
    person.post("/event/send/contract", 409, contractDetailId=second["detailId"])
    person.post("/event/send/contract", 200, **run)
    _runs(person, event, lambda runs: runs[0]["attempts"] == 2)


def test_a_reply_becomes_an_event_and_a_loop_of_replies_ends(
    person: Person, tie: Callable[..., tuple[str, str]]
) -> None:
    token, event = tie(_SINK)
    [action] = [
        one
        for one in person.call("GET", "/action?itemsPerPage=100&order=desc")["items"]
        if one["identifier"].startswith(event.rpartition("-")[0])
    ]
    person.put(f"/action/{action['id']}", reply_to=event)
    assert person.send(token, event, {}).status == 200
    path = f"/event/received?eventIdentifierSearch={event}&state=done"
    for _ in range(300):
        found = person.call("GET", path)["totalItems"]
        if found == 9:
            break
        time.sleep(0.1)
    time.sleep(0.3)
    assert person.call("GET", path)["totalItems"] == 9


class _Other:
    """A person with a name of their own."""

    def __init__(self, server: Server, username: str, password: str) -> None:
        self._server = server
        self._password = password
        self._username = username
        self._token = ""

    def log_in(self, status: int = 201) -> Any:
        body = {"username": self._username, "password": self._password}
        reply = self._server.client.post("/auth/login", body)
        assert reply.status == status, reply
        answer = loads(reply.body)
        assert isinstance(answer, dict)
        self._token = answer.get("content", {}).get("jwt_token", "")
        return answer.get("content")

    def status(self, method: str, path: str, **members: Any) -> int:
        token = ("Authorization", f"BEARER {self._token}")
        headers = (("Content-Type", "application/json"), token)
        body = json.dumps(members).encode() if members else None
        return self._server.client.send(VectorRequest(method, path, headers, body)).status


def test_a_person_does_what_their_roles_allow(person: Person, server: Server) -> None:
    name = f"p{uuid.uuid4().hex}"
    password = "A-better-password-1"
    everything = person.call("GET", "/auth/resource?basic=true")
    [system] = [one for one in everything if one["applicationResourceName"] == "system"]
    allowed = {one["allowed"]: [{"id": one["id"]}] for one in system["allowed"]}
    role = person.post("/auth/role", identifier=name, allowedObject={"system": allowed["select"]})
    roles = [{"id": role["roleId"]}]
    made = person.post("/auth/user", username=name, name="P", password=password, roles=roles)
    other = _Other(server, name, password)
    assert other.log_in()["roles"] == [name]
    assert other.status("GET", "/system") == 200
    assert other.status("GET", "/event") == 403
    new = {"systemClass": "hybrid", "identifier": "s", "name": "S", "type": "x"}
    assert other.status("POST", "/system", **new) == 403
    change = {"newAllowedObject": {"system": allowed["*"]}, "originalAllowedObject": {}}
    person.put(f"/auth/role/{role['roleId']}/permission", **change)
    assert other.status("POST", "/system", **new) == 201
    assert other.status("GET", "/auth/user") == 403
    me = f"/auth/user/{made['userId']}"
    newer = {"oldPassword": password, "newPassword": "Another-password-2"}
    assert other.status("PUT", f"{me}/password", **newer) == 201
    other.log_in(401)
    person.put(f"{me}/role", roles=[], originalRolesList=roles)
    changed = _Other(server, name, "Another-password-2")
    assert changed.log_in()["roles"] == []
    assert changed.status("GET", "/system") == 403
    assert changed.status("GET", "/auth/user/profile/me") == 200
    person.call("DELETE", me, 201)
    assert changed.status("GET", "/auth/user/profile/me") == 401
    changed.log_in(401)
    person.call("DELETE", f"/auth/role/{role['roleId']}", 201)
    person.call("DELETE", f"/auth/role/{role['roleId']}", 404)


def test_a_deleted_resource_allows_nothing_more(person: Person) -> None:
    name = f"r{uuid.uuid4().hex}"
    made = person.post("/auth/resource", resourceIdentifier=name, applications_id=1)
    id_ = made["applicationResourceId"]
    [found] = [one for one in person.call("GET", "/auth/resource?basic=true") if one["id"] == id_]
    words = [one["allowed"] for one in found["allowed"]]
    assert words == ["*", "create", "update", "delete", "select"]
    role = person.post("/auth/role", identifier=name, allowedObject={name: found["allowed"][:1]})
    person.call("DELETE", f"/auth/resource/{id_}", 201)
    [listed] = [
        one
        for one in person.call("GET", "/auth/role?itemsPerPage=100&order=desc")["items"]
        if one["id"] == role["roleId"]
    ]
    assert listed["resources"] == []


def _status_between_attempts(server: Server, target: str, body: Any) -> int:
    """Ask until no attempt of the run is under way, and return the status."""
    for _ in range(300):
        status = server.client.post(target, body).status
        if status != 409:
            break
        time.sleep(0.1)
    return status


def test_a_client_retries_and_aborts_the_runs_of_its_own_events(
    person: Person, server: Server, tie: Callable[..., tuple[str, str]]
) -> None:
    token, event = tie(_NOWHERE)
    others_token, _ = tie(_SINK)
    assert person.send(token, event, {}).status == 200
    [run] = _runs(person, event, lambda runs: runs[0]["attempts"] > 0)
    body = {"contractDetailId": run["detailId"], "receivedEventId": run["receivedEventId"]}
    path = f"/event/send/contract?event-identifier={event}&access-key="
    assert server.client.post(path + others_token, body).status == 401
    assert _status_between_attempts(server, path + token, body) == 200
    _runs(person, event, lambda runs: runs[0]["attempts"] > 1)
    path = f"/event/retry/aborted?event-identifier={event}&access-key="
    assert server.client.post(path + others_token, body).status == 401
    assert _status_between_attempts(server, path + token, body) == 200
    _runs(person, event, lambda runs: bool(runs[0]["isAborted"]))
