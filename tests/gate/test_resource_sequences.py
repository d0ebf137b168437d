"""Items below another item are made, shown, changed and deleted, each with its own parent."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import parse_qsl

import pytest
import yaml

from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome

NESTED = "/albums/{albumId}/songs"
GENRES = {"type": "string", "enum": ["drum & bass", "jazz", None]}
MEMBERS: dict[str, Any] = {
    "title": {"type": "string"},
    "genre": GENRES,
    "tags": {"type": "array", "items": {"type": "string"}},
}
BLUE = {"title": "Blue", "genre": "jazz", "tags": ["slow"]}
SONG = {"type": "object", "required": ["title"], "properties": MEMBERS}
SHOWN = {**SONG, "properties": {**MEMBERS, "id": {"type": "integer"}}}


def _write(method: str, status: str) -> dict[str, Any]:
    schema = {"schema": SONG, "example": BLUE}
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


def _list() -> dict[str, Any]:
    page = {"type": "object", "properties": {"items": {"type": "array", "items": SHOWN}}}
    limit = {"type": "integer", "minimum": 1, "maximum": 50}
    return {
        "get": {
            "parameters": [
                {"name": "limit", "in": "query", "schema": limit},
                {"name": "genre", "in": "query", "schema": GENRES},
            ],
            "responses": {
                "200": {"description": "All.", "content": {"application/json": {"schema": page}}}
            },
        }
    }


CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Albums", "version": "1"},
    "paths": {
        NESTED: {
            "parameters": _item("albumId")["parameters"],
            **_write("post", "201"),
            **_list(),
        },
        f"{NESTED}/{{songId}}": _item("albumId", "songId"),
        "/albums": {**_write("post", "201"), **_list()},
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
        self.gone: dict[str, Any] | None = None
        self._ids = count(1)

    def answer(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        path, _, query = path.partition("?")
        if self.fault == "of any album" and path.count("/") == 4:
            path = next((each for each in self.kept if each.endswith(path[-8:])), path)
        above = path.rpartition("/songs")[0]
        is_lost = bool(above) and above not in self.kept and self.fault != "orphans"
        if method == "GET" and path.endswith("s") and not is_lost:
            listed = self._list(path, dict(parse_qsl(query)))
            return 200, {"items": None if self.fault == "no list" else listed}
        if is_lost or (method != "POST" and path not in self.kept):
            return 404, {}
        if method == "POST":
            path += f"/{next(self._ids)}"
            if self.fault == "the last alone" and above:
                self.kept = {key: each for key, each in self.kept.items() if above + "/" not in key}
            self.kept[path] = {"id": int(path.rpartition("/")[2])}
        if method == "DELETE":
            return self._delete(path)
        before = dict(self.kept[path])
        if self.fault != "no change" or method == "POST":
            self.kept[path] |= self._stored(sent)
        if method == "PATCH" and self.fault == "an old answer":
            return 200, before
        if method == "POST" and self.fault == "a bare answer":
            return 201, {**self.kept[path], "title": ""}
        return 201 if method == "POST" else 200, self.kept[path]

    def _stored(self, sent: dict[str, Any]) -> dict[str, Any]:
        title = sent.get("title", "")
        if self.fault == "one space" and title:
            return sent | {"title": " ".join(title.split())}
        if self.fault == "other letters" and title:
            return sent | {"title": normalize("NFD", title)}
        if self.fault == "no empty list":
            return {name: value for name, value in sent.items() if value != []}
        return sent

    def _list(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        own = re.compile(rf"{path}/\d+")
        found = [each for key, each in self.kept.items() if own.fullmatch(key)]
        if self.fault == "a ghost" and self.gone:
            found.append(self.gone)
        if self.fault == "twice":
            found += found[-1:]
        if self.fault == "not the newest":
            found = found[:-1]
        if "genre" in query and self.fault != "any genre":
            found = [each for each in found if each["genre"] == query["genre"]]
        return found[: int(query.get("limit", 20)) + (self.fault == "one more")]

    def _delete(self, path: str) -> tuple[int, Any]:
        self.gone = self.kept.get(path)
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
    "fault",
    [
        "of any album",
        "the last alone",
        "no change",
        "orphans",
        "album too",
        "a ghost",
        "twice",
        "not the newest",
        "any genre",
        "one more",
        "an old answer",
        "no list",
        "a bare answer",
        "one space",
        "other letters",
        "no empty list",
    ],
)
def test_a_server_that_loses_or_mixes_up_items_fails(fault: str, tmp_path: Path) -> None:
    assert judged(tmp_path, fault)[NESTED] != []
