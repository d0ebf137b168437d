"""`tallystick secrets rotate` counts what it has sealed."""

from __future__ import annotations

import json

from command_line import tallystick
from server_process import StartServer


def test_the_counts_are_json_for_scripts(start_server: StartServer) -> None:
    server = start_server()
    server.stop()
    url = f"sqlite:///{server.database}"
    tallystick("keys", "create", "eventgrid", "--project", "p", "--scope", "*", "--database", url)
    ran = tallystick("secrets", "rotate", "--json", "--database", url)
    counts = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, counts["lost"]) == (0, "", 0)
    assert counts["sealed"] == 1
