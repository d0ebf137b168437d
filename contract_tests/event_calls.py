"""The calls that have an event accepted, as the files of ``apis/`` write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from .wire import Unanswered

_MARK = "MARK"


class NotPrepared(Exception):
    """A call that the event needs gave no answer to go on with; the message says which."""


UNPREPARED = (NotPrepared, NotKnown, NoCredential)
"""All that `prepared` raises where the server lacks something."""


@dataclass(frozen=True, slots=True)
class EventCall:
    """One call, and what must be there before it."""

    api: str
    credential: str | None
    """Its name; None where the operation is open."""
    request: VectorRequest
    facts: Mapping[str, Any]
    """As the file has it."""

    @property
    def operation(self) -> contract.DeclaredOperation:
        """The operation that is called."""
        found = contract.operation(self.request.method, self.request.target.partition("?")[0])
        if found is None:
            raise LookupError(
                f"{self.api}: no operation is {self.request.method} {self.request.target}"
            )
        return found

    @property
    def label(self) -> str:
        """Method and path, as the contract writes them."""
        return f"{self.operation.method} {self.operation.path}"

    @property
    def credential_header(self) -> str | None:
        """The header that the credential goes into; None where there is none."""
        return read_facts(self.api).credentials.get(self.credential or "", {}).get("header")

    def marked(self, mark: str) -> VectorRequest:
        """Return the request with a text by which its event is found again."""
        return filled(self.request, {_MARK: mark})

    def authorized(self, server: Server, mark: str) -> VectorRequest:
        """Return the marked request with its credential; raise `NoCredential` without one."""
        return _authorized(self.marked(mark), self.api, self.credential, server)


def list_event_calls(api: str) -> list[EventCall]:
    """Return an API's calls, whose requests are those of the dev world, with gaps."""
    return [
        EventCall(api, facts.get("credential"), read_request(facts["request"]), facts)
        for facts in read_facts(api).events
    ]


@contextmanager
def prepared(call: EventCall, server: Server) -> Iterator[EventCall]:
    """Yield the call ready for a server, and remove in the end what it needed.

    Raise one of `UNPREPARED` where the server lacks something.
    """
    values = {"NEW": uuid4().hex}
    request = server.world.known(call.api).request(call.request)
    for step in call.facts.get("before", ()):
        values |= _given(call, step, values, server)
    try:
        yield replace(call, request=filled(request, values))
    finally:
        for step in reversed(call.facts.get("after", ())):
            with suppress(Unanswered, OSError):
                server.client.send(_step(call, step, values, server))


def filled(request: VectorRequest, values: Mapping[str, str]) -> VectorRequest:
    """Return a request in whose target and body each ``@NAME@`` is its value."""
    target, body = request.target, request.body
    for name, value in values.items():
        target = target.replace(f"@{name}@", quote(value, safe=""))
        body = body and body.replace(f"@{name}@".encode(), value.encode())
    return replace(request, target=target, body=body)


def newest_events(server: Server, api: str) -> bytes | None:
    """Return the log's newest events of an API as its JSON; None where the server shows none."""
    for shower in contract.apis():
        if log := read_facts(shower).log:
            request = filled(read_request(log["request"]), {"API": api})
            reply = server.client.send(_authorized(request, shower, log["credential"], server))
            return reply.body if reply.status == 200 else None
    return None


def _given(
    call: EventCall, step: Mapping[str, Any], values: Mapping[str, str], server: Server
) -> dict[str, str]:
    request = _step(call, step, values, server)
    try:
        reply = server.client.send(request)
    except (Unanswered, OSError) as reason:
        raise NotPrepared(f"{request.method} {request.target} was not answered") from reason
    try:
        answer = loads(reply.body)
        return {name: str(member(answer, path)) for name, path in step["gives"].items()}
    except (ValueError, LookupError) as error:
        raise NotPrepared(f"{request.method} {request.target} answers {reply.status}") from error


def _step(
    call: EventCall, step: Mapping[str, Any], values: Mapping[str, str], server: Server
) -> VectorRequest:
    request = server.world.known(call.api).request(read_request(step["request"]))
    return _authorized(filled(request, values), call.api, call.credential, server)


def _authorized(
    request: VectorRequest, api: str, credential: str | None, server: Server
) -> VectorRequest:
    if credential is None:
        return request
    return server.world.credential(api, credential).applied(request)
