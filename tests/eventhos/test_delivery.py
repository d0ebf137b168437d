"""Events on their way to an endpoint that is really there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from standardwebhooks import Webhook

from eventhos_world import World, short_live
from tallystick.apis.eventhos.problems import BadField, NotAbortable, NotRetryable
from tallystick.apis.eventhos.tables import contracts

SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Call(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Endpoint:
    """Takes calls; `answers` says what each path is answered, 200 and nothing if it does not."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def of(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.partition("?")[0] == path]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(endpoint) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.calls.append(Call(self.command, self.path, headers, body))
                status, answer = endpoint.answers.get(self.path.partition("?")[0], (200, b""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        for method in ("GET", "POST", "PUT"):
            setattr(Handler, f"do_{method}", Handler.handle_any)
        return Handler


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def deliver(world: World, endpoint: Endpoint) -> Callable[..., Any]:
    """Tie `bomb` to an action at the endpoint, send one event, and return its run."""

    def deliver(path: str = "/", data: bytes = b'{"name": "M", "n": 7}', **call: Any) -> Any:
        world.open()
        world.tie("bomb", endpoint.url + path, **call)
        world.send("bomb", short_live(), data)
        world.deliver()
        [run] = world.runs()
        return run

    return deliver


def grant(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "securityType": "oauth2_client",
        "securityUrl": f"{endpoint.url}/token",
        "clientId": "us",
        "clientSecret": "hush-hush",
        "headers": [
            {"key": "X-Token", "value": "${.oauthResponse.body.access_token}"},
            {"key": "Authorization", "value": "Bearer ${.oauthResponse.body.access_token}"},
        ],
    }


def test_a_call_is_made_as_its_templates_say(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    run = deliver(
        "/bombs/${.body.n}?a=1",
        method="put",
        headers=[
            {"key": "X-Name", "value": "<${.body.name}>"},
            {"key": "X", "value": "${.body.x}"},
        ],
        queryUrlParams=[
            {"key": "who", "value": "${.body.name}"},
            {"key": "x", "value": "${.url[0]}"},
        ],
        body=[{"key": "all", "value": "${.body}"}, {"key": "x", "value": "${.body.x}"}],
    )
    [call] = endpoint.calls
    assert (call.method, call.path) == ("PUT", "/bombs/7?a=1&who=M")
    assert call.headers["x-name"] == "<M>"
    assert "x" not in call.headers
    assert call.headers["content-type"] == "application/json"
    assert json.loads(call.body) == {"all": {"name": "M", "n": 7}}
    assert (run["state"], run["attempts"]) == ("done", 1)


@pytest.mark.parametrize("body", [b'{ "n": 1.10 }', b"null", b"9" * 400, b'"\\ud800"'])
def test_without_a_body_of_its_own_a_call_has_the_events_bytes(
    deliver: Callable[..., Any], endpoint: Endpoint, body: bytes
) -> None:
    deliver(data=body)
    assert endpoint.calls[0].body == body


def test_a_get_has_no_body(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    deliver(method="GET")
    assert (endpoint.calls[0].method, endpoint.calls[0].body) == ("GET", b"")


def test_a_form_is_sent_as_a_form(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    form = {"key": "Content-Type", "value": "application/x-www-form-urlencoded"}
    deliver(headers=[form], body=[{"key": "who", "value": "${.body.name} & I"}])
    assert endpoint.calls[0].body == b"who=M+%26+I"


def test_what_can_not_be_a_header_is_a_failed_attempt_with_its_reason(
    deliver: Callable[..., Any], endpoint: Endpoint
) -> None:
    run = deliver(data=b'"a\\r\\nX-Evil: 1"', headers=[{"key": "X-Name", "value": "${.body}"}])
    assert endpoint.calls == []
    [tried] = run["tries"]
    assert (run["state"], tried["outcome"]) == ("dead", "undeliverable")
    assert "X-Name" in run["reason"]


def test_a_call_is_signed_by_choice(deliver: Callable[..., Any], endpoint: Endpoint) -> None:
    deliver(webhookSecrets=[SIGNING_SECRET])
    [call] = endpoint.calls
    # Not `verify`, which compares the time with the machine's.
    time = datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
    signature = Webhook(SIGNING_SECRET).sign(call.headers["webhook-id"], time, call.body.decode())
    assert call.headers["webhook-signature"] == signature


def test_a_token_is_got_once_and_is_seen_nowhere(
    world: World, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t-1/2","expires_in":3600}')
    endpoint.answers["/"] = (200, b"you said t-1/2")
    world.open()
    world.tie(
        "bomb", endpoint.url + "/?token=${.oauthResponse.body.access_token}", **grant(endpoint)
    )
    for _ in range(5):
        world.send("bomb", short_live())
    world.deliver()
    [asked] = endpoint.of("/token")
    assert asked.body == b"grant_type=client_credentials&client_id=us&client_secret=hush-hush"
    assert {call.headers["authorization"] for call in endpoint.of("/")} == {"Bearer t-1/2"}
    assert len(endpoint.of("/")) == 5
    shown = json.dumps(world.runs())
    assert "t-1/2" not in shown
    assert "t-1%2F2" not in shown
    assert "***" in shown
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("world.db*"))
    assert b"hush-hush" not in kept
    assert b"t-1/2" not in kept


def test_a_token_that_is_about_to_expire_is_got_anew(world: World, endpoint: Endpoint) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t","expires_in":60}')
    world.open()
    world.tie("bomb", endpoint.url, **grant(endpoint))
    for seconds in (0, 49, 1):
        world.send("bomb", short_live())
        world.deliver(seconds)
    assert len(endpoint.of("/token")) == 2


def test_a_retry_gets_a_newer_token(world: World, endpoint: Endpoint) -> None:
    endpoint.answers |= {"/token": (200, b'{"access_token":"a","expires_in":3600}')}
    endpoint.answers["/"] = (401, b"")
    world.open()
    world.tie("bomb", endpoint.url + "/", **grant(endpoint))
    world.send("bomb", short_live())
    world.deliver()
    endpoint.answers |= {"/token": (200, b'{"access_token":"b"}'), "/": (200, b"")}
    world.deliver(5)
    assert [call.headers["x-token"] for call in endpoint.of("/")] == ["a", "b"]


@pytest.mark.parametrize("answer", [(401, b"{}"), (200, b"no JSON"), (302, b"")])
def test_without_a_token_the_attempt_fails_with_its_reason_and_is_repeated(
    deliver: Callable[..., Any], endpoint: Endpoint, world: World, answer: tuple[int, bytes]
) -> None:
    endpoint.answers["/token"] = answer
    run = deliver(**grant(endpoint))
    assert (run["state"], run["attempts"]) == ("pending", 1)
    assert "securityUrl" in run["reason"]
    endpoint.answers["/token"] = (200, b'{"access_token":"t"}')
    world.deliver(6)
    assert world.runs()[0]["state"] == "done"


def test_groups_run_one_after_the_other(world: World, endpoint: Endpoint) -> None:
    endpoint.answers["/second"] = (500, b"")
    world.open()
    for order, path in ((2, "/third"), (0, "/first"), (1, "/second"), (1, "/beside")):
        world.tie("bomb", endpoint.url + path, order=order)
    world.send("bomb", short_live())
    world.deliver()
    assert [run["state"] for run in world.runs()] == ["done", "pending", "done", "waiting"]
    endpoint.answers["/second"] = (200, b"")
    world.deliver(6)
    assert [run["state"] for run in world.runs()] == ["done"] * 4
    assert (endpoint.calls[0].path, endpoint.calls[-1].path) == ("/first", "/third")


def test_what_a_contract_has_to_do_is_held_while_it_is_not_active(
    world: World, endpoint: Endpoint
) -> None:
    world.open()
    id_ = world.tie("bomb", endpoint.url)
    world.send("bomb", short_live())
    world.run(world.room.contracts.change(id_, {"active": False}))
    world.deliver()
    [run] = world.runs()
    assert run["state"] == "held"
    world.run(world.room.contracts.change(id_, {"active": True}))
    world.run(world.room.received.retry(run["detailId"]))
    world.deliver()
    assert world.runs()[0]["state"] == "done"
    assert len(endpoint.calls) == 1


def test_an_endpoint_that_is_gone_is_called_again_once_its_action_is_changed(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/"] = (410, b"")
    world.open()
    world.tie("bomb", endpoint.url + "/")
    for _ in range(2):
        world.send("bomb", short_live())
        world.deliver()
    assert len(endpoint.calls) == 1
    [action] = world.run(world.room.of_system(1, "actions"))
    world.run(world.room.actions.change(action["id"], {"url": endpoint.url + "/new"}))
    world.send("bomb", short_live())
    world.deliver()
    assert world.runs()[0]["state"] == "done"


def test_a_contract_that_another_process_made_is_found(world: World, endpoint: Endpoint) -> None:
    world.open()
    world.tie("bomb", endpoint.url)
    world.send("bomb", short_live())
    world.room._registry._state = type(world.room._registry._state)()
    world.deliver()
    assert world.runs()[0]["state"] == "done"


def test_a_reply_is_an_event_with_the_response_for_its_body(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/"] = (200, b'{"was": "told"}')
    world.open()
    world.put_event("reply")
    world.tie(
        "reply", endpoint.url + "/reply", headers=[{"key": "X", "value": "${.headers.server}"}]
    )
    world.tie("bomb", endpoint.url + "/", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    world.deliver()
    [call] = endpoint.of("/reply")
    assert call.body == b'{"was": "told"}'
    assert call.headers["x"].startswith("BaseHTTP")


@pytest.mark.parametrize(
    ("answer", "body"),
    [(b"", b"null"), (b"no JSON", b'"no JSON"'), (b"\xff", '"\ufffd"'.encode())],
)
def test_a_reply_that_is_no_json_is_an_event_of_its_text(
    world: World, endpoint: Endpoint, answer: bytes, body: bytes
) -> None:
    endpoint.answers["/"] = (200, answer)
    world.open()
    world.put_event("reply")
    world.tie("bomb", endpoint.url + "/", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    assert [event.data for event in world.run(world.log.query(type="reply")).events] == [body]


def test_a_reply_to_no_event_and_one_too_long_are_no_events(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/long"] = (200, b" " * 100_000 + b"1")
    world.open()
    world.put_event("reply")
    world.tie("bomb", endpoint.url, reply_to="nothing")
    world.tie("bomb", endpoint.url + "/long", reply_to="reply")
    world.send("bomb", short_live())
    world.deliver()
    assert [run["state"] for run in world.runs()] == ["done", "done"]
    assert len(world.run(world.log.query()).events) == 1


def test_what_is_delivered_is_neither_run_again_nor_aborted(
    deliver: Callable[..., Any], world: World
) -> None:
    run = deliver()
    with pytest.raises(NotRetryable):
        world.run(world.room.received.retry(run["detailId"]))
    with pytest.raises(NotAbortable):
        world.run(world.room.received.abort(run["detailId"]))


def test_a_secret_is_answered_as_a_mask_which_changes_nothing_when_sent_back(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t"}')
    call = grant(endpoint)
    call["headers"] = [{"key": "X-API-Key", "value": "hidden"}]
    world.open()
    world.tie("bomb", endpoint.url + "/", webhookSecrets=[SIGNING_SECRET], **call)
    [shown] = world.run(world.room.of_system(1, "actions"))
    assert shown["clientSecret"] == "***"
    assert shown["headers"] == [{"key": "X-API-Key", "value": "***"}]
    assert shown["signed"] is True
    assert "webhookSecrets" not in shown
    world.run(world.room.actions.change(shown["id"], {**shown, "name": "other"}))
    world.send("bomb", short_live())
    world.deliver()
    assert b"client_secret=hush-hush" in endpoint.of("/token")[0].body
    [call_made] = endpoint.of("/")
    assert call_made.headers["x-api-key"] == "hidden"
    assert "webhook-signature" in call_made.headers


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"url": "${.body.a"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "http://user:pass@example.com/"}, "url"),
        ({"headers": [{"key": "X", "value": "${.body[}"}]}, "headers"),
        ({"headers": [{"key": "Content-Length", "value": "1"}]}, "headers"),
        ({"queryUrlParams": [{"key": "X", "value": "${.nothing}"}]}, "queryUrlParams"),
        ({"body": [{"key": "X", "value": {"a": "${.body["}}]}, "body"),
        ({"rawBody": ["${."]}, "rawBody"),
        ({"securityType": "oauth2_client"}, "securityUrl"),
        ({"securityType": "oauth2_client", "securityUrl": "http://[::1"}, "clientId"),
        ({"webhookSecrets": ["whsec_MfKQ9r8GKYqrTwjUP"]}, "webhookSecrets"),
        ({"operation": "\ud800"}, "operation"),
    ],
)
def test_an_action_that_can_not_work_is_refused_with_the_column(
    world: World, endpoint: Endpoint, change: dict[str, Any], name: str
) -> None:
    world.open()
    with pytest.raises(BadField, match=f"^{name} "):
        world.tie("bomb", **{"url": endpoint.url, **change})


def test_a_host_that_only_the_event_knows_is_guarded_when_it_is_called(
    world: World, endpoint: Endpoint
) -> None:
    world.open()
    world.tie("bomb", "http://${.body.host}/")
    for host in (endpoint.url.removeprefix("http://"), "10.0.0.1"):
        world.send("bomb", short_live(), json.dumps({"host": host}).encode())
    world.deliver()
    assert len(endpoint.calls) == 1
    [run] = world.runs()
    assert (run["state"], run["tries"][0]["outcome"]) == ("dead", "forbidden")


def test_orders_are_changed_together_or_not_at_all(world: World, endpoint: Endpoint) -> None:
    world.open()
    first, second = (world.tie("bomb", endpoint.url) for _ in range(2))
    orders = [{"contractId": first, "order": 7}, {"contractId": second, "order": 5}]
    world.run(world.room.order_contracts(orders))
    assert _orders(world) == [7, 5]
    with pytest.raises(Exception, match="nothing at this address"):
        world.run(
            world.room.order_contracts(
                [{"contractId": first, "order": 1}, {"contractId": 9, "order": 1}]
            )
        )
    assert _orders(world) == [7, 5]


def _orders(world: World) -> list[int]:
    def found(connection: Any) -> list[int]:
        return list(connection.execute(contracts.select().order_by(contracts.c.id)).mappings())

    rows: Any = world.run(world.database.read(found))
    return [row["position"] for row in rows]
