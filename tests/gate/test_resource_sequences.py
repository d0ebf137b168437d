"""Items below another item are made, shown, changed and deleted, each with its own parent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome

NESTED = "/albums/{albumId}/songs"
SONG = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
SHOWN = {**SONG, "properties": {**SONG["properties"], "id": {"type": "integer"}}}  # type: ignore[dict-item]  # a schema in two levels


def _write(method: str, status: str) -> dict[str, Any]:
    schema = {"schema": SONG, "example": {"title": "Blue"}}
    answer = {"description": "It.", "content": {"application/json": {"schema": SHOWN}}}
    body = {"required": True, "content": {"application/json": schema}}
    return {method: {"requestBody": body, "responses": {status: answer}}}


def _item(*names: str) -> dict[str, Any]:
    shown = {"description": "It.", "content": {"application/json": {"schema": SHOWN}}}
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
        for name in names
    ]
    gone = {"404": {"description": "There is none."}}
    return {
        "parameters": path,
        "get": {"responses": {"200": shown, **gone}},
        "delete": {"responses": {"204": {"description": "Gone."}, **gone}},
        **_write("patch", "200"),
    }


CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Albums", "version": "1"},
    "paths": {
        NESTED: {"parameters": _item("albumId")["parameters"], **_write("post", "201")},
        f"{NESTED}/{{songId}}": _item("albumId", "songId"),
        "/albums": _write("post", "201"),
        "/albums/{albumId}": _item("albumId"),
    },
}


class Albums(ThreadingHTTPServer):
    """A server that keeps albums and their songs by path, perhaps with a fault."""

    daemon_threads = True

    def __init__(self, fault: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.kept: dict[str, dict[str, Any]] = {}
        self._ids = count(1)

    def answer(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        if self.fault == "of any album" and path.count("/") == 4:
            path = next((each for each in self.kept if each.endswith(path[-8:])), path)
        above = path.rpartition("/songs")[0]
        is_lost = bool(above) and above not in self.kept and self.fault != "orphans"
        if is_lost or (method != "POST" and path not in self.kept):
            return 404, {}
        if method == "POST":
            path += f"/{next(self._ids)}"
            if self.fault == "the last alone" and above:
                self.kept = {key: each for key, each in self.kept.items() if above + "/" not in key}
            self.kept[path] = {"id": int(path.rpartition("/")[2])}
        if method == "DELETE":
            return self._delete(path)
        if self.fault != "no change" or method == "POST":
            self.kept[path] |= sent
        return 201 if method == "POST" else 200, self.kept[path]

    def _delete(self, path: str) -> tuple[int, Any]:
        gone = {path} if self.fault == "orphans" else {path, *self._below(path)}
        if self.fault == "album too":
            gone.add(path.partition("/songs")[0])
        self.kept = {key: each for key, each in self.kept.items() if key not in gone}
        return 204, None

    def _below(self, path: str) -> set[str]:
        return {each for each in self.kept if each.startswith(f"{path}/")}


class _Handler(BaseHTTPRequestHandler):
    server: Albums

    def _answer(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        status, body = self.server.answer(self.command, self.path, sent)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names of the base class

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def serving(fault: str) -> Iterator[str]:
    server = Albums(fault)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def judged(folder: Path, fault: str) -> dict[str, list[str]]:
    """Return the objections of each sequence."""
    file = folder / "albums.yaml"
    file.write_text(yaml.dump(CONTRACT, sort_keys=False), encoding="utf-8")
    with serving(fault) as url:
        run = runner.run_suites(Configuration(url, contracts=(str(file),)), suites=("sequence",))
    made = (each for each in run.results if each.suite == "sequence")
    return {
        each.name.partition(":")[0]: list(each.objections)
        for each in made
        if each.outcome in (Outcome.PASSED, Outcome.FAILED)
    }


def test_a_server_that_keeps_items_with_their_parents_passes(tmp_path: Path) -> None:
    assert judged(tmp_path, "") == {"/albums": [], NESTED: []}


@pytest.mark.parametrize(
    "fault", ["of any album", "the last alone", "no change", "orphans", "album too"]
)
def test_a_server_that_loses_or_mixes_up_items_fails(fault: str, tmp_path: Path) -> None:
    assert judged(tmp_path, fault)[NESTED] != []
