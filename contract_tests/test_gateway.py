"""What a subscription goes through, and what it delivers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply

SINK = "tallystick:sink"
PATIENCE_S = 10
_EVENT = "cl=EDF&hs=AWS&ac=525060831330&re=eu-west-3&st=OK&me=Operation+successful"


class Gateway:
    """Calls with the gateway's key."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._key = server.world.credential("gateway", "key")

    def call(self, method: str, path: str, value: Any = None) -> WireReply:
        key = (self._key.name, self._key.secret)
        if value is not None and method == "POST":
            return self._server.client.post(f"/gateway/v1{path}", value, key)
        body = None if value is None else value
        typed = (("Content-Type", "application/json"),) if body else ()
        return self._server.client.send(
            VectorRequest(method, f"/gateway/v1{path}", (key, *typed), body)
        )

    def sign_in(self) -> str:
        """Begin a session; its cookie."""
        reply = self._server.client.post("/gateway/v1/session", {"key": self._key.secret[7:]})
        assert reply.status == 201, reply
        return str(reply.header("set-cookie")).partition(";")[0]

    def by_cookie(self, method: str, cookie: str, query: str = "") -> WireReply:
        """Ask for the session, or end it, as the console does."""
        headers = (("Cookie", cookie), ("X-Requested-With", "tallystick"))
        target = f"/gateway/v1/session{query}"
        return self._server.client.send(VectorRequest(method, target, headers))

    def create(self, kind: str) -> None:
        """Have event_store accept an event."""
        key = self._server.world.credential("event_store", "key")
        reply = self._server.client.get(f"/create?ty={kind}&{_EVENT}", **{key.name: key.secret})
        assert reply.status == 200, reply

    def settled(self, target: str) -> Any:
        """The one delivery to a target, when it has ended."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = loads(self.call("GET", f"/deliveries?target={target}").body)["deliveries"]
            if found and found[0]["state"] in {"done", "dead", "held"}:
                return found[0]
            time.sleep(0.05)
        raise AssertionError("nothing was delivered")


@pytest.fixture
def gateway(server: Server) -> Gateway:
    return Gateway(server)


@pytest.fixture
def kind() -> str:
    return f"T{uuid.uuid4().hex[:12]}"


@pytest.fixture
def subscription(gateway: Gateway, kind: str) -> Iterator[Any]:
    filters = [{"exact": {"type": kind}}]
    reply = gateway.call("POST", "/subscriptions", {"sink": SINK, "filters": filters})
    assert reply.status == 201, reply
    made = loads(reply.body)
    yield made
    gateway.call("DELETE", f"/subscriptions/{made['id']}")


def test_a_subscription_is_made_changed_listed_and_deleted(
    gateway: Gateway, subscription: Any
) -> None:
    path = f"/subscriptions/{subscription['id']}"
    shown = {name: value for name, value in subscription.items() if name != "secret"}
    assert loads(gateway.call("GET", path).body) == shown
    assert shown in loads(gateway.call("GET", "/subscriptions").body)["subscriptions"]
    changed = loads(gateway.call("PUT", path, b'{"sink":"tallystick:sink","name":"other"}').body)
    assert (changed["name"], changed["filters"]) == ("other", [])
    assert gateway.call("DELETE", path).status == 204
    assert gateway.call("GET", path).status == 404


def test_a_secret_is_replaced(gateway: Gateway, subscription: Any) -> None:
    reply = gateway.call("POST", f"/subscriptions/{subscription['id']}/secrets")
    assert reply.status == 200, reply
    new = loads(reply.body)["secret"]
    assert new.startswith("whsec_")
    assert new != subscription["secret"]


def test_a_matching_event_is_delivered_and_can_be_again(
    gateway: Gateway, subscription: Any, kind: str
) -> None:
    gateway.create(kind)
    delivery = gateway.settled(subscription["id"])
    assert delivery["state"] == "done"
    attempts = loads(gateway.call("GET", f"/deliveries/{delivery['id']}").body)["attemptList"]
    assert [attempt["outcome"] for attempt in attempts] == ["delivered"]
    reply = gateway.call("POST", "/deliveries/replay", {"ids": [delivery["id"]]})
    assert loads(reply.body) == {"replayed": 1}


def test_what_was_not_delivered_of_a_deleted_subscription_is_held(
    gateway: Gateway, subscription: Any, kind: str
) -> None:
    gateway.create(kind)
    delivery = gateway.settled(subscription["id"])
    gateway.call("DELETE", f"/subscriptions/{subscription['id']}")
    gateway.call("POST", "/deliveries/replay", {"event": delivery["event"]})
    assert gateway.settled(subscription["id"])["state"] in {"held", "done"}


def test_a_session_begins_answers_and_ends(gateway: Gateway) -> None:
    cookie = gateway.sign_in()
    assert gateway.by_cookie("GET", cookie).status == 200
    assert gateway.by_cookie("GET", cookie, "?unknown=1").status == 400
    assert gateway.by_cookie("DELETE", cookie, "?unknown=1").status == 400
    reply = gateway.by_cookie("DELETE", cookie)
    assert (reply.status, reply.body) == (204, b"")
    assert "Max-Age=0" in str(reply.header("set-cookie"))
    assert gateway.by_cookie("GET", cookie).status == 401


def test_a_key_is_made_rotated_and_revoked(gateway: Gateway) -> None:
    terms = {"api": "event_store", "name": "ci", "scopes": ["events:write"]}
    made = loads(gateway.call("POST", "/keys", terms).body)
    reply = gateway.call("POST", f"/keys/{made['id']}/rotate", {"overlap_seconds": 60})
    assert reply.status == 201, reply
    rotated = loads(reply.body)
    assert (rotated["name"], rotated["scopes"]) == (made["name"], made["scopes"])
    assert rotated["secret"] != made["secret"]
    for key in (made, rotated):
        assert gateway.call("DELETE", f"/keys/{key['id']}").status == 204
        assert gateway.call("DELETE", f"/keys/{key['id']}").status == 404
    listed = loads(gateway.call("GET", "/keys?api=event_store").body)["keys"]
    revoked = {key["id"]: key["revoked"] for key in listed}
    assert revoked[made["id"]]
    assert revoked[rotated["id"]]


def test_the_address_of_a_broker_is_named_listed_and_forgotten(gateway: Gateway) -> None:
    path = f"/rabbitmq-instances/{uuid.uuid4()}"
    named = gateway.call("PUT", path, b'{"address":"amqps://rabbit.example"}')
    assert named.status == 200, named
    listed = loads(gateway.call("GET", "/rabbitmq-instances").body)["instances"]
    assert loads(named.body) in listed
    assert gateway.call("DELETE", path).status == 204
    assert gateway.call("DELETE", path).status == 404
