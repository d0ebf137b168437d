"""The vendor's npm packages, unmodified: its SDK, and its MCP server for Managed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from keyastrom_calls import EVENT, TOKEN, post
from server_process import ServerProcess
from toolchain import do_without, need

FOLDER = Path(__file__).with_name("node_clients")
PACKAGES = FOLDER / "node_modules"
MCP = "@dynatrace-oss/dynatrace-managed-mcp-server"
BOOKING = "type(SERVICE),entityName.equals(BookingService)"


@pytest.fixture
def packages() -> None:
    """Skip without the vendor's packages; in CI, fail."""
    need("node", tested="the vendor's npm packages")
    if not PACKAGES.is_dir():
        do_without("the vendor's npm packages are NOT tested: this needs `make packages`")


@pytest.mark.usefixtures("packages")
@pytest.mark.vendor_client("@dynatrace-sdk/client-classic-environment-v2")
def test_it_reads_what_it_ingests_and_closes_problems(
    server: ServerProcess,
) -> None:
    title = uuid4().hex
    command = ["node", "sdk.mjs", server.url, TOKEN, title]
    ran = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "status": "OK",
        "title": title,
        "entity": "BookingService",
        "icon": {"primaryIconType": "service"},
        "dimension": "dt.entity.service",
        "problem": title,
        "comment": "Known.",
        "closing": True,
    }


class ManagedMcp:
    """The vendor's MCP server, talked to by its standard input and output."""

    def __init__(self, url: str) -> None:
        environment = {
            "alias": "dev",
            "apiEndpointUrl": url,
            "apiToken": TOKEN,
            "dynatraceUrl": url,
            "environmentId": "mySampleEnv",
        }
        self._process = subprocess.Popen(
            ["node", PACKAGES / MCP / "dist" / "index.js"],
            cwd=FOLDER,
            env={
                **os.environ,
                "DT_ENVIRONMENT_CONFIGS": json.dumps([environment]),
                "DT_MCP_DISABLE_TELEMETRY": "true",
                "LOG_OUTPUT": "stderr",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._sent = 0
        client = {"name": "test", "version": "1"}
        hello = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": client}
        self._call("initialize", hello)
        self._write({"method": "notifications/initialized"})

    def tool(self, name: str, **arguments: Any) -> str:
        """Return the text that a tool answers with."""
        given = {"name": f"dynatrace_managed_{name}", "arguments": arguments}
        result = self._call("tools/call", given)["result"]
        assert not result.get("isError"), result
        text: str = result["content"][0]["text"]
        return text

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._sent += 1
        self._write({"id": self._sent, "method": method, "params": params})
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("{") and (answer := json.loads(line)).get("id") == self._sent:
                found: dict[str, Any] = answer
                return found
        raise AssertionError("the MCP server has ended")

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()


@pytest.fixture
def mcp(server: ServerProcess) -> Iterator[ManagedMcp]:
    started = ManagedMcp(server.url)
    yield started
    started.close()


@pytest.mark.usefixtures("packages")
@pytest.mark.vendor_client(MCP)
def test_it_reads_events_and_entities_and_problems(server: ServerProcess, mcp: ManagedMcp) -> None:
    title = uuid4().hex
    post(server, {**EVENT, "eventType": "ERROR_EVENT", "title": title, "entitySelector": BOOKING})
    dev = {"environment_alias": "dev", "environment_aliases": "dev"}
    hour = {"from": "now-1h", "to": "now"}
    info = mcp.tool("get_environments_info")
    assert "Valid Environment: Yes" in info
    assert "Minimum Version Check: PASSED" in info
    selector = 'type(SERVICE),entityName.contains("book")'
    assert "BookingService" in mcp.tool("discover_entities", entitySelector=selector, **dev)
    entity = mcp.tool("get_entity_details", entityId="SERVICE-B00C1265E0000001", **dev)
    assert "BookingService" in entity
    relationships = mcp.tool("get_entity_relationships", entityId="SERVICE-B00C1265E0000001", **dev)
    assert "runsOnHost" in relationships
    assert "HOST_GROUP" in mcp.tool("list_entity_types", **dev)
    assert "isInstanceOf" in mcp.tool("get_entity_type_details", type="HOST", **dev)
    listed = mcp.tool("list_events", entitySelector=BOOKING, **hour, **dev)
    assert title in listed
    problems = mcp.tool("list_problems", entitySelector=BOOKING, status="OPEN", **hour, **dev)
    assert title in problems
    id_ = problems.partition(f"title: {title}")[0].rpartition("problemId: ")[2].split()[0]
    assert title in mcp.tool("get_problem_details", problemId=id_, **dev)
