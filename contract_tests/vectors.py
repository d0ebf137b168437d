"""Vectors: one request each, with the answer that an API's page asks for.

A file in ``vectors/<api>/`` holds vectors and their common members. `fields` are members that the
page describes once for query and body; each of a vector's `ways` sends them differently. `under`
are the prefixes of paths to the same operations; each vector is sent to each of them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from . import strict_yaml

FOLDER = Path(__file__).parent / "vectors"
VARIANTS = ("default", "fault", "away", "queue0", "ratelimit1", "serve", "mock", "dialect")

_REQUEST_KEYS = {"method", "path", "query", "headers", "json", "text", "base64"}
_EXPECTED_KEYS = {"status", "body", "exact", "text", "empty", "headers"}
_WAY_KEYS = {"method", "fields"}
_FILE_KEYS = {
    "source", "shared", "request", "fields", "ways", "credential", "needs", "vectors", "under",
}  # fmt: skip
_VECTOR_KEYS = {
    "name", "source", "request", "fields", "without", "only", "ways", "credential", "needs",
    "repeat", "stock", "expected",
}  # fmt: skip


class BadVector(ValueError):
    """A vector file is invalid; the message names the place."""


@dataclass(frozen=True, slots=True)
class VectorRequest:
    """A request as sent: the raw target, and headers in this order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected answer."""

    status: int
    body: Any = None
    exact: bool = False
    """True if the body may have the members of `body` only."""
    has_body: bool = False
    """True if `body` is compared with the answer."""
    text: Any = None
    empty: bool = False
    headers: Mapping[str, Any] = ()  # type: ignore[assignment]
    """Header name → value; None for an absent header."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One sentence of a page or of a ruling, as a request and its answer."""

    api: str
    name: str
    source: str
    request: VectorRequest
    expected: Expected
    credential: str | None
    needs: str
    repeat: int
    """The number of times that the request is sent; the last answer counts."""
    stock: str | None
    """The reason for a different answer by unmodified Connexion, if there is one."""
    file: str
    """The path of its file below the folder of vectors."""
    line: int

    @property
    def id(self) -> str:
        """Return the vector's unique name."""
        return f"{self.api}: {self.name}"


def read_all(api: str = "*") -> list[Vector]:
    """Return the vectors of an API, or of all, sorted by API and file."""
    return [vector for path in sorted(FOLDER.glob(f"{api}/*.yaml")) for vector in read(path)]


def read(path: Path) -> Iterator[Vector]:
    """Yield the vectors of one file; raise `BadVector` for an invalid one."""
    try:
        text = path.read_text(encoding="utf-8")
        content, lines = strict_yaml.load(text), strict_yaml.lines(text)
        _refuse_others(content, _FILE_KEYS)
        for index, item in enumerate(content["vectors"]):
            for vector in _vectors(path.parent.name, content, item):
                file = f"{path.parent.name}/{path.name}"
                yield replace(vector, file=file, line=lines["vectors", index])
    except (KeyError, TypeError, ValueError) as error:
        raise BadVector(f"{path.parent.name}/{path.name}: {error!r}") from error


def _vectors(api: str, file: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[Vector]:
    _refuse_others(item, _VECTOR_KEYS)
    needs = item.get("needs", file.get("needs", "default"))
    if needs not in VARIANTS:
        raise BadVector(f"{item['name']}: no server variant {needs}")
    under = file.get("under", {"": ""})
    for (way, request), place in product(_requests(file, item), under):
        yield Vector(
            api=api,
            name=item["name"]
            + (f", by {way}" if len(file.get("ways", ())) > 1 and way else "")
            + (f", under {place}" if place else ""),
            source=f"{file['source']}: {item['source']}",
            request=replace(request, target=under[place] + request.target),
            expected=_expected(item["expected"]),
            credential=item.get("credential", file.get("credential")),
            needs=needs,
            repeat=item.get("repeat", 1),
            stock=_reason(item.get("stock")),
            file="",
            line=0,
        )


def read_request(item: Mapping[str, Any]) -> VectorRequest:
    """Return a request in a file of its own; raise `BadVector` for an unknown key."""
    return _request(_merged({}, item))


def _requests(
    file: Mapping[str, Any], item: Mapping[str, Any]
) -> Iterator[tuple[str, VectorRequest]]:
    request = _merged(file.get("request", {}), item.get("request", {}))
    if not {"fields", "without", "only"} & set(item):
        yield "", _request(request)
        return
    fields = _fields(file, item)
    for name in item.get("ways", file["ways"]):
        way = file["ways"][name]
        _refuse_others(way, _WAY_KEYS)
        suffix = name if len(file["ways"]) > 1 else ""
        yield suffix, _request({**request, "method": way["method"], way["fields"]: fields})


def _fields(file: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    if "only" in item:
        return dict(item["only"])
    fields = {**file["fields"], **item.get("fields", {})}
    return {name: value for name, value in fields.items() if name not in item.get("without", ())}


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a vector's members on top of its file's: its own body, and changed headers."""
    bodies = {"json", "text", "base64"}
    shared = {
        key: value for key, value in base.items() if not (key in bodies and bodies & set(own))
    }
    headers = own.get("headers", {})
    if isinstance(headers, dict):
        headers = {**base.get("headers", {}), **headers}
    return {**shared, **own, "headers": headers}


def _request(item: Mapping[str, Any]) -> VectorRequest:
    _refuse_others(item, _REQUEST_KEYS)
    body = _body(item)
    headers = item["headers"]
    pairs = headers.items() if isinstance(headers, dict) else [tuple(pair) for pair in headers]
    named = {name.lower() for name, _ in pairs}
    typed = [("Content-Type", "application/json")] if "json" in item else []
    return VectorRequest(
        method=item.get("method", "GET"),
        target=_target(item),
        headers=tuple(
            (name, value)
            for name, value in [*(p for p in typed if "content-type" not in named), *pairs]
            if value is not None
        ),
        body=body,
    )


def _target(item: Mapping[str, Any]) -> str:
    query = item.get("query")
    if query is None:
        return str(item["path"])
    if isinstance(query, dict):
        query = urlencode({name: _text(value) for name, value in query.items()}, quote_via=quote)
    return f"{item['path']}?{query}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadVector(f"{value!r} in a query: quote it")
    return value


def _body(item: Mapping[str, Any]) -> bytes | None:
    if "json" in item:
        return json.dumps(item["json"], ensure_ascii=False).encode()
    if item.get("text") is not None:
        return str(item["text"]).encode()
    return base64.b64decode(item["base64"]) if "base64" in item else None


def _expected(item: Mapping[str, Any]) -> Expected:
    _refuse_others(item, _EXPECTED_KEYS)
    return Expected(
        status=item["status"],
        body=item.get("exact", item.get("body")),
        exact="exact" in item,
        has_body="exact" in item or "body" in item,
        text=item.get("text"),
        empty=item.get("empty", False),
        headers=item.get("headers", {}),
    )


def _reason(stock: Mapping[str, str] | None) -> str | None:
    if stock is None:
        return None
    _refuse_others(stock, {"differs"})
    return stock["differs"]


def _refuse_others(item: Mapping[str, Any], known: set[str]) -> None:
    if others := set(item) - known:
        raise BadVector(f"unknown keys {sorted(others)}")
