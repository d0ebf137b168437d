"""Old events go, and new ones stay."""

from __future__ import annotations

import requests

from server_process import StartServer

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
QUERY = "cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=hello"


def test_at_the_next_start_only_the_newest_are_kept(start_server: StartServer) -> None:
    server = start_server()
    sent = [
        requests.get(f"{server.url}/create?{QUERY}", headers=KEY, timeout=10).json()["id"]
        for _ in range(5)
    ]
    server.stop()
    database = f"sqlite:///{server.database}"
    server = start_server("--database", database, TALLYSTICK_RETENTION_COUNT="2")
    page = requests.get(f"{server.url}/gateway/v1/events", headers=GATEWAY, timeout=10).json()

    assert [event["id"] for event in page["events"]] == sent[:2:-1]
