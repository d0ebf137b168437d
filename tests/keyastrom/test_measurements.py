"""Metrics and log records are events of the log."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from keyastrom_calls import TOKEN
from server_process import ServerProcess

HEADERS = {"Authorization": f"Api-Token {TOKEN}"}


def send(server: ServerProcess, path: str, **sent: Any) -> requests.Response:
    headers = {**HEADERS, **sent.pop("headers", {})}
    return requests.post(server.url + path, headers=headers, timeout=10, **sent)


def newest(server: ServerProcess) -> dict[str, Any] | None:
    headers = {"Authorization": "Bearer dev-gateway-key"}
    url = f"{server.url}/gateway/v1/events?limit=1"
    events = requests.get(url, headers=headers, timeout=10).json()["events"]
    return events[0] if events else None


@pytest.mark.parametrize("flag", ["", "--connexion"], ids=["compiled", "connexion"])
def test_a_batch_of_metrics_is_one_event_of_the_log(start_server: Any, flag: str) -> None:
    server: ServerProcess = start_server(*filter(None, [flag]))
    lines = "cpu.load,host=ж 5\n1cpu 5"
    text = {"Content-Type": "text/plain"}
    answer = send(server, "/e/prod/api/v2/metrics/ingest", data=lines.encode(), headers=text)
    assert answer.status_code == 400
    assert (answer.json()["linesOk"], answer.json()["linesInvalid"]) == (1, 1)
    event = newest(server)
    assert event
    assert (event["source"], event["type"]) == ("/keyastrom/prod", "metrics.ingest")
    assert event["data"] == lines
    assert (event["linesok"], event["linesinvalid"]) == (1, 1)


def test_metrics_without_a_valid_line_are_no_event(server: ServerProcess) -> None:
    before = newest(server)
    text = {"Content-Type": "text/plain"}
    for data in (b"x", b"", b"\xff"):
        answer = send(server, "/api/v2/metrics/ingest", data=data, headers=text)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == 400
    assert newest(server) == before


def test_log_records_are_one_event_of_the_log(server: ServerProcess) -> None:
    records = [{"content": "one", "nested": {"a": [1, None]}}, {"content": "two"}]
    assert send(server, "/api/v2/logs/ingest", json=records).status_code == 204
    event = newest(server)
    assert event
    assert (event["type"], event["data"], event["records"]) == ("logs.ingest", records, 2)
    text = {"Content-Type": "text/plain"}
    assert send(server, "/api/v2/logs/ingest", data=b"plain", headers=text).status_code == 204
    plain = newest(server)
    assert plain
    assert plain["data"] == "plain"


def test_records_that_are_no_objects_are_refused(server: ServerProcess) -> None:
    for records in ([1, "two"], 5, "text", []):
        answer = send(server, "/api/v2/logs/ingest", json=records)
        assert answer.status_code == 400
