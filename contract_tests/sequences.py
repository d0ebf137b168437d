"""Sequences of calls of the files of ``apis/``, whose later answers must fit the earlier ones.

A call's ``gives`` names a member of its answer, which later calls have as ``@NAME@``.
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
from .json_text import loads, member
from .matching import differences
from .servers import Server
from .vectors import VectorRequest, read_request
from .wire import Unanswered, WireReply

_NAME = re.compile(r"@([A-Z_0-9]+)@")
_OF_LISTS = ("contains", "bounds")
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
    values: dict[str, Any] = {"NEW": uuid4().hex}
    # All before the first is sent: what can't be finished must not be begun.
    ready = [_prepared(sequence, call, server) for call in (*sequence.calls, *sequence.after)]
    count = len(sequence.calls)
    run = SequenceRun()
    try:
        for call, request in zip(sequence.calls, ready[:count], strict=True):
            own = server.world.known(sequence.api).in_place_of(call)
            _send(own, filled_request(request, values), values, server, run)
            if run.objections:
                break
    finally:
        _clear(ready[count:], values, server)
    return run


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
    run.sent.append(request)
    run.reply = None
    try:
        run.reply = server.client.send(request)
    except (Unanswered, OSError) as silence:
        run.objections.append(f"no answer came: {silence}")
        return
    run.objections += _objections(call, run.reply, values)
    if not run.objections and (gives := call.get("gives")):
        values |= {name: member(loads(run.reply.body), path) for name, path in gives.items()}


def _objections(
    call: Mapping[str, Any], reply: WireReply, values: Mapping[str, Any]
) -> Iterator[str]:
    statuses = call["status"] if isinstance(call["status"], list) else [call["status"]]
    if reply.status not in statuses:
        yield f"status is {reply.status}, not {' or '.join(map(str, statuses))}"
        return
    rules = {"body", "gives", "differs", *_OF_LISTS} & set(call)
    if not rules:
        return
    try:
        answer = loads(reply.body)
    except ValueError:
        yield f"the body is not JSON: {reply.body[:200]!r}"
        return
    if "body" in call:
        yield from differences(filled_value(call["body"], values), answer, exact=False)
    yield from _of_members(call, answer, values)


def _of_members(call: Mapping[str, Any], answer: Any, values: Mapping[str, Any]) -> Iterator[str]:
    paths = [*call.get("gives", {}).values(), *call.get("differs", {})]
    paths += [call[rule]["in"] for rule in _OF_LISTS if rule in call]
    missing = [path for path in paths if not _has(answer, path)]
    if missing:
        yield from (f"body.{path} is missing" for path in missing)
        return
    for rule in (call[each] for each in _OF_LISTS if each in call):
        if not isinstance(member(answer, rule["in"]), list):
            yield f"{_place(rule)} is not a list"
            return
    for path, name in call.get("differs", {}).items():
        if member(answer, path) == values[name]:
            yield f"body.{path} is {values[name]!r}, which another call was given already"
    if "contains" in call:
        yield from _of_list(call["contains"], answer, values)
    if "bounds" in call:
        yield from _of_elements(call["bounds"], answer)


def _of_list(rule: Mapping[str, Any], answer: Any, values: Mapping[str, Any]) -> Iterator[str]:
    """Object to an element that is there too often, or is missing.

    A list with `below` elements or more may go on, so that nothing is missing in it.
    """
    elements = member(answer, rule["in"])
    wanted, times = filled_value(rule["element"], values), rule.get("times", 1)
    found = [each for each in elements if not list(differences(wanted, each, exact=False))]
    goes_on = len(elements) >= rule.get("below", len(elements) + 1)
    if len(found) > times or (len(found) < times and not goes_on):
        yield f"{_place(rule)} has {len(found)} elements like {wanted!r}, not {times}"


def _of_elements(rule: Mapping[str, Any], answer: Any) -> Iterator[str]:
    """Object to more elements than the `most`, and to one without the members of all `elements`."""
    elements = member(answer, rule["in"])
    if len(elements) > rule.get("most", len(elements)):
        yield f"{_place(rule)} has {len(elements)} elements, more than {rule['most']}"
    for number, each in enumerate(elements):
        for difference in differences(rule.get("elements", {}), each, exact=False):
            yield f"{_place(rule)}[{number}]: {difference}"
            return


def _place(rule: Mapping[str, Any]) -> str:
    return f"body.{rule['in']}" if rule["in"] else "body"


def _has(answer: Any, path: str) -> bool:
    try:
        member(answer, path)
    except (LookupError, TypeError):
        return False
    return True


def _clear(requests: Sequence[VectorRequest], values: Mapping[str, Any], server: Server) -> None:
    for request in requests:
        if set(_names(request)) <= set(values):
            with suppress(Unanswered, OSError):
                server.client.send(filled_request(request, values))


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
    return _NAME.sub(lambda name: str(values[name[1]]), text)
