"""A caller's trace is kept with its event and continued by its deliveries."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from command_line import tallystick
from eventhos_endpoint import Endpoint
from server_process import ServerProcess, StartServer
from tallystick.delivery import AttemptOutcome
from tallystick.events import Event
from tallystick.runtime import TracingMissing, _tracing
from tallystick.settings import Settings
from tallystick.tracing import Tracing

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
QUERY = "cl=EDF&hs=AWS&ty=TRACED&ac=525060831330&re=eu-west-3&st=OK&me=hello"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.stop()


def spans(collector: Endpoint) -> dict[str, Any]:
    """Return the spans that a collector got, by name."""
    return {
        span.name: span
        for call in collector.of("/v1/traces")
        for sent in ExportTraceServiceRequest.FromString(call.body).resource_spans
        for scope in sent.scope_spans
        for span in scope.spans
    }


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def create(server: ServerProcess, **headers: str) -> None:
    url = f"{server.url}/create?{QUERY}"
    assert requests.get(url, headers=KEY | headers, timeout=10).status_code == 200


def subscribe(server: ServerProcess, endpoint: Endpoint) -> None:
    body = {"sink": f"{endpoint.url}/hook", "filters": [{"exact": {"type": "TRACED"}}]}
    url = f"{server.url}/gateway/v1/subscriptions"
    assert requests.post(url, json=body, headers=GATEWAY, timeout=10).status_code == 201


def stored(server: ServerProcess) -> dict[str, Any]:
    url = f"{server.url}/gateway/v1/events?type=TRACED"
    found: dict[str, Any] = requests.get(url, headers=GATEWAY, timeout=10).json()["events"][0]
    return found


def test_a_caller_s_trace_goes_on_through_the_event_to_its_delivery(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server(TALLYSTICK_TRACES_URL=endpoint.url, TALLYSTICK_LOG_FORMAT="json")
    subscribe(server, endpoint)
    create(server, traceparent=PARENT)
    wait_for(lambda: endpoint.of("/hook"))
    event = stored(server)
    assert server.stop() == 0
    found = spans(endpoint)
    [delivered] = endpoint.of("/hook")
    call, attempt = found["createEventFromQuery"], found["deliver gateway"]
    assert {call.trace_id.hex(), attempt.trace_id.hex()} == {TRACE}
    assert call.parent_span_id.hex() == PARENT[36:52]
    assert event["traceparent"] == f"00-{TRACE}-{call.span_id.hex()}-01"
    assert attempt.parent_span_id == call.span_id
    assert delivered.headers["traceparent"] == f"00-{TRACE}-{attempt.span_id.hex()}-01"
    assert f'"trace_id":"{TRACE}"' in server.stdout
    assert "hello" not in str(found.values())


def test_a_call_without_a_trace_begins_one(start_server: StartServer, endpoint: Endpoint) -> None:
    server = start_server(TALLYSTICK_TRACES_URL=endpoint.url)
    create(server, traceparent="nonsense")
    create(server)
    event = stored(server)
    assert TRACE not in event["traceparent"]
    assert len(event["traceparent"]) == len(PARENT)


def test_a_collector_that_is_away_stops_nothing(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_TRACES_URL=NOWHERE)
    create(server)
    assert server.stop() == 0
    assert "Traceback" not in server.stderr


def test_a_collector_that_refuses_all_is_told_once(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    endpoint.answers["/v1/traces"] = (500, b"")
    server = start_server(TALLYSTICK_TRACES_URL=endpoint.url, OTEL_BSP_SCHEDULE_DELAY="20")
    for _ in range(3):
        endpoint.calls.clear()
        create(server)
        wait_for(lambda: endpoint.of("/v1/traces"))
    assert server.stop() == 0
    assert server.stderr.count("WARNING spans are lost: ") == 1
    assert "ERROR" not in server.stderr


def test_without_the_setting_no_event_has_a_trace(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    subscribe(server, endpoint)
    create(server, traceparent=PARENT)
    wait_for(lambda: endpoint.of("/hook"))
    assert "traceparent" not in stored(server)
    assert "traceparent" not in endpoint.of("/hook")[0].headers


def event(attributes: str) -> Event:
    return Event("1", "a", "/a", "t", "", 1, b"1", attributes)


@pytest.mark.parametrize("attributes", ["{}", '{"a":"\\ud800\\u0000"}'])
def test_an_event_s_attributes_stay_as_they_are_beside_its_trace(attributes: str) -> None:
    tracing = Tracing(NOWHERE)
    assert tracing.mark_event(event(attributes)).attributes == attributes  # outside of calls
    delivery: Any = type("Named", (), {"kind": "k", "id": "i", "attempts": 1})
    with tracing.trace_attempt(delivery, event(f'{{"traceparent":"{PARENT}"}}')) as end:
        marked = tracing.mark_event(event(attributes)).attributes
        assert marked.startswith(f'{{"traceparent":"00-{TRACE}-')
        assert marked.endswith(attributes[1:])
        own = f'{{"traceparent":"{PARENT}"}}'
        assert tracing.mark_event(event(own)).attributes == own
        end(AttemptOutcome.TIMEOUT)


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "tallystick.tracing")
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(TracingMissing, match=r"install tallystick\[otel\]"):
        _tracing(Settings(traces_url=NOWHERE))


def test_a_url_that_is_none_is_refused_by_its_setting() -> None:
    ran = tallystick("serve", "--dev", "--port", "0", TALLYSTICK_TRACES_URL="localhost:4318")
    assert ran.returncode == 2
    assert "TALLYSTICK_TRACES_URL" in ran.stderr
