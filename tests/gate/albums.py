"""A contract of albums, their songs and the notes on them, and a server that may have a fault."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

import yaml

from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome, VerifyRun

ALBUMS = "/albums"
SONGS = "/albums/{albumId}/songs"
NOTES = "/albums/{albumId}/songs/{songId}/notes"
WAYS = ("", "offset", "page", "cursor", "after", "nextPageKey", "link", "header")
"""How the next page of a list is asked for; not at all by the first one."""

NEXT = {"cursor": "nextCursor", "nextPageKey": "nextPageKey"}
"""Parameters of pages, and the members of an answer with their next values."""

GENRES = {"type": "string", "enum": ["drum & bass", "jazz", None]}
MEMBERS: dict[str, Any] = {
    "title": {"type": "string", "maxLength": 80},
    "genre": GENRES,
    "tags": {"type": "array", "items": {"type": "string"}},
    "plays": {"type": "integer"},
    "live": {"type": "boolean"},
    "label": {"type": "string", "maxLength": 30},
    "singer": {"anyOf": [{"type": "string", "maxLength": 60}, {"type": "null"}]},
    "cover": {"type": ["string", "null"]},
}
BLUE = {
    "title": "Blue",
    "genre": "jazz",
    "tags": ["slow"],
    "plays": 7,
    "live": True,
    "label": "Reprise Records",
    "singer": "Joni Mitchell",
}
SONG = {"type": "object", "required": ["title"], "properties": MEMBERS}
SHOWN = {
    **SONG,
    # No song is without a cover: null stands for a plain one.
    "properties": {**MEMBERS, "id": {"type": "integer"}, "cover": {"type": "string"}},
}


def _answer(schema: Any) -> dict[str, Any]:
    return {"description": "It.", "content": {"application/json": {"schema": schema}}}


def _write(method: str, *statuses: str) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": SONG, "example": BLUE}}}
    return {method: {"requestBody": body, "responses": dict.fromkeys(statuses, _answer(SHOWN))}}


def _item(*names: str) -> dict[str, Any]:
    gone = {"404": {"description": "There is none."}}
    return {
        "parameters": _ids(*names),
        "get": {"responses": {"200": _answer(SHOWN), **gone}},
        "delete": {"responses": {"204": {"description": "Gone."}, **gone}},
        **_write("patch", "200", "202"),
    }


def _ids(*names: str) -> list[dict[str, Any]]:
    schema = {"type": "integer"}
    return [{"name": each, "in": "path", "required": True, "schema": schema} for each in names]


def _list(way: str) -> dict[str, Any]:
    members: dict[str, Any] = {"items": {"type": "array", "items": SHOWN}}
    if way in NEXT:
        members[NEXT[way]] = {"type": ["string", "null"]}
    if way == "after":
        told = {"endCursor": {"type": "string"}, "hasNextPage": {"type": "boolean"}}
        members["pageInfo"] = {"type": "object", "properties": told}
    if way == "link":
        links = {"next": {"type": "object", "properties": {"href": {"type": "string"}}}}
        members["_links"] = {"type": "object", "properties": links}
    asked: dict[str, Any] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        **{name: MEMBERS[name] for name in ("genre", "live", "plays")},
        "title": {"type": "string"},
    }
    if way not in ("", "link", "header"):
        first = {"type": "integer", "default": 1}
        asked[way] = (
            first if way == "page" else {"type": "integer" if way == "offset" else "string"}
        )
    page = _answer({"type": "object", "properties": members})
    if way == "header":
        page["headers"] = {"Link": {"schema": {"type": "string"}}}
    parameters = [{"name": name, "in": "query", "schema": each} for name, each in asked.items()]
    return {"get": {"parameters": parameters, "responses": {"200": page}}}


def make_contract(way: str = "") -> dict[str, Any]:
    """Return the contract, with lists by pages if there is a way to ask for them."""
    made = {**_write("post", "200", "201", "422"), **_list(way)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Albums", "version": "1"},
        "paths": {
            NOTES: {"parameters": _ids("albumId", "songId"), **made},
            f"{NOTES}/{{noteId}}": _item("albumId", "songId", "noteId"),
            SONGS: {"parameters": _ids("albumId"), **made},
            f"{SONGS}/{{songId}}": _item("albumId", "songId"),
            ALBUMS: made,
            f"{ALBUMS}/{{albumId}}": _item("albumId"),
        },
    }


class Albums(ThreadingHTTPServer):
    """A server that keeps albums, songs and notes by path, perhaps with a fault."""

    daemon_threads = True

    def __init__(self, fault: str, way: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.way = way
        self.kept: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, Any] | None = None
        self._ids: dict[str, Iterator[int]] = defaultdict(partial(count, 1))
        self._listed: dict[int, str] = {}
        """The first list that was read of each depth."""

    def answer(self, method: str, target: str, sent: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        path = urlsplit(target).path
        parts = path.split("/")[1:]
        is_list = len(parts) % 2 == 1
        above = "".join(f"/{each}" for each in parts[: -1 if is_list else -2])
        if self.fault == "of any parent" and above and not is_list:
            end = "/".join(["", *parts[-2:]])
            path = next((each for each in self.kept if each.endswith(end)), path)
        is_lost = bool(above) and above not in self.kept and self.fault != "orphans"
        is_refused = self.fault == "a rule of its own" and sent.get("plays", 0) < 0
        if is_refused or is_lost or (not is_list and path not in self.kept):
            return 422 if is_refused else 404, {}
        if method == "GET" and is_list:
            return 200, self._page(path, target)
        if method == "POST":
            own = path if self.fault.startswith("numbers of each parent") else ""
            path += f"/{next(self._ids[own])}"
            if self.fault == "the last alone" and above:
                self.kept = {key: each for key, each in self.kept.items() if above + "/" not in key}
            self.kept[path] = {"id": int(path.rpartition("/")[2])}
        if method == "DELETE":
            return self._delete(path, above)
        before = dict(self.kept[path])
        if self.fault != "no change" or method == "POST":
            self.kept[path] |= self._stored(sent)
        if method == "PATCH" and self.fault in ("an old answer", "an old answer, accepted"):
            return 202 if "accepted" in self.fault else 200, before
        if method == "POST" and self.fault == "a bare answer":
            return 201, {**self.kept[path], "title": ""}
        return 201 if method == "POST" else 200, self.kept[path]

    def _stored(self, sent: dict[str, Any]) -> dict[str, Any]:
        kept = {name: _spoilt(self.fault, name, value) for name, value in sent.items()}
        return {**kept, "cover": "plain"} if kept.get("cover", "") is None else kept

    def _page(self, path: str, target: str) -> dict[str, Any]:
        query = dict(parse_qsl(urlsplit(target).query))
        limit, at = int(query.get("limit", 20)), self._start(query)
        found = self._find(path, query)
        size = limit + (self.fault == "one more")
        step = limit + {"a page overlaps": -1, "a page loses one": 1}.get(self.fault, 0)
        page: dict[str, Any] = {"items": found[at : at + size]}
        if self.fault == "no list":
            return {"items": None}
        if "one list" in self.fault and path != self._listed.setdefault(path.count("/"), path):
            return {"items": []}
        goes_on = at + limit < len(found) or self.fault == "no end"
        if self.way in NEXT:
            page[NEXT[self.way]] = f"{at + step} {limit}" if goes_on else None
        if self.way == "after":
            page["pageInfo"] = {"endCursor": f"{at + step} {limit}", "hasNextPage": goes_on}
        if self.way in ("link", "header") and goes_on:
            link = f"http://albums.example/base{path}?from={at + step}&limit={limit}"
            page["_links"] = {"next": {"href": link}}
        return page

    def _start(self, query: dict[str, str]) -> int:
        """Return the number of items before a page."""
        limit = int(query.get("limit", 20))
        if "page" in query:
            at = (int(query["page"]) - 1) * limit
        else:
            told = (
                query.get(name) for name in ("from", "offset", "cursor", "after", "nextPageKey")
            )
            text = next(filter(None, told), "0")
            at, _, size = text.partition(" ")  # type: ignore[assignment]  # a text of two numbers
            query["limit"] = size or str(limit)
        shift = {"a page overlaps": -1, "a page loses one": 1}.get(self.fault, 0)
        is_later = int(at) > 0 and self.way in ("offset", "page")
        return int(at) + shift * is_later if self.fault != "always the first" else 0

    def _find(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        found = [each for key, each in self.kept.items() if key.rpartition("/")[0] == path]
        if self.fault == "a ghost" and self.gone:
            found.append(self.gone)
        if self.fault == "twice":
            found += found[-1:]
        if self.fault == "not the newest":
            found = found[:-1]
        for name in {"genre", "live", "title", "plays"} & set(query):
            if self.fault == f"no {name}":
                return []
            if self.fault != f"any {name}":
                text = query[name] if name in ("genre", "title") else json.loads(query[name])
                found = [each for each in found if each[name] == text]
        return found

    def _delete(self, path: str, above: str) -> tuple[int, Any]:
        self.gone = self.kept.get(path)
        gone = {path} if self.fault == "orphans" else {path, *self._below(path)}
        if self.fault == "parent too":
            gone.add(above)
        self.kept = {key: each for key, each in self.kept.items() if key not in gone}
        return 204, None

    def _below(self, path: str) -> set[str]:
        return {each for each in self.kept if each.startswith(f"{path}/")}


_TEXTS: dict[str, Callable[[str], str]] = {
    "one space": lambda text: " ".join(text.split()),
    "other letters": lambda text: normalize("NFD", text),
    "letters of 16 bits": lambda text: "".join(min(each, "\ufffd") for each in text),
    "79 letters": lambda text: text[:79],
}
_VALUES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "no empty list": ("tags", lambda value: value or ["none"]),
    "numbers of 32 bits": ("plays", lambda value: (value + 2**31) % 2**32 - 2**31),
    "numbers of 52 bits": ("plays", lambda value: min(value, 2**52)),
    "no sign": ("plays", abs),
    "always live": ("live", lambda value: value or True),
    "no empty text": ("label", lambda value: value or "none"),
    "null is a text": ("singer", lambda value: value or ""),
}
"""What a server with a fault keeps of all texts, or of one member."""


def _spoilt(fault: str, name: str, value: Any) -> Any:
    """Return what a server with a fault keeps of a member."""
    if isinstance(value, str) and fault in _TEXTS:
        return _TEXTS[fault](value)
    member, change = _VALUES.get(fault, ("", None))
    return change(value) if change and member == name else value


class _Handler(BaseHTTPRequestHandler):
    server: Albums

    def _answer(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        status, body = self.server.answer(self.command, self.path, sent)
        link = body.get("_links", {}).get("next") if isinstance(body, dict) else None
        if link and self.server.way == "header":
            del body["_links"]
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if link and self.server.way == "header":
            self.send_header("Link", f'<{link["href"]}>; rel="next"')
        if content:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names of the base class

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def serving(fault: str = "", way: str = "") -> Iterator[str]:
    """Run a server until the end of the block; yield its URL."""
    server = Albums(fault, way)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def run_at(folder: Path, suite: str, fault: str = "", way: str = "") -> VerifyRun:
    """Return the run of a suite at a server."""
    file = folder / "albums.yaml"
    file.write_text(yaml.dump(make_contract(way), sort_keys=False), encoding="utf-8")
    with serving(fault, way) as url:
        return runner.run_suites(Configuration(url, contracts=(str(file),)), suites=(suite,))


def judged(folder: Path, fault: str = "", way: str = "") -> dict[str, list[str]]:
    """Return the objections of each sequence, by the path of its resource."""
    made = run_at(folder, "sequence", fault, way).results
    return {
        each.name.partition(":")[0]: list(each.objections)
        for each in made
        if each.suite == "sequence" and each.outcome in (Outcome.PASSED, Outcome.FAILED)
    }
