"""How many events a second a whole server takes, and what their contracts make of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from benchmarks import load, work
from benchmarks.process import Serving, cpu_seconds, free_port, serving
from benchmarks.work import EVENT, JSON, TIMEOUT_S, Work

SECONDS = 5
WARM_UP_S = 1
QUIET = {"TALLYSTICK_ACCESS_LOG": "false"}
SHORT = "no contract, short-live token"
LONG = "no contract, long-live token"
TIED = "one contract, short-live token"
REAL: Mapping[str, int] = {SHORT: 1_041, LONG: 27, TIED: 410}
"""What eventhos-api 1.0.1 takes on two cores."""


class Sent(NamedTuple):
    """What one kind of sending came to."""

    case: str
    rate: float
    cpu_us: float
    """The server's CPU time for each, with the contract's call where there is one."""

    delivered: float | None
    """Calls a second, from the first event sent to the last call made."""


class Manager:
    """A person who makes what is needed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._headers = dict(JSON)
        token = self.post("/auth/login", username="admin", password="dev-admin")["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, **members: Any) -> Any:
        """The content of the answer."""
        request = Request(self._url + path, json.dumps(members).encode(), self._headers)
        return _json(request)["content"]

    def event(self, system: int) -> tuple[int, str]:
        """A new event's id and identifier."""
        of = {"identifier": "bomb", "name": "Bomb", "operation": "new"}
        id_ = self.post("/event", system_id=system, **of)["eventId"]
        listed = _json(Request(f"{self._url}/system/{system}/events", headers=self._headers))
        return id_, next(e["identifier"] for e in listed["content"] if e["id"] == id_)

    def tie(self, system: int, event: int, url: str) -> None:
        """Have the endpoint called for the event."""
        of = {"identifier": "tell", "name": "Tell"}
        call = {"operation": "process", "url": url, "method": "POST"}
        action = self.post("/action", system_id=system, **of, **call)["actionId"]
        rest = {"order": 0, "active": True, "mailRecipientsOnError": ""}
        self.post("/contract", eventId=event, actionId=action, **of, **rest)


def measure(database: str, folder: Path, sink: str) -> Iterator[Sent]:
    """Send to a server over that database, one case after the other."""
    port = free_port()
    command = [sys.executable, "-m", "tallystick", "serve", "--dev", "--port", str(port)]
    with serving(
        [*command, "--database", database], QUIET, folder, port, work.create().succeeds
    ) as server:
        for case, send in _cases(server.url, sink).items():
            yield _measured(server, case, send)


def _cases(url: str, sink: str) -> dict[str, Work]:
    """By name; the one that leaves something to do is the last."""
    manager = Manager(url)
    cases = {}
    for case in (SHORT, LONG, TIED):
        token, system = _sender(manager, case)
        id_, event = manager.event(system)
        if case is TIED:
            manager.tie(system, id_, sink)
        path = f"/event/send?event-identifier={event}"
        cases[case] = Work(work.SEND, path, {"access-key": token, **JSON}, EVENT)
    return cases


def _sender(manager: Manager, case: str) -> tuple[str, int]:
    """A new client's token and its system."""
    of = {"identifier": case, "name": case}
    long_live = "?longLive=true" if case is LONG else ""
    client = manager.post(f"/auth/client{long_live}", **of)
    id_, secret = client["clientId"], client["clientSecret"]
    system = manager.post("/system", systemClass="producer", type="x", clientId=id_, **of)
    if long_live:
        return client["access_token"], system["systemId"]
    grant = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret}
    return manager.post("/auth/token", **grant)["access_token"], system["systemId"]


def _measured(server: Serving, case: str, send: Work) -> Sent:
    _, generate = load.generator()
    generate(server.url, send, WARM_UP_S)
    _wait_until_delivered(server.url)
    begun, cpu = time.perf_counter(), cpu_seconds(server.pid)
    sent = generate(server.url, send, SECONDS)
    _wait_until_delivered(server.url)
    took, cpu = time.perf_counter() - begun, cpu_seconds(server.pid) - cpu
    delivered = sent.requests / took if case is TIED else None
    return Sent(case, sent.requests / sent.seconds, cpu / sent.requests * 1e6, delivered)


def _wait_until_delivered(url: str) -> None:
    key = {"Authorization": "Bearer dev-gateway-key"}
    for state in ("pending", "leased"):
        request = Request(f"{url}/gateway/v1/deliveries?state={state}&limit=1", headers=key)
        while _json(request)["deliveries"]:
            time.sleep(0.1)


def _json(request: Request) -> Any:
    with urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)
