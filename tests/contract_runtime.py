"""A contract of one's own, served in this process as `mock` or `serve` does it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from asgi_reply import AsgiReply
from tallystick.mock.mock import Mock
from tallystick.mock.settings import ALWAYS, MockSettings
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

GATEWAY = {"authorization": "Bearer dev-gateway-key"}


class Said(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: Any
    """What its JSON says, or its text."""


class ContractCaller:
    """Calls what a runtime serves."""

    def __init__(self, runtime: ServerRuntime) -> None:
        self.runtime = runtime

    async def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] = {},
        media_type: str = "application/json",
    ) -> Said:
        """Send a request, a body other than bytes as JSON, and return its answer."""
        path, _, query = target.partition("?")
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {**({"content-type": media_type} if raw else {}), **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in sent.items()],
            "client": ("127.0.0.1", 1),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        reply = AsgiReply()
        await self.runtime.app(scope, receive, reply)
        names = {n.decode(): v.decode("latin-1") for n, v in reply.headers.items()}
        text = reply.body.decode("utf-8", "replace")
        is_json = "json" in names.get("content-type", "")
        return Said(reply.status, names, json.loads(text) if is_json and text else text)

    async def events(self) -> list[dict[str, Any]]:
        """Return the events of the log, oldest first."""
        said = await self.call("GET", "/gateway/v1/events", headers=GATEWAY)
        return list(reversed(said.body["events"]))


@asynccontextmanager
async def mocking(folder: Path, contract: str, **settings: Any) -> AsyncIterator[ContractCaller]:
    """Mock a contract: its YAML is written to ``crm.yaml`` in the folder."""
    file = folder / "crm.yaml"
    file.write_text(contract, encoding="utf-8")
    given = {**ALWAYS, "access_log": False, "contracts": (str(file),), "seed": 1, **settings}
    wanted = MockSettings(**given)
    runtime = ServerRuntime(wanted, Mock(wanted))
    async with runtime.opened():
        yield ContractCaller(runtime)


@asynccontextmanager
async def serving(folder: Path, contract: str, **settings: Any) -> AsyncIterator[ContractCaller]:
    """Serve a contract with a database in the folder."""
    file = folder / "crm.yaml"
    file.write_text(contract, encoding="utf-8")
    database = f"sqlite:///{folder / 'events.db'}"
    given = {"database": database, "access_log": False, "contracts": (str(file),), **settings}
    runtime = ServerRuntime(Settings(**given))
    async with runtime.opened():
        yield ContractCaller(runtime)
