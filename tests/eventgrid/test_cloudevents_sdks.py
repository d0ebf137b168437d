"""Every delivery is a CloudEvent for the SDKs of Python, Go and Java."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from cloudevents_table import TAKEN, TableRow, read_rows
from sdk_programs import programs
from server_process import ServerProcess
from tallystick.apis.eventgrid.dev_world import CHANNEL, PROJECT

TOKEN = {"X-Auth-Token": "dev-token"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
ROWS = [row for row in read_rows() if row.answer == TAKEN]
KINDS = ("original", "structured", "binary")
PATIENCE_S = 60


class Inbox:
    """An HTTP server that keeps what it receives, by the path."""

    def __init__(self) -> None:
        self.received: dict[str, list[tuple[dict[str, str], bytes]]] = {kind: [] for kind in KINDS}
        self._all = threading.Event()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                inbox.received[self.path[1:]].append((dict(self.headers.items()), body))
                self.send_response(204)
                self.end_headers()
                if all(len(found) >= len(ROWS) for found in inbox.received.values()):
                    inbox._all.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self) -> None:
        assert self._all.wait(PATIENCE_S), {kind: len(f) for kind, f in self.received.items()}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def deliveries(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, list[tuple[dict[str, str], bytes]]]]:
    """What arrives of every event that the table takes, in three ways."""
    server = ServerProcess(folder=tmp_path_factory.mktemp("server")).start()
    inbox = Inbox()
    _subscribe(server, inbox.url)
    for number, row in enumerate(ROWS):
        _publish(server, row, number)
    inbox.wait()
    yield inbox.received
    inbox.close()
    server.stop()


def _post(url: str, body: Any, headers: dict[str, str]) -> Any:
    answer = requests.post(url, json=body, headers=headers, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


def _subscribe(server: ServerProcess, inbox: str) -> None:
    project = f"{server.url}/v1/{PROJECT}"
    _post(f"{project}/sources", {"name": "shop", "channel_id": CHANNEL}, TOKEN)
    filter_ = {"source": [{"op": "StringIn", "values": ["shop"]}]}
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    body: dict[str, Any] = {
        "name": "all",
        "channel_id": CHANNEL,
        "sources": [{"name": "shop", "provider_type": "CUSTOM", "filter": filter_}],
        "targets": [{**target, "detail": {"url": f"{inbox}/original"}}],
    }
    _post(f"{project}/subscriptions", body, TOKEN)
    for mode in ("structured", "binary"):
        body = {"name": mode, "sink": f"{inbox}/{mode}", "mode": mode, "signed": False}
        filters = [{"exact": {"source": "shop"}}]
        _post(f"{server.url}/gateway/v1/subscriptions", {**body, "filters": filters}, GATEWAY)


def _publish(server: ServerProcess, row: TableRow, number: int) -> None:
    event = row.event("shop") | {"marker": number}
    url = f"{server.url}/v1/{PROJECT}/channels/{CHANNEL}/events"
    assert _post(url, {"events": [event]}, TOKEN)["failed_count"] == 0


def _in_order(found: list[tuple[dict[str, str], bytes]]) -> list[tuple[dict[str, str], bytes]]:
    return sorted(found, key=_marker)


def _marker(delivery: tuple[dict[str, str], bytes]) -> int:
    headers, body = delivery
    return int(headers.get("ce-marker") or json.loads(body)["marker"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_python_sdk_parses_every_delivery(kind: str, deliveries: Any) -> None:
    for row, (headers, body) in zip(ROWS, _in_order(deliveries[kind]), strict=True):
        event = from_http_event(HTTPMessage(headers, body))
        wanted = row.delivered("shop")
        assert (event.get_type(), event.get_source()) == (wanted["type"], "shop")
        assert event.get_subject() == wanted.get("subject")
        assert event.get_dataschema() == wanted.get("dataschema")
        assert event.get_data() == wanted.get("data")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", programs.LANGUAGES)
def test_the_other_sdks_parse_every_delivery(
    language: str, kind: str, deliveries: Any, tmp_path: Path
) -> None:
    found = _in_order(deliveries[kind])
    file = tmp_path / "deliveries.json"
    shown = [{"headers": h, "body": base64.b64encode(b).decode()} for h, b in found]
    file.write_text(json.dumps(shown), encoding="utf-8")
    parsed = programs.run(language, "cloudevents", str(file))
    for row, event in zip(ROWS, parsed, strict=True):
        wanted = row.delivered("shop")
        # Both leave headers as they are (sdk-go issue 1331, sdk-java issue 748).
        decoded = unquote if kind == "binary" else str
        assert (decoded(event["type"]), event["source"]) == (wanted["type"], "shop")
        assert decoded(event["subject"]) == wanted.get("subject", "")
        assert event["dataschema"] == wanted.get("dataschema", "")
        assert json.loads(event["data"] or "null") == wanted.get("data")
        own = event["own"]
        id_ = event["id"] if kind == "original" else own["eventgridid"]
        assert decoded(id_) == wanted["id"]
        for name in wanted.keys() & {"ext", "ext1"}:
            assert str(own[name]).lower() == str(wanted[name]).lower()


@pytest.mark.parametrize("kind", KINDS)
def test_a_media_type_stands_in_one_place(kind: str, deliveries: Any) -> None:
    for row, (headers, body) in zip(ROWS, _in_order(deliveries[kind]), strict=True):
        wanted = row.delivered("shop")
        type_ = wanted.get("datacontenttype")
        if kind == "binary":
            assert "ce-datacontenttype" not in headers
            fallback = "application/json" if "data" in wanted else None
            assert headers.get("Content-Type") == (type_ or fallback)
        elif type_:
            assert json.loads(body)["datacontenttype"] == type_
