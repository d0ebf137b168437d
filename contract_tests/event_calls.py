"""The calls that store an event, as described in the files of ``apis/``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from . import contract
from .api_facts import read_facts
from .credentials import NoCredential
from .id_mapping import NotKnown
from .json_text import loads, member
from .servers import Server
from .vectors import VectorRequest, read_request
from .versions import Versions
from .wire import Unanswered

_MARK = "MARK"
_UNIQUE = "@UNIQUE@"
"""A value that no other call has."""


class NotPrepared(Exception):
    """A call to prepare the event had an unusable answer; the message names it."""


UNPREPARED = (NotPrepared, NotKnown, NoCredential)
"""The exceptions of `prepared` for a lack on the server."""


@dataclass(frozen=True, slots=True)
class EventCall:
    """A call that stores an event, with the calls to prepare it."""

    api: str
    credential: str | None
    """The name of its credential; None for an open operation."""
    request: VectorRequest
    facts: Mapping[str, Any]
    """The call's members in the file."""

    @property
    def operation(self) -> contract.DeclaredOperation:
        """Return the operation."""
        found = contract.operation(self.request.method, self.request.target.partition("?")[0])
        if found is None:
            raise LookupError(
                f"{self.api}: no operation is {self.request.method} {self.request.target}"
            )
        return found

    @property
    def label(self) -> str:
        """Return the method and path of the contract."""
        return f"{self.operation.method} {self.operation.path}"

    @property
    def credential_header(self) -> str | None:
        """Return the header for the credential; None for an open operation."""
        return read_facts(self.api).credentials.get(self.credential or "", {}).get("header")

    def marked(self, mark: str) -> VectorRequest:
        """Return the request with a text to find its event by."""
        return filled(self.request, {_MARK: mark})

    def authorized(self, server: Server, mark: str) -> VectorRequest:
        """Return the marked request with its credential; raise `NoCredential` without one."""
        return _authorized(self.marked(mark), self.api, self.credential, server)


def list_event_calls(api: str) -> list[EventCall]:
    """Return an API's calls with the dev world's requests, and gaps for prepared values."""
    return [
        EventCall(api, facts.get("credential"), read_request(facts["request"]), facts)
        for facts in read_facts(api).events
    ]


def list_judged_calls(api: str) -> list[EventCall]:
    """Return an API's calls whose rules and access are judged, those that store an event first."""
    further = [
        EventCall(api, facts.get("credential"), read_request(facts["request"]), facts)
        for facts in read_facts(api).further
    ]
    return [*list_event_calls(api), *further]


@contextmanager
def prepared(call: EventCall, server: Server) -> Iterator[EventCall]:
    """Yield the call prepared for a server, and remove the prepared resources afterwards.

    Raise one of `UNPREPARED` where the server lacks something.
    """
    values, versions = {"NEW": uuid4().hex}, Versions()
    request = server.world.known(call.api).request(call.request)
    for step in call.facts.get("before", ()):
        values |= _given(call, step, values, server, versions)
    try:
        yield replace(call, request=versions.apply(filled(request, values)))
    finally:
        for step in reversed(call.facts.get("after", ())):
            with suppress(Unanswered, OSError):
                removal = _step(call, step, values, server)
                versions.note(removal, server.client.send(versions.apply(removal)))


def filled(request: VectorRequest, values: Mapping[str, str]) -> VectorRequest:
    """Return the request with a value for each ``@NAME@`` in its target and body."""
    target, body = request.target, request.body
    for name, value in values.items():
        target = target.replace(f"@{name}@", quote(value, safe=""))
        body = body and body.replace(f"@{name}@".encode(), value.encode())
    return replace(request, target=target, body=body)


def unique_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return headers with a value of its own for each that no other call may have."""
    return tuple((name, value.replace(_UNIQUE, str(uuid4()))) for name, value in headers)


def newest_events(server: Server, api: str) -> bytes | None:
    """Return an API's newest events as JSON, if the server shows them."""
    for shower in contract.apis():
        if log := read_facts(shower).log:
            request = filled(read_request(log["request"]), {"API": api})
            reply = server.client.send(_authorized(request, shower, log["credential"], server))
            return reply.body if reply.status == 200 else None
    return None


def _given(
    call: EventCall,
    step: Mapping[str, Any],
    values: Mapping[str, str],
    server: Server,
    versions: Versions,
) -> dict[str, str]:
    request = _step(call, step, values, server)
    try:
        reply = server.client.send(request)
    except (Unanswered, OSError) as reason:
        raise NotPrepared(f"{request.method} {request.target} was not answered") from reason
    versions.note(request, reply)
    try:
        answer = loads(reply.body)
        return {name: str(member(answer, path)) for name, path in step.get("gives", {}).items()}
    except (ValueError, LookupError) as error:
        raise NotPrepared(f"{request.method} {request.target} answers {reply.status}") from error


def _step(
    call: EventCall, step: Mapping[str, Any], values: Mapping[str, str], server: Server
) -> VectorRequest:
    request = server.world.known(call.api).request(read_request(step["request"]))
    credential = step.get("credential", call.credential)
    return _authorized(filled(request, values), call.api, credential, server)


def _authorized(
    request: VectorRequest, api: str, credential: str | None, server: Server
) -> VectorRequest:
    request = replace(request, headers=unique_headers(request.headers))
    if credential is None:
        return request
    return server.world.credential(api, credential).applied(request)
