"""Broken servers, and the check that must notice each of them."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from tallystick.contract_tests.sequences import list_sequences

from gate.breaking import (
    Answer,
    App,
    Scope,
    Wrap,
    answering,
    asking,
    failing_on,
    other_body,
    other_path,
    other_query,
    other_status,
    replaced,
    respond,
    with_key,
    without_header,
    without_member,
)


class Breakage(NamedTuple):
    """A broken server: its fault, the API with it, and the check that must report it."""

    name: str
    api: str
    caught_by: str
    wrap: Wrap

    @property
    def suite(self) -> str:
        """Return the suite of the check."""
        check = self.caught_by
        if "not declared" in check:
            return "coverage"
        if check in {sequence.name for sequence in list_sequences(self.api)}:
            return "sequence"
        if check.endswith("is kept"):
            return "log"
        if re.match("(GET|POST): ", check):
            return "bytes"
        if re.fullmatch(r"[A-Z]+ /\S+ is taken", check):
            return "example"
        return "fuzz" if " /create " in check else "vector"


def _get_for_head(scope: Scope, body: bytes) -> bytes:
    if scope["method"] == "HEAD":
        scope["method"] = "GET"
    return body


def _losing(app: App) -> App:
    said = {"statusCode": 200, "message": "Event created successfully"}
    text = json.dumps({**said, "id": "01890a5d-ac96-774b-bcce-b302099a8057"}).encode()

    async def broken(scope: Scope, receive: Any, send: Any) -> None:
        if scope["path"] != "/create" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        message = await receive()
        if b"Tally" in message.get("body", b""):
            headers = {b"content-type": b"application/json"}
            await respond((200, headers, text), send, scope)
            return

        async def replay() -> Any:
            return message

        await app(scope, replay, send)

    return broken


def _twice(app: App) -> App:
    async def broken(scope: Scope, receive: Any, send: Any) -> None:
        if scope["path"] != "/create" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        message = await receive()

        async def replay() -> Any:
            return message

        async def nowhere(_: Any) -> None: ...

        if not message.get("more_body"):
            await app(dict(scope), replay, nowhere)
        await app(scope, replay, send)

    return broken


def _first_error_only(_: Scope, status: int, headers: dict[bytes, bytes], body: bytes) -> Answer:
    if status == 400 and b'"errors"' in body:
        value = json.loads(body)
        value["errors"] = value["errors"][:1]
        body = json.dumps(value).encode()
    return status, headers, body


def _deduplicated(query: bytes) -> bytes:
    last = {part.partition(b"=")[0]: part for part in query.split(b"&")}
    return b"&".join(last.values())


def _number_for_id(_: Scope, status: int, headers: dict[bytes, bytes], body: bytes) -> Answer:
    return status, headers, re.sub(rb'"id": ?"[0-9a-f-]{36}"', b'"id":7', body)


def _html(_: Scope, status: int, headers: dict[bytes, bytes], body: bytes) -> Answer:
    changed = {b"content-type": b"text/html"} if status == 400 else {}
    return status, {**headers, **changed}, body


def _answered(method: str, path: str, answer: bytes, status: int = 200) -> Wrap:
    """Return a wrapper to answer some calls without having made them."""

    def wrap(app: App) -> App:
        async def broken(scope: Scope, receive: Any, send: Any) -> None:
            if scope["method"] == method and re.search(path, scope["path"]):
                headers = {b"content-type": b"application/json"}
                id_ = scope["path"].rpartition("/")[2].encode()
                await respond((status, headers, answer.replace(b"ID", id_)), send, scope)
                return
            await app(scope, receive, send)

        return broken

    return wrap


def _other_body_at(path: str, old: bytes, new: bytes) -> Wrap:
    """Return a wrapper to change the bodies of some calls."""

    def change(scope: Scope, body: bytes) -> bytes:
        return re.sub(old, new, body) if re.search(path, scope["path"]) else body

    return asking(change)


def _aws(body: bytes) -> bytes:
    return re.sub(rb'"hs": ?"(?:aws|ALI|IBM)"', b'"hs":"AWS"', body)


_OF_EVENT_STORE = [
    (
        "one wrong error code",
        "A client name of eleven letters is too long, by GET",
        replaced(b"C003", b"C002"),
    ),
    (
        "a message in other words",
        "A client name of eleven letters is too long, by GET",
        replaced(b"is too long (more than 10 characters)", b"is too long"),
    ),
    (
        "one member is missing",
        "The shell's POST creates an event",
        without_member("statusCode", 200),
    ),
    ("the id is a number", "The shell's POST creates an event", answering(_number_for_id)),
    (
        "answers may be kept by caches",
        "The shell's POST creates an event",
        without_header(b"cache-control"),
    ),
    (
        "200 for a bad key",
        "With a wrong key all is forbidden, by POST",
        with_key(b"x-api-key", b"XXX1XX12XxxxXXxxXXx0xXxx"),
    ),
    ("no `Allow` beside 405", "PUT is not allowed", without_header(b"allow")),
    (
        "HEAD has the effect of GET",
        "HEAD is refused because GET has an effect",
        asking(_get_for_head),
    ),
    (
        "a slash at the end is overlooked",
        "A trailing slash is not found",
        other_path(lambda path: path.rstrip(b"/") or b"/"),
    ),
    (
        "spaces are trimmed",
        "Spaces around a client name are not trimmed, by GET",
        other_query(lambda query: query.replace(b"%20EDF%20", b"EDF")),
    ),
    (
        "a newline at the end is overlooked",
        "A trailing newline in a client name is illegal, by GET",
        other_query(lambda query: query.replace(b"%0A&", b"&")),
    ),
    (
        "small letters are taken for large ones",
        "A hyperscaler in small letters is illegal, by POST",
        other_body(_aws),
    ),
    (
        "only the first of several errors is told",
        "Missing and illegal parameters are reported together, by POST",
        answering(_first_error_only),
    ),
    ("500 on bad UTF-8", "POST: UTF-8 cut off in a string", failing_on(rb'\xc3"|\xff|%FF|%C3&')),
    ("500 on deep nesting", "POST: 1,001 arrays deep", failing_on(rb"\[{500}")),
    ("of two equal query keys the last wins", "GET: a key given twice", other_query(_deduplicated)),
    (
        "NaN is taken for a number",
        "POST: NaN in a field",
        other_body(lambda body: body.replace(b"NaN", b"1")),
    ),
    ("what is too large is malformed", "POST: 2 MB with their length", other_status(413, 400)),
    ("an event is lost", "what POST /create accepts is kept", _losing),
    ("an event is kept twice", "what POST /create accepts is kept", _twice),
    (
        "a status that the contract does not declare",
        "POST /create 422 is not declared",
        other_status(400, 422),
    ),
    (
        "the contract's own example is refused",
        "POST /create is taken",
        other_body(lambda body: b"{}" if b"MyApp" in body else body),
    ),
    (
        "errors come as HTML",
        "POST /create content_type_conformance, Undocumented Content-Type",
        answering(_html),
    ),
    (
        "500 on one rare letter",
        "GET /create not_a_server_error, Server error",
        failing_on(rb"[\xc4-\xf4]|%[C-F][0-9A-F]"),
    ),
]
_OF_OTHERS = [
    (
        "an event without contracts is like one with",
        "eventhos",
        "An event with no contract is received and says so",
        replaced(b"200310", b"200000"),
    ),
    (
        "a token of nobody is a missing client",
        "eventhos",
        "Creating a client needs a good token",
        replaced(b"401202", b"400004"),
    ),
    (
        "an identifier in any letter case",
        "eventhos",
        "An event-identifier has its letter case",
        other_query(lambda query: query.replace(b"NEW-BOMB-K736K3HIW7", b"new-bomb-k736k3hiW7")),
    ),
    (
        "no challenge beside 401",
        "keyastrom",
        "Listing events needs a token, under /api/v2",
        without_header(b"www-authenticate"),
    ),
    (
        "a missing scope is a missing token",
        "keyastrom",
        "Listing events needs the scope, under /api/v2",
        other_status(403, 401),
    ),
    (
        "a report without its correlation",
        "keyastrom",
        "Example 1 as curl sends it marks two hosts for termination",
        replaced(b"correlationId", b"correlation"),
    ),
    (
        "a teapot is a bad request",
        "charon",
        "A cron that is not active is a teapot",
        other_status(418, 400),
    ),
    ("an execution is created", "charon", "A cron starts", other_status(200, 201)),
    (
        "NaN is taken for a number in a message",
        "charon",
        "POST: NaN in a field",
        other_body(lambda body: body.replace(b"NaN", b"1")),
    ),
    (
        "another code for a taken name",
        "eventgrid",
        "A channel's name is not taken twice",
        replaced(b"EG.00513001", b"EG.00513003"),
    ),
    (
        "an event's data is changed on its way",
        "eventgrid",
        "what POST /v1/{project_id}/channels/{channel_id}/events accepts is kept",
        other_body(lambda body: body.replace(b"Tally", b"Other")),
    ),
    (
        "a change is answered and not kept",
        "charon",
        "A cron that was made is shown, changed and deleted",
        _answered("PATCH", "/crons/", b'{"name":"Changed","grace":90,"maxRuntime":120}'),
    ),
    (
        "a deletion is answered and not made",
        "charon",
        "A cron that was made is shown, changed and deleted",
        _answered("DELETE", "/crons/", b"", 204),
    ),
    (
        "success is always true",
        "charon",
        "An execution shows what was said of it",
        _other_body_at("/end$", rb'"success": ?false', b'"success":true'),
    ),
    (
        "a message's text is lost",
        "charon",
        "An execution shows what was said of it",
        _other_body_at("/message$", rb'"message": ?"64[^"]*"', b'"message":"lost"'),
    ),
    (
        "a pause is answered and not kept",
        "charon",
        "A paused cron does not start",
        _answered("PATCH", "/crons/", b'{"active":false,"state":"paused","due":null}'),
    ),
    (
        "a system's change is not kept",
        "eventhos",
        "A system that was made is shown, changed and deleted",
        _answered(
            "PUT", "/system/", b'{"code":200001,"message":"success","content":{"systemId":ID}}', 201
        ),
    ),
    (
        "a revoked client may send",
        "eventhos",
        "An event is sent by its own client until the client is revoked",
        _answered(
            "PUT",
            "/revoke$",
            b'{"code":200001,"message":"success","content":{"clientId":"x"}}',
            201,
        ),
    ),
    (
        "a deleted source stays",
        "eventgrid",
        "A source that was made is shown, changed and deleted",
        _answered("DELETE", "/sources/", b"", 204),
    ),
    (
        "a closed problem stays open",
        "keyastrom",
        "A problem keeps its comments until it is closed",
        _answered("POST", "/close$", b'{"problemId":"ID","closing":true,"closeTimestamp":1}'),
    ),
]

BREAKAGES = [Breakage(name, "event_store", check, wrap) for name, check, wrap in _OF_EVENT_STORE]
BREAKAGES += [Breakage(*each) for each in _OF_OTHERS]
