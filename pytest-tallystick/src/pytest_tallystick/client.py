"""A client of the mock's control API for test suites in Python, on the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from ssl import create_default_context
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

KEY = "dev-gateway-key"
TIMEOUT_S = 120.0
PAGE = 1_000
"""The most requests of one answer."""

SHOWN = 20
"""The most requests in the text of a failure."""

_PREFIX = "/gateway/v1/mock"


class MockRefused(Exception):
    """The mock refused a call; the message says why."""


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedRequest:
    """A request received by the mock."""

    content: Mapping[str, Any]
    """The ``MockRequest`` of the control API."""

    def __repr__(self) -> str:
        """Return one line for a failed assertion."""
        said = self.content
        end = self.status or said["fault"] or said.get("state")
        return f"<#{said['id']} {said['method']} {said['target']} {end}>"

    def __getattr__(self, name: str) -> Any:
        """Return a member such as `operation`, `query`, `headers`, `body` or `violations`."""
        try:
            return self.content[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def json(self) -> Any:
        """Return the value of its body in JSON; None without one."""
        return self.content.get("body")

    @property
    def status(self) -> int | None:
        """Return the status of the answer, or None without an answer."""
        answer = self.content["answer"]
        return int(answer["status"]) if answer else None


class Tallystick:
    """A running mock."""

    def __init__(self, url: str, ca: str | None = None) -> None:
        """Address the mock at `url`, which is the base URL of the program under test as well.

        `ca` is a PEM file with the CA of a mock that speaks TLS.
        """
        self.url = url.rstrip("/")
        self.ca = ca
        """The file to trust, such as ``requests.get(…, verify=tallystick.ca)``."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._context = create_default_context(cafile=ca) if parts.scheme == "https" else None

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Return every request, in the order in which they came."""
        return self.search()

    def search(self, /, **wanted: str) -> list[ReceivedRequest]:
        """Return requests by `operation`, `path` or `text`, in the order in which they came."""
        found = page = self._page(wanted)
        while len(page) == PAGE:
            page = self._page({**wanted, "before": page[-1]["id"]})
            found = [*found, *page]
        return [ReceivedRequest(content) for content in reversed(found)]

    def _page(self, wanted: Mapping[str, str]) -> list[Mapping[str, Any]]:
        query = urlencode({**wanted, "limit": PAGE})
        found: list[Mapping[str, Any]] = self._call("GET", f"/requests?{query}")["requests"]
        return found

    def rule(self, /, **rule: Any) -> str:
        """Add a rule with the members of a ``MockRule``, and return its id; raise `MockRefused`."""
        return str(self._call("POST", "/rules", rule)["id"])

    def list_rules(self) -> list[Mapping[str, Any]]:
        """Return every rule as a ``MockRule``, in the order they were made."""
        rules: list[Mapping[str, Any]] = self._call("GET", "/rules")["rules"]
        return rules

    def remove_rule(self, id_: str) -> None:
        """Remove a rule; raise `MockRefused` if there is none of this id."""
        self._call("DELETE", f"/rules/{quote(id_, safe='')}")

    def clear_rules(self) -> None:
        """Remove all rules."""
        self._call("DELETE", "/rules")

    def fail_next(
        self,
        /,
        operation: str | None = None,
        code: int | None = None,
        *,
        error: str | None = None,
        fault: str | None = None,
        delay: str | None = None,
        times: int = 1,
        **more: Any,
    ) -> str:
        """Make the next request fail, by default with status 500, and return the rule's id.

        `code` is another status, `error` an error code, `fault` a way to break the connection and
        `delay` a duration such as ``3s``. `times` is the number of requests. Raises `MockRefused`.
        """
        rule: dict[str, Any] = {"times": times, **more}
        if operation:
            rule["operation"] = operation
        if error:
            rule["answer"] = {"error": error}
        elif code or not (fault or delay):
            rule["answer"] = {"code": code or 500}
        if fault:
            rule["fault"] = fault
        if delay:
            rule["delay"] = {"fixed": delay}
        return self.rule(**rule)

    def verify(
        self,
        /,
        operation: str | None = None,
        match: Mapping[str, Any] | None = None,
        *,
        order: Sequence[str | Mapping[str, Any]] = (),
        **expected: Any,
    ) -> list[ReceivedRequest]:
        """Return the expected requests: `times`, or `atLeast` and `atMost`, `within` a duration.

        With `order` alone, return a request for each of these operations, in this order; others
        may come between. An operation is an operationId, or a mapping of `operation` and `match`.
        Raises `AssertionError` with the requests found, or those nearest to the expected ones.
        """
        given = {"operation": operation, "match": match, **expected}
        body = {name: value for name, value in given.items() if value is not None}
        if not order:
            return self._verify(body)
        if body:
            raise TypeError(f"order goes without {', '.join(body)}")
        return self._verify_order([{"operation": o} if isinstance(o, str) else o for o in order])

    def _verify(self, body: Mapping[str, Any]) -> list[ReceivedRequest]:
        status, answer = self._ask("POST", "/verify", body)
        if status == 422:
            raise AssertionError(_told(answer, self._find(body) if answer["found"] else ()))
        return [ReceivedRequest(content) for content in _good(status, answer)["requests"]]

    def _find(self, body: Mapping[str, Any]) -> list[ReceivedRequest]:
        """Return the last requests that match, however many, in the order in which they came."""
        wanted = {name: body[name] for name in ("operation", "api", "match") if name in body}
        found = self._call("POST", "/verify", {**wanted, "atLeast": 0})["requests"]
        found.sort(key=lambda content: int(content["id"]))
        return [ReceivedRequest(content) for content in found]

    def _verify_order(self, order: Sequence[Mapping[str, Any]]) -> list[ReceivedRequest]:
        found: list[ReceivedRequest] = []
        for wanted in order:
            last = int(found[-1].id) if found else 0
            later = [request for request in self._find(wanted) if int(request.id) > last]
            if not later:
                raise AssertionError(_told_order(wanted, found, self.requests))
            found.append(later[0])
        return found

    def advance(self, duration: str) -> str:
        """Advance the clock by a duration such as ``20m``, and return its time."""
        return str(self._call("PUT", "/clock", {"advance": duration})["now"])

    def freeze(self, at: str | None = None) -> str:
        """Stop the clock, at the time `at` if given, and return its time."""
        change = {"frozen": True, **({"set": at} if at else {})}
        return str(self._call("PUT", "/clock", change)["now"])

    def unfreeze(self) -> str:
        """Let the clock run again, and return its time."""
        return str(self._call("PUT", "/clock", {"frozen": False})["now"])

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name."""
        self._call("PUT", f"/snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Go back to the snapshot of that name; raise `MockRefused` if there is none."""
        self._call("POST", f"/snapshots/{quote(name, safe='')}")

    def reset(self) -> None:
        """Go back to the state at the start, without the rules and requests since."""
        self._call("POST", "/reset")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _good(*self._ask(method, path, body))

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = self._connect()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, _PREFIX + path, content, headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        return response.status, json.loads(raw) if raw else None

    def _connect(self) -> HTTPConnection:
        if self._context is None:
            return HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        return HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._context)


def _good(status: int, answer: Any) -> Any:
    if status >= 400:
        raise MockRefused(answer["detail"])
    return answer


def _told(answer: Mapping[str, Any], found: Sequence[ReceivedRequest]) -> str:
    lines = [str(answer["detail"]), *(f"  found: {request!r}" for request in found[-SHOWN:])]
    for near in answer["nearMisses"]:
        request = near["request"]
        lines.append(f"  near: #{request['id']} {request['method']} {request['target']}")
        lines += [f"    {miss}" for miss in near["misses"]]
    return "\n".join(lines)


def _told_order(
    wanted: Mapping[str, Any], found: Sequence[ReceivedRequest], came: Sequence[ReceivedRequest]
) -> str:
    after = f" after {found[-1]!r}" if found else ""
    lines = [f"expected {json.dumps(wanted)}{after}, which did not come; in order there came:"]
    return "\n".join([*lines, *(f"  {request!r}" for request in came[-SHOWN:])])
