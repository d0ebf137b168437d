"""Commands that run as executions of a test's own cron."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from server_process import ServerProcess
from tallystick.mock.client import Tallystick

KEY = "dev-charon-key"
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
PATIENCE_S = 15.0


class Cron:
    """A test's own cron, and commands that run as its executions."""

    def __init__(self, server: ServerProcess | Tallystick, **config: Any) -> None:
        self.server = server
        self.slug = f"c-{uuid.uuid4()}"
        self._call("POST", "", json={"slug": self.slug, **config})

    def command(
        self, *command: str, options: Sequence[str] = (), url: str | None = None
    ) -> list[str]:
        own = [sys.executable, "-m", "tallystick", "charon", "exec", self.slug]
        return [*own, "--url", url or self.server.url, *options, "--", *command]

    def run(
        self,
        *command: str,
        options: Sequence[str] = (),
        url: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.command(*command, options=options, url=url),
            env=environment() | dict(env or {}),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    def start(self, *command: str, **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*command),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            **more,
        )

    def executions(self) -> list[dict[str, Any]]:
        found = self._call("GET", f"/{self.slug}/executions?messages=1000")
        return list(found["executions"])

    def execution(self) -> dict[str, Any]:
        [only] = self.executions()
        return only

    def said(self, type_: str = "info") -> list[str]:
        messages = self.execution()["messages"]
        found = [m["message"] for m in messages if m["type"] == type_]
        return "\n".join(found).split("\n") if found else []

    def wait_until(self, is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, "it never was so"
            time.sleep(0.02)

    def _call(self, method: str, path: str, **more: Any) -> Any:
        url = f"{self.server.url}/gateway/v1/crons{path}"
        reply = requests.request(method, url, headers=GATEWAY, timeout=10, **more)
        assert reply.ok, reply.text
        return reply.json()


def environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return own | {"TALLYSTICK_CHARON_KEY": KEY}
