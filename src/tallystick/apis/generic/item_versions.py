"""The version of an item, which an answer tells (``ETag``) and a change asks for (``If-Match``)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from tallystick.apis.generic.answers import DeclaredAnswers
from tallystick.apis.generic.operations import ContractCall, ContractOperation
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.answer import Answer
from tallystick.contract.entity_tags import is_known
from tallystick.contract.exceptions import Problem
from tallystick.contract.json_text import write_json

_ANY = "*"
_TOLD = "ETag"


class OtherVersion(Problem):
    """The resource has another version than that of the call."""

    status = 412


class NoVersion(Problem):
    """Tell by If-Match which version of the resource the call is about."""

    status = 428


class ItemVersions:
    """The versions of the resources of one contract."""

    def __init__(self, answers: DeclaredAnswers, operations: Iterable[ContractOperation]) -> None:
        self._answers = answers
        asking = (each for each in operations if each.resource and each.takes_version)
        self._headers: dict[tuple[str, int], str | None] = {}
        self._collections = {each.resource.type.collection for each in asking if each.resource}

    def refuse_other(self, call: ContractCall, item: Item | None) -> None:
        """Raise `OtherVersion` for a call about another version than the item's.

        Raise `NoVersion` for one that tells none, where the contract has an answer for that.
        """
        if not call.operation.takes_version:
            return
        told = call.request.header(b"if-match")
        if told is None:
            if item is not None and self._answers.declares(call.operation, NoVersion.status):
                raise NoVersion
            return
        if item is None or _versions(told).isdisjoint({_ANY, version_of(item)}):
            raise OtherVersion

    def tell(self, call: ContractCall, answer: Answer, item: Item) -> Answer:
        """Return an answer with the version of its item, where the contract has versions.

        A reader who has that version gets a 304.
        """
        key = (call.operation.id, answer.status)
        if key not in self._headers:
            self._headers[key] = self._header(call.operation, answer.status)
        name = self._headers[key]
        if name is None:
            return answer
        version = version_of(item)
        known = call.request.header(b"if-none-match")
        is_read = call.operation.method == "GET"
        if known and is_read and is_known(known.encode(), version.encode()):
            return Answer(b"", 304, {name: version})
        return answer._replace(headers={**answer.headers, name: version})

    def _header(self, operation: ContractOperation, status: int) -> str | None:
        """Return the header with the version, in an answer of the operation; None without one."""
        if operation.resource is None or operation.method == "DELETE":
            return None
        is_asked = operation.resource.type.collection in self._collections
        return self._answers.header_name(operation, status, _TOLD) or (_TOLD if is_asked else None)


def version_of(item: Item) -> str:
    """Return the entity tag of an item: another one for each other content."""
    return f'"{sha256(write_json(item)).hexdigest()[:32]}"'


def _versions(told: str) -> set[str]:
    return {each.strip() for each in told.split(",")}
