"""A client of the mock's control API for test suites in Python, on the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

KEY = "dev-gateway-key"
TIMEOUT_S = 120.0
PAGE = 1_000
"""The most requests of one answer."""

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
        end = self.status or said["fault"] or said["state"]
        return f"<#{said['id']} {said['method']} {said['target']} {end}>"

    def __getattr__(self, name: str) -> Any:
        """Return a member such as `operation`, `query`, `headers`, `body` or `violations`."""
        try:
            return self.content[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def status(self) -> int | None:
        """Return the status of the answer, or None without an answer."""
        answer = self.content["answer"]
        return int(answer["status"]) if answer else None


class Tallystick:
    """A running mock."""

    def __init__(self, url: str) -> None:
        """Address the mock at `url`, which is the base URL of the program under test as well."""
        self.url = url
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Return every request, in the order in which they came."""
        return self.search()

    def search(self, **wanted: str) -> list[ReceivedRequest]:
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

    def rule(self, **rule: Any) -> str:
        """Add a rule with the members of a ``MockRule``, and return its id; raise `MockRefused`."""
        return str(self._call("POST", "/rules", rule)["id"])

    def fail_next(
        self,
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
        operation: str | None = None,
        match: Mapping[str, Any] | None = None,
        **expected: Any,
    ) -> list[ReceivedRequest]:
        """Return the expected requests: `times`, or `atLeast` and `atMost`, `within` a duration.

        Raises `AssertionError` with the requests nearest to the expected ones.
        """
        given = {"operation": operation, "match": match, **expected}
        body = {name: value for name, value in given.items() if value is not None}
        status, answer = self._ask("POST", "/verify", body)
        if status == 422:
            raise AssertionError(_told(answer))
        return [ReceivedRequest(content) for content in _good(status, answer)["requests"]]

    def advance(self, duration: str) -> str:
        """Advance the clock by a duration such as ``20m``, and return its time."""
        return str(self._call("PUT", "/clock", {"advance": duration})["now"])

    def freeze(self, at: str | None = None) -> str:
        """Stop the clock, at the time `at` if given, and return its time."""
        change = {"frozen": True, **({"set": at} if at else {})}
        return str(self._call("PUT", "/clock", change)["now"])

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name."""
        self._call("PUT", f"/snapshots/{name}")

    def restore(self, name: str) -> None:
        """Go back to the snapshot of that name; raise `MockRefused` if there is none."""
        self._call("POST", f"/snapshots/{name}")

    def reset(self) -> None:
        """Go back to the state at the start, without the rules and requests since."""
        self._call("POST", "/reset")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _good(*self._ask(method, path, body))

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, _PREFIX + path, content, headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        return response.status, json.loads(raw) if raw else None


def _good(status: int, answer: Any) -> Any:
    if status >= 400:
        raise MockRefused(answer["detail"])
    return answer


def _told(answer: Mapping[str, Any]) -> str:
    lines = [str(answer["detail"])]
    for near in answer["nearMisses"]:
        request = near["request"]
        lines.append(f"  near: #{request['id']} {request['method']} {request['target']}")
        lines += [f"    {miss}" for miss in near["misses"]]
    return "\n".join(lines)
