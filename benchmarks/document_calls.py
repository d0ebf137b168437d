"""One valid request of each operation of a document, and what its answers are worth."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from tallystick.apis.generic.operations import ContractOperation, list_operations
from tallystick.apis.generic.resource_type import ResourceVerb
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.document import Document
from tallystick.contract.path_template import template_names
from tallystick.contract.sample_request import SampleRequest, SampleRequests
from tallystick.mock.reply_violations import reply_violations
from tallystick.mock.upstream import UpstreamReply

Send = Callable[[SampleRequest], Awaitable[UpstreamReply]]

_ORDER = {
    ResourceVerb.CREATE: 0,
    ResourceVerb.REPLACE: 1,
    ResourceVerb.LIST: 2,
    ResourceVerb.READ: 2,
    ResourceVerb.UPDATE: 2,
    ResourceVerb.ACT: 2,
    None: 2,
    ResourceVerb.DELETE: 3,
}
"""What is called first: items are made before they are read, and deleted last."""


@dataclass(slots=True)
class CallResults:
    """What came of the calls of one document."""

    valid: int = 0
    """Answers that keep the document."""
    successes: int = 0
    """Those of them with a status below 400."""
    slowest_s: float = 0.0
    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


class DocumentCalls:
    """Calls each operation of a document once."""

    def __init__(self, document: Document, send: Send) -> None:
        self._send = send
        self._requests = SampleRequests(document)
        self._responses = DeclaredResponses({**document.content, "x-codes": {}})
        self.operations = list_operations(document)
        self.results = CallResults()
        self._known: dict[str, Any] = {}

    async def call_all(self) -> CallResults:
        """Call every operation, and return the results."""
        for operation in sorted(self.operations, key=_order):
            await self._call(operation)
        return self.results

    async def _call(self, operation: ContractOperation) -> None:
        values = {
            name: self._known[prefix]
            for name, prefix in _prefixes(operation.path)
            if prefix in self._known
        }
        request = self._requests.make_request(operation.id, values)
        began = perf_counter()
        reply = await self._send(request)
        results = self.results
        results.slowest_s = max(results.slowest_s, perf_counter() - began)
        broken = [*reply_violations(self._responses, operation, reply)]
        results.valid += not broken
        results.successes += not broken and reply.status < 400
        if broken or reply.status >= 400:
            self._tell(f"{operation.method} {operation.path} {reply.status}", broken, reply)
        if reply.status < 300:
            self._learn(operation, reply)

    def _tell(self, call: str, broken: Sequence[Mapping[str, Any]], reply: UpstreamReply) -> None:
        said = [f"{each['name']} {each['message']}"[:200] for each in broken[:3]]
        text = reply.body[:300].decode("utf-8", "replace")
        known = self.results.failures if broken else self.results.refusals
        known.append(f"{call}: {'; '.join(said)} | {text}")

    def _learn(self, operation: ContractOperation, reply: UpstreamReply) -> None:
        """Keep the id of an item that was made, for the calls on it."""
        resource = operation.resource
        if resource is None or resource.verb is not ResourceVerb.CREATE:
            return
        kind = resource.type
        try:
            body = json.loads(reply.body)
        except ValueError:
            return
        id_ = _find_member(body, kind.id_place[-1]) if kind.id_place else None
        if id_ is not None:
            self._known[f"{kind.collection}/{{{kind.parameter}}}"] = id_


def _find_member(body: Any, name: str) -> Any:
    """The member of an item, or of one that it is wrapped in."""
    if not isinstance(body, dict):
        return None
    if isinstance(body.get(name), str | int):
        return body[name]
    wrapped = (each for each in body.values() if isinstance(each, dict) and name in each)
    return next((each[name] for each in wrapped), None)


def _prefixes(path: str) -> Iterator[tuple[str, str]]:
    """The names of a path's templates, each with the path up to it."""
    for name in template_names(path):
        template = f"{{{name}}}"
        yield name, path[: path.index(template)] + template


def _order(operation: ContractOperation) -> tuple[int, int]:
    rank = _ORDER[operation.resource.verb if operation.resource else None]
    depth = operation.path.count("/")
    return rank, -depth if rank == max(_ORDER.values()) else depth
