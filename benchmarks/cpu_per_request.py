"""What one request costs the server in CPU time, beside the same request to a bare application.

CPU time is read from /proc, so a busy machine disturbs it little; Linux only.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from server_process import ServerProcess

REQUESTS = 19_200
WARM_UP = 1_920
CONNECTIONS = 32
BARE = (sys.executable, str(Path(__file__).with_name("bare_app.py")))
"""It takes, and ignores, the options of `tallystick`."""
# A request's log line is no part of the comparison: the bare application writes none.
QUIET = {"TALLYSTICK_ACCESS_LOG": "false"}
CREATE = "cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Operation+successful"


class Case(NamedTuple):
    """One request, as it goes over the wire."""

    name: str
    request: bytes


def main() -> None:
    """Print a line for each case: CPU µs a request, bare, and what part of it the bare one is."""
    print(f"{'request':24} {'tallystick':>11} {'bare':>6} {'bare/ours':>9}   CPU µs a request")
    with tempfile.TemporaryDirectory() as folder:
        ours = ServerProcess(folder=_new(f"{folder}/ours"), env=QUIET).start()
        bare = ServerProcess(folder=_new(f"{folder}/bare"), command=BARE).start()
        for case in _cases(ours.url):
            cost, base = _cost(ours, case), _cost(bare, case)
            print(f"{case.name:24} {cost:11.1f} {base:6.1f} {base / cost:9.0%}")
        ours.stop()
        bare.stop()


def _new(name: str) -> Path:
    folder = Path(name)
    folder.mkdir()
    return folder


def _cases(url: str) -> list[Case]:
    key = "x-api-key: XXX1XX12XxxxXXxxXXx0xXxx"
    token = f"access-key: {_token(url)}"
    event = "/event/send?event-identifier=quiet-bomb-0000000000"
    return [
        Case("GET /create", _request(f"GET /create?{CREATE}", key)),
        Case("POST /event/send", _request(f"POST {event}", token, b'{"name":"Morpheush"}')),
    ]


def _token(url: str) -> str:
    client = {"grant_type": "client_credentials", "client_id": "dev-client"}
    body = json.dumps({**client, "client_secret": "dev-secret"}).encode()
    request = Request(f"{url}/auth/token", body, {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        token: str = json.load(answer)["content"]["access_token"]
    return token


def _request(line: str, header: str, body: bytes = b"") -> bytes:
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{line} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n{length}\r\n".encode() + body


def _cost(server: ServerProcess, case: Case) -> float:
    asyncio.run(_send(server.url, case.request, WARM_UP))
    before = _cpu_seconds(server.pid)
    asyncio.run(_send(server.url, case.request, REQUESTS))
    return (_cpu_seconds(server.pid) - before) / REQUESTS * 1e6


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


async def _send(url: str, request: bytes, count: int) -> None:
    each = count // CONNECTIONS
    await asyncio.gather(*(_keep_sending(url, request, each) for _ in range(CONNECTIONS)))


async def _keep_sending(url: str, request: bytes, count: int) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 20"):
            raise SystemExit(f"refused: {head.decode()}")
        await reader.readexactly(_length(head))
    writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


if __name__ == "__main__":
    main()
