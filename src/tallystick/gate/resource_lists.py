"""The list of a resource: what a sequence asks of it, by the contract alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from tallystick.contract.document import Document

_LIMITS = frozenset("limit maxresults pagesize perpage size top".split())
"""Names of parameters with the most items of an answer, without their signs and case."""

_PAGES = _LIMITS | frozenset("after before cursor marker next offset page skip start token".split())
"""Names of parameters by which an answer has a part of all items."""

_ASKED = 100
_VALUES = 2


class ListCall(NamedTuple):
    """A query of a list, and what a sequence's call must find by it."""

    query: str
    rules: dict[str, Any]


class ResourceList:
    """The answer of a GET at the path where items are made: an array, or an object with one."""

    def __init__(
        self, document: Document, path: str, schema: Mapping[str, Any], id_name: str
    ) -> None:
        """`schema` is that of the answer; `id_name` is the member of an item with its id."""
        self._document = document
        self._id = id_name
        item = document.content["paths"][path]
        given = [*item.get("parameters", ()), *item["get"].get("parameters", ())]
        resolved = [document.resolve(each) for each in given]
        self._parameters = {each["name"]: each for each in resolved if each["in"] == "query"}
        self._where, self._items = self._find_items(schema)

    @property
    def can_be_judged(self) -> bool:
        """Return whether it can be asked for without more, and shows the ids of its items."""
        is_asked = any(each.get("required") for each in self._parameters.values())
        return self._id in self._items and not is_asked

    def find(self, name: str, times: int) -> ListCall:
        """Return the call that finds an item so many times, by the name of its id."""
        element = {self._id: f"@{name}@"}
        rule = {"in": self._where, "element": element, "times": times}
        query = f"?{quote(self._limit)}={self._most}" if self._limit else ""
        if self._limit:
            rule["below"] = self._most
        elif any(_plain(each) in _PAGES for each in self._parameters):
            rule["below"] = 0
        return ListCall(query, {"contains": rule})

    def limited(self) -> Iterator[ListCall]:
        """Yield the call that asks for the least number of items."""
        if self._limit:
            least = max(1, self._schema(self._limit).get("minimum", 1))
            rule = {"in": self._where, "most": least}
            yield ListCall(f"?{quote(self._limit)}={least}", {"bounds": rule})

    def filtered(self) -> Iterator[ListCall]:
        """Yield calls by some values of each choice that items show as well."""
        for name in self._parameters:
            shown = self._items.get(name)
            texts = [each for each in self._schema(name).get("enum", ()) if isinstance(each, str)]
            if shown and set(texts) <= set(map(str, shown.get("enum", ()))):
                for text in texts[:_VALUES]:
                    rule = {"in": self._where, "elements": {name: text}}
                    yield ListCall(f"?{quote(name)}={quote(text, safe='')}", {"bounds": rule})

    @property
    def _limit(self) -> str | None:
        names = (name for name in self._parameters if _plain(name) in _LIMITS)
        return next((name for name in names if self._schema(name).get("type") == "integer"), None)

    @property
    def _most(self) -> int:
        assert self._limit
        return int(self._schema(self._limit).get("maximum", _ASKED))

    def _find_items(self, schema: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the path of the array, and the members of its items."""
        if "items" in schema:
            return "", self._members(schema["items"])
        arrays = {
            name: each["items"] for name, each in self._members(schema).items() if "items" in each
        }
        if len(arrays) != 1:
            return "", {}
        [(name, items)] = arrays.items()
        return name, self._members(items)

    def _members(self, schema: Any) -> dict[str, Any]:
        found = self._resolved(schema)
        members = dict(found.get("properties", {}))
        for part in found.get("allOf", ()):
            members |= self._members(part)
        return {name: self._resolved(each) for name, each in members.items()}

    def _schema(self, name: str) -> Mapping[str, Any]:
        return self._resolved(self._parameters[name].get("schema", {}))

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        found = self._document.resolve(schema) if isinstance(schema, dict) else {}
        return found if isinstance(found, dict) else {}


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
