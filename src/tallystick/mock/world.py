"""Reads a world file (YAML) with the initial state of a mock, and loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tallystick.contract.compiled import App
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.document import ContractError, parse_yaml
from tallystick.contract.exceptions import Invalid, Problem
from tallystick.contract.yaml_bounds import YamlOutOfBounds, read_bounded_file
from tallystick.file_errors import explain_os_error

SCHEMA = Path(__file__).with_name("world.yaml")


class BadWorld(Problem):
    """The world can't be made; the message says where and why."""


def parse_world(file: Path) -> Mapping[str, Any]:
    """Return the content of a world file unjudged; raise `BadWorld` for an unreadable file."""
    try:
        return parse_yaml(read_bounded_file(file), str(file))
    except YamlOutOfBounds as error:
        raise BadWorld(f"{file}: {error}") from error
    except OSError as error:
        raise BadWorld(explain_os_error(error)) from error
    except ContractError as error:
        raise BadWorld(str(error)) from error


def read_world(file: Path, declared: DeclaredResponses) -> Mapping[str, Any]:
    """Return the content of a world file; raise `BadWorld`."""
    world = parse_world(file)
    schema = declared.schema(parse_yaml(SCHEMA.read_bytes(), SCHEMA.name))
    if not schema.is_valid(world):
        found = schema.violations(world)
        said = "; ".join(f"{'.'.join(map(str, v.path))} {v.message}".strip() for v in found)
        raise BadWorld(f"{file}: {said}")
    return world


def read_credentials(file: Path) -> list[str]:
    """Return a world's credentials as ``SCHEME=VALUE``; raise `BadWorld` for an unreadable file."""
    schemes = parse_world(file).get("credentials", {})
    if not isinstance(schemes, Mapping):
        return []  # `read_world` says why not
    pairs = [(name, value) for name, values in schemes.items() for value in values or ()]
    return [f"{name}={value}" for name, value in pairs]


@contextmanager
def naming(file: Path | None, place: str) -> Iterator[None]:
    """Raise a `Problem` within the block as a `BadWorld` with the file and the place in it."""
    try:
        yield
    except Problem as error:
        raise BadWorld(f"{file}: {place}: {_told(error)}") from error


def _told(error: Problem) -> str:
    if not isinstance(error, Invalid):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, v.path))} {v.message}" for v in error.violations)


async def load_world(app: App, request: Mapping[str, Any]) -> None:
    """Send one of the file's requests to the service; raise `BadWorld` if it is refused."""
    status, body = await _answer(app, request)
    if status >= 400:
        what = f"{request.get('method', 'GET')} {request['path']}"
        raise BadWorld(f"{what} is answered {status}: {body.decode('utf-8', 'replace')}")


async def _answer(app: App, request: Mapping[str, Any]) -> tuple[int, bytes]:
    sent: dict[str, Any] = {"status": 0, "body": b""}
    scope = _scope(request)
    body = orjson.dumps(request["json"]) if "json" in request else b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def receive_answer(message: Mapping[str, Any]) -> None:
        sent["status"] = message.get("status", sent["status"])
        sent["body"] += message.get("body", b"")

    await app(scope, receive, receive_answer)
    return sent["status"], sent["body"]


def _scope(request: Mapping[str, Any]) -> dict[str, Any]:
    path, _, query = request["path"].partition("?")
    headers = {"host": "localhost", **request.get("headers", {})}
    if "json" in request:
        headers = {"content-type": "application/json", **headers}
    return {
        "type": "http",
        "method": request.get("method", "GET"),
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
        "client": None,
    }
