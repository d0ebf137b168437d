"""One corpus through the compiled operations and through Connexion's own stack.

Connexion is the oracle: where the two answer differently, the difference is meant, and listed.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from server_process import ServerProcess

EVENT = {
    "cl": "EDF",
    "hs": "AWS",
    "ty": "START_EC2",
    "ac": "525060831330",
    "re": "eu-west-3",
    "st": "OK",
    "im": "MINOR",
    "me": "Operation successful",
}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}


@dataclass(frozen=True)
class Call:
    """One request; `differs` says why Connexion answers it otherwise, and how."""

    name: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=lambda: KEY)
    body: bytes | None = None
    differs: str = ""
    connexion_status: int = 0


def get(name: str, fields: Mapping[str, str], differs: str = "", connexion_status: int = 0) -> Call:
    query = urlencode(fields)
    return Call(name, "GET", f"/create?{query}", KEY, None, differs, connexion_status)


def post(
    name: str,
    body: Any,
    differs: str = "",
    connexion_status: int = 0,
    content_type: str = "application/json",
) -> Call:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = KEY | {"Content-Type": content_type}
    return Call(name, "POST", "/create", headers, raw, differs, connexion_status)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in EVENT.items() if key != name}


WRONG = {
    "cl": ["", "ab", "a" * 11, "ab1"],
    "ty": ["", "ab", "a" * 21, "a b"],
    "hs": ["", "aws", "XXX"],
    "ac": ["", "ab", "a" * 21, "a b"],
    "re": ["", "ab", "a" * 21, "a b"],
    "st": ["", "ok", "XX"],
    "im": ["", "minor"],
    "me": ["", "ab", "a" * 256, "<b>"],
}

SAME = [
    get("the page's own example", EVENT),
    get("no parameter at all", {}),
    get("without im", without("im")),
    *[get(f"without {name}", without(name)) for name in EVENT],
    *[get(f"{n} is {v[:12]!r}", EVENT | {n: v}) for n, values in WRONG.items() for v in values],
    get("several at once", EVENT | {"me": "<", "cl": "a", "hs": "x"}),
    get("an unknown parameter", EVENT | {"zz": "1"}),
    post("the page's own example", EVENT),
    *[post(f"without {name}", without(name)) for name in EVENT],
    *[post(f"{n} is {v[:12]!r}", EVENT | {n: v}) for n, values in WRONG.items() for v in values],
    *[post(f"{name} is a number", EVENT | {name: 5}) for name in EVENT],
    *[post(f"{name} is null", EVENT | {name: None}) for name in EVENT if name != "im"],
    post("an unknown member", EVENT | {"zz": [1]}),
    post("a list", []),
    post("a text", "x"),
    post("not JSON", b"{"),
    post("no body", b""),
    post("another media type", EVENT, content_type="text/plain"),
    Call("no key", "GET", f"/create?{urlencode(EVENT)}", {}),
    Call("a wrong key", "GET", f"/create?{urlencode(EVENT)}", {"x-api-key": "nobody's"}),
    Call("another method", "PUT", "/create"),
    Call("HEAD on a GET with an effect", "HEAD", f"/create?{urlencode(EVENT)}"),
    Call("a trailing slash", "GET", f"/create/?{urlencode(EVENT)}"),
    Call("an unknown path", "GET", "/nobody/owns/this"),
    Call("liveness", "GET", "/healthz", {}),
    Call("no events without a key", "GET", "/gateway/v1/events", {}),
    Call(
        "no such event", "GET", "/gateway/v1/events/x", {"Authorization": "Bearer dev-gateway-key"}
    ),
]

DIFFERENT = [
    get(
        "a pattern and a last newline",
        EVENT | {"cl": "EDF\n"},
        "Python's `$` matches before it",
        200,
    ),
    Call(
        "a parameter given twice",
        "GET",
        f"/create?{urlencode(EVENT)}&cl=EDF",
        differs="Connexion takes the last one",
        connexion_status=200,
    ),
    Call(
        "a parameter that is not UTF-8",
        "GET",
        f"/create?{urlencode(without('me'))}&me=abc%ff",
        differs="Starlette replaces the byte",
        connexion_status=200,
    ),
    get("a bad field of the user's", EVENT | {"us_a": "<"}, "us_* is no rule Connexion knows", 200),
    post(
        "a bad field of the user's", EVENT | {"us_a": "<"}, "us_* is no rule Connexion knows", 200
    ),
    post(
        "a member given twice",
        json.dumps(EVENT).replace('{"cl"', '{"cl": "ABC", "cl"').encode(),
        "Python's json takes the last one",
        200,
    ),
    post(
        "NaN where nobody looks",
        json.dumps(EVENT | {"zz": float("nan")}).encode(),
        "Python's json takes NaN",
        200,
    ),
]


@pytest.fixture(scope="module")
def connexion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess("--connexion", folder=tmp_path_factory.mktemp("connexion")).start()
    yield process
    process.stop()


def answer(server: ServerProcess, call: Call) -> tuple[int, Any]:
    host = urlsplit(server.url)
    connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=10)
    connection.request(call.method, call.target, call.body, dict(call.headers))
    response = connection.getresponse()
    content = response.read()
    connection.close()
    body = json.loads(content) if content else None
    if isinstance(body, dict) and "id" in body:
        body["id"] = "an id"
    return response.status, body


@pytest.mark.parametrize("call", SAME, ids=lambda call: f"{call.method} {call.name}")
def test_connexion_and_the_plan_answer_the_same(
    call: Call, server: ServerProcess, connexion: ServerProcess
) -> None:
    assert answer(server, call) == answer(connexion, call)


@pytest.mark.parametrize("call", DIFFERENT, ids=lambda call: f"{call.method} {call.name}")
def test_the_plan_is_stricter_where_connexion_lets_through(
    call: Call, server: ServerProcess, connexion: ServerProcess
) -> None:
    assert answer(server, call)[0] == 400
    assert answer(connexion, call)[0] == call.connexion_status, call.differs
