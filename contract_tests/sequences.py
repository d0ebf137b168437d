"""Sequences of calls of the files of ``apis/``, whose later answers must fit the earlier ones.

A call's ``gives`` names a member of its answer, which later calls have as ``@NAME@``. Calls with a
name that a refusal ``loses`` are left out, and so are those whose first name of ``unless_same`` has
the value of another: each parent may count the ids of its own children.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from .api_facts import read_facts
from .equal_forms import with_equal_forms
from .json_text import loads, member
from .list_pages import follow_pages
from .list_rules import contains, keeps_bounds, place
from .locations import is_elsewhere
from .matching import differences
from .servers import Server
from .vectors import VectorRequest, read_request
from .versions import Versions
from .wire import Unanswered, WireReply

_NEW = "NEW"
UNIQUE = "UNIQUE"
"""The name of a value that no other call has."""

_NAME = re.compile(r"@([A-Z_0-9]+)@")
_OF_LISTS = ("contains", "bounds", "pages")
_WHOLE_TEXT = re.compile(rf'"{_NAME.pattern}"')


@dataclass(frozen=True, slots=True)
class CallSequence:
    """Calls in their order, and those that remove again what they made."""

    api: str
    name: str
    calls: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]
    credential: str | None

    @property
    def requests(self) -> list[VectorRequest]:
        """Return the requests as they stand in the file."""
        return [read_request(call["request"]) for call in self.calls]


@dataclass(slots=True)
class SequenceRun:
    """One run of a sequence at a server, up to its first objection."""

    objections: list[str] = field(default_factory=list)
    sent: list[VectorRequest] = field(default_factory=list)
    reply: WireReply | None = None
    refused: set[str] = field(default_factory=set)
    """The names of what the server refused to make, as it may."""
    lost: set[str] = field(default_factory=set)
    """The names of what is no more to be judged."""
    versions: Versions = field(default_factory=Versions)


class _NewValues(dict[str, Any]):
    """Values of a run by name; one of `NEW_…` is as new as `NEW`, and another one."""

    def __missing__(self, name: str) -> Any:
        if not name.startswith(_NEW):
            raise KeyError(name)
        return self.setdefault(name, uuid4().hex)


def list_sequences(api: str) -> list[CallSequence]:
    """Return an API's sequences."""
    return [
        CallSequence(
            api, each["name"], each["calls"], each.get("after", ()), each.get("credential")
        )
        for each in read_facts(api).sequences
    ]


def run_sequence(sequence: CallSequence, server: Server) -> SequenceRun:
    """Send the calls, and then remove what they made.

    Raises `NotKnown` or `NoCredential` if the server's own id or credential was not given.
    """
    values: dict[str, Any] = _NewValues(NEW=uuid4().hex, ONCE=str(uuid4()))
    # All before the first is sent: what can't be finished must not be begun.
    ready = [_prepared(sequence, call, server) for call in (*sequence.calls, *sequence.after)]
    count = len(sequence.calls)
    run = SequenceRun()
    try:
        for call, request in zip(sequence.calls, ready[:count], strict=True):
            if run.lost & _find_names(call):
                continue
            if run.refused and not _list_gaps(call) <= set(values):
                continue  # it is about what was refused
            if _is_ambiguous(call, values):
                continue
            own = server.world.known(sequence.api).in_place_of(call)
            _send(own, filled_request(request, values), values, server, run)
            if run.objections:
                break
    finally:
        _clear(ready[count:], values, server, run)
    return run


def _is_ambiguous(call: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Return whether the first name of ``unless_same`` has the value of another one of them."""
    found = [values[name] for name in call.get("unless_same", ()) if name in values]
    return found[:1] != [] and found[0] in found[1:]


def _prepared(sequence: CallSequence, call: Mapping[str, Any], server: Server) -> VectorRequest:
    known = server.world.known(sequence.api)
    request = known.request(read_request(call["request"]))
    name = call.get("credential", sequence.credential)
    if name is None:
        return request
    return server.world.credential(sequence.api, name).applied(request)


def _send(
    call: Mapping[str, Any],
    request: VectorRequest,
    values: dict[str, Any],
    server: Server,
    run: SequenceRun,
) -> None:
    run.reply = None
    try:
        run.reply = _exchange(request, server, run)
    except (Unanswered, OSError) as silence:
        run.objections.append(f"no answer came: {silence}")
        return
    if run.reply.status in call.get("refused", ()):
        run.refused |= set(call.get("gives", ()))
        run.lost |= set(call.get("loses", ()))
        return
    run.objections += _objections(call, run.reply, values)
    if not run.objections and (gives := call.get("gives")):
        values |= {name: member(loads(run.reply.body), path) for name, path in gives.items()}
    if not run.objections and "pages" in call:
        made = {
            kind: [values[name] for name in call["pages"][kind] if name in set(values) - run.lost]
            for kind in ("expected", "others")
        }
        made["others"] = [each for each in made["others"] if each not in made["expected"]]
        run.objections += _of_pages({**call["pages"], **made}, request, server, run)


def _exchange(request: VectorRequest, server: Server, run: SequenceRun) -> WireReply:
    """Send a request with the newest version of its path, if it tells one; return the answer."""
    run.sent.append(run.versions.apply(request))
    reply = server.client.send(run.sent[-1])
    run.versions.note(request, reply)
    return reply


def _of_pages(
    rule: Mapping[str, Any], request: VectorRequest, server: Server, run: SequenceRun
) -> list[str]:
    """Return the objections to the pages of a list, whose first answer is the run's last."""

    def ask(target: str) -> WireReply:
        run.sent.append(replace(request, target=target))
        run.reply = server.client.send(run.sent[-1])
        return run.reply

    assert run.reply
    try:
        return list(follow_pages(rule, request.target, run.reply, ask))
    except (Unanswered, OSError) as silence:
        return [f"no answer came: {silence}"]


def _objections(
    call: Mapping[str, Any], reply: WireReply, values: Mapping[str, Any]
) -> Iterator[str]:
    statuses = call["status"] if isinstance(call["status"], list) else [call["status"]]
    if reply.status not in statuses:
        yield f"status is {reply.status}, not {' or '.join(map(str, statuses))}"
        return
    call = {**call, **_shown_by(call, reply.status)}
    rules = {"body", "empty", "gives", "differs", "same", *_OF_LISTS} & set(call)
    if not rules:
        return
    try:
        answer = loads(reply.body)
    except ValueError:
        yield f"the body is not JSON: {reply.body[:200]!r}"
        return
    if "body" in call:
        yield from differences(_expected(call, values), answer, exact=False)
    for path in call.get("empty", ()):
        if _has(answer, path) and member(answer, path) is not None:
            yield f"body.{path} is {member(answer, path)!r}, and neither null nor missing"
    yield from _of_members(call, reply, answer, values)


def _expected(call: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Return the members that an answer must have, in any of their forms if the call says so."""
    expected = filled_value(call["body"], values)
    return with_equal_forms(expected) if call.get("forms") else expected


def _shown_by(call: Mapping[str, Any], status: int) -> dict[str, Any]:
    """Return the members that an answer of a status must have, of those told by status."""
    bodies = call.get("bodies", {})
    body = bodies.get(str(status), bodies.get(f"{status // 100}XX"))
    return {} if body is None else {"body": body}


def _of_members(
    call: Mapping[str, Any], reply: WireReply, answer: Any, values: Mapping[str, Any]
) -> Iterator[str]:
    paths = [*call.get("gives", {}).values(), *call.get("differs", {}), *call.get("same", {})]
    paths += [call[rule]["in"] for rule in _OF_LISTS if rule in call]
    missing = [path for path in paths if not _has(answer, path)]
    if missing:
        yield from (f"body.{path} is missing" for path in missing)
        return
    for rule in (call[each] for each in _OF_LISTS if each in call):
        if not isinstance(member(answer, rule["in"]), list):
            yield f"{place(rule)} is not a list"
            return
    for path, name in call.get("differs", {}).items():
        if member(answer, path) == values[name]:
            yield f"body.{path} is {values[name]!r}, which another call was given already"
    for path, name in call.get("same", {}).items():
        if member(answer, path) != values[name]:
            yield f"body.{path} is {member(answer, path)!r}, and was {values[name]!r}"
    for path in call.get("gives", {}).values() if call.get("located") else ():
        yield from is_elsewhere(reply, member(answer, path))
    if "contains" in call:
        yield from contains(filled_value(call["contains"], values), answer)
    if "bounds" in call:
        yield from keeps_bounds(filled_value(call["bounds"], values), answer)


def _has(answer: Any, path: str) -> bool:
    try:
        member(answer, path)
    except (LookupError, TypeError):
        return False
    return True


def _list_gaps(call: Mapping[str, Any]) -> set[str]:
    """Return the names that a call needs, but for those of values made up for it."""
    return {each for each in _find_names(call) if each != UNIQUE and not each.startswith(_NEW)}


def _find_names(call: Mapping[str, Any]) -> set[str]:
    return set(_NAME.findall(json.dumps(call, default=str)))


def _clear(
    requests: Sequence[VectorRequest], values: Mapping[str, Any], server: Server, run: SequenceRun
) -> None:
    """Send the requests that remove something, and leave the run's last one the last."""
    hidden = SequenceRun(versions=run.versions)
    for request in requests:
        if set(_names(request)) <= set(values):
            with suppress(Unanswered, OSError):
                _exchange(filled_request(request, values), server, hidden)


def _names(request: VectorRequest) -> list[str]:
    return _NAME.findall(request.target + (request.body or b"").decode())


def filled_request(request: VectorRequest, values: Mapping[str, Any]) -> VectorRequest:
    """Return the request with a value for each ``@NAME@``."""
    target = _NAME.sub(lambda name: quote(str(values[name[1]]), safe=""), request.target)
    headers = tuple((name, _filled_text(value, values)) for name, value in request.headers)
    body = request.body and _filled_json(request.body.decode(), values).encode()
    return replace(request, target=target, headers=headers, body=body)


def filled_value(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a JSON value with a value for each ``@NAME@``."""
    return json.loads(_filled_json(json.dumps(value, ensure_ascii=False), values))


def _filled_json(text: str, values: Mapping[str, Any]) -> str:
    whole = _WHOLE_TEXT.sub(lambda name: json.dumps(values[name[1]], ensure_ascii=False), text)
    return _NAME.sub(lambda name: json.dumps(str(values[name[1]]))[1:-1], whole)


def _filled_text(text: str, values: Mapping[str, Any]) -> str:
    return _NAME.sub(lambda name: str(uuid4() if name[1] == UNIQUE else values[name[1]]), text)
