"""Finds the operations that answer a list in pages, each with the cursor of the next one.

A link of OpenAPI from the success of an operation to itself says it: the query parameter that gets
the cursor from the answer, and those that are sent as before. Without such a link the names of a
parameter and of a member of the answer say it: `cursor` and `nextCursor`, `page_token` and
`next_page_token`, `nextPageKey` and `nextPageKey`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from tallystick.clients.member_names import MemberNames
from tallystick.clients.plain_text import fold_name, split_words
from tallystick.contract.document import Document

Node = Mapping[str, Any]

_OF_BODY = "$response.body#/"
_AS_BEFORE = re.compile(r"^\$request\.(?:query|path|header)\.")
_IN = re.compile(r"^(?:query|path|header)\.")

_CURSOR_WORDS = frozenset(("continuation", "cursor", "next"))
"""A member may have the name of its parameter if one of its words is such a word."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How the items of all pages of a list are read."""

    parameter: str
    """The query parameter with the cursor."""
    cursor: str
    """The member of an answer with the next page's cursor: null, empty or absent on the last."""
    items: str
    """The member of an answer with its items."""
    item: str
    """The name of the schema of an item."""
    repeated: frozenset[str]
    """The other query parameters that are sent beside a cursor, as for the first page."""


def find_pages(contract: Document) -> dict[str, Pages]:
    """Return how pages are read by each operation that answers in pages, by its operationId.

    Left out is an operation whose helper would have the name of another operation.
    """
    operations = {each["operationId"]: (method, each) for _, method, each in contract.operations()}
    taken = set(map(fold_name, operations))
    return {
        id_: found
        for id_, (method, operation) in operations.items()
        if method == "get" and "x-effect" not in operation and fold_name(f"{id_}All") not in taken
        if (found := _Reader(contract, operation).read_pages())
    }


def mark_pages(operation: dict[str, Any], pages: Pages, contract: Document) -> None:
    """Tell the templates how pages are read, in ``x-`` keys of an operation and its parameters.

    The parameters stand in the operation then, as one of several operations may have no pages.
    """
    parameters = [dict(contract.resolve(each)) for each in operation["parameters"]]
    for parameter in parameters:
        parameter["x-is-cursor"] = parameter["name"] == pages.parameter
        parameter["x-is-repeated"] = parameter["name"] in pages.repeated
    operation["parameters"] = parameters
    operation["x-pages"] = {"item": pages.item, "items": pages.items, "cursor": pages.cursor}


def write_members(content: Node, names: MemberNames) -> None:
    """Write the members of pages as a language does."""
    for item in content["paths"].values():
        if pages := item.get("get", {}).get("x-pages"):
            pages |= {key: names[pages[key]] for key in ("items", "cursor")}


def list_links(answers: Iterable[Node]) -> dict[str, Node]:
    """Return the links of some answers, without those of another form than OpenAPI's."""
    found = [each for answer in answers for each in answer.get("links", {}).items()]
    return {name: link for name, link in found if _is_link(link)}


def _is_link(link: object) -> bool:
    return isinstance(link, Mapping) and isinstance(link.get("parameters", {}), Mapping)


_Found = tuple[str, str, frozenset[str]]
"""The parameter with the cursor, the member with the next one, and the parameters repeated."""


class _Reader:
    """Reads one operation."""

    def __init__(self, contract: Document, operation: Node) -> None:
        self._contract = contract
        self._id = operation.get("x-operation-id", operation["operationId"])
        parameters = [contract.resolve(each) for each in operation.get("parameters", ())]
        self._query = {each["name"]: each for each in parameters if each["in"] == "query"}
        self._answer = self._only_success(operation["responses"])
        media = self._answer.get("content", {}).get("application/json", {})
        self._members: Node = contract.resolve(media.get("schema", {})).get("properties", {})

    def read_pages(self) -> Pages | None:
        """Return how pages are read; None for an operation without."""
        lists = [(name, item) for name in self._members if (item := self._item(name))]
        found = next(chain(self._linked(), self._named()), None)
        if found is None or len(lists) != 1:
            return None
        [(items, item)] = lists
        return Pages(found[0], found[1], items, item, found[2])

    def _only_success(self, responses: Node) -> Node:
        """Return the answer of a success, if there is one alone."""
        found = [answer for status, answer in responses.items() if str(status) < "300"]
        return self._contract.resolve(found[0]) if len(found) == 1 else {}

    def _item(self, member: str) -> str:
        """Return the name of the objects in a list; of another member an empty text."""
        item = self._contract.resolve(self._members[member]).get("items", {})
        is_named = "$ref" in item and "properties" in self._contract.resolve(item)
        return item["$ref"].rpartition("/")[2] if is_named else ""

    def _linked(self) -> Iterator[_Found]:
        """Yield what each link from the answer to the operation itself says."""
        for link in self._answer.get("links", {}).values():
            given = link.get("parameters", {}).items()
            if link.get("operationId") == self._id and "requestBody" not in link:
                yield from self._link({_IN.sub("", str(name)): str(value) for name, value in given})

    def _link(self, given: Mapping[str, str]) -> Iterator[_Found]:
        cursors = {name: value for name, value in given.items() if value.startswith(_OF_BODY)}
        same = {name: value for name, value in given.items() if name not in cursors}
        if len(cursors) == 1 and all(_AS_BEFORE.sub("", same[name]) == name for name in same):
            [(parameter, value)] = cursors.items()
            yield from self._found(parameter, value.removeprefix(_OF_BODY), same)

    def _named(self) -> Iterator[_Found]:
        """Yield what the names of a parameter and a member say."""
        for prefix, words in (("next", None), ("", _CURSOR_WORDS)):
            for name, member in product(self._query, self._members):
                is_pair = fold_name(member) == prefix + fold_name(name)
                if is_pair and (words is None or words & _words(member)):
                    yield from self._found(name, member, self._query)

    def _found(self, parameter: str, member: str, repeated: Iterable[str]) -> Iterator[_Found]:
        """Yield how pages are read, if a cursor can be sent and answered so."""
        sent, answered = self._query.get(parameter, {}), self._members.get(member, {})
        if sent.get("required") or not all(map(self._is_text, (sent.get("schema", {}), answered))):
            return
        required = {name for name, each in self._query.items() if each.get("required")}
        others = self._query.keys() & (required | set(repeated)) - {parameter}
        yield parameter, member, frozenset(others)

    def _is_text(self, schema: Node) -> bool:
        known = self._contract.resolve(schema)
        is_plain = "enum" not in known and known.get("format") != "date-time"
        return known.get("type") == "string" and is_plain


def _words(name: str) -> set[str]:
    return set(map(str.lower, split_words(name)))
