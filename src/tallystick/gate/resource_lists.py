"""The list of a resource: what a sequence asks of it, by the contract alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from tallystick.contract.document import Document
from tallystick.contract.page_names import AROUND, CURSORS, MORE, NEXT_CURSORS, plain_name
from tallystick.gate.resource_schemas import Keywords, ResourceSchemas

_LIMITS = frozenset("limit maxresults pagelimit pagesize perpage size top".split())
"""Names of parameters with the most items of an answer, without their signs and case."""

_OFFSETS = frozenset("offset pageoffset skip".split())
_NUMBERS = frozenset("page pagenumber".split())
"""Names of parameters with the place of a page: how many items come before it, or its number."""

_PAGES = _LIMITS | _OFFSETS | _NUMBERS | CURSORS | frozenset("before next start token".split())
"""Names of parameters by which an answer has a part of all items."""

_NEXT = NEXT_CURSORS | frozenset("nexthref nextlink nextoffset nextpage nexturl".split())
"""Names of members that lead to the next page."""

_MORE = MORE | {"more"}
"""Names of members that tell whether there is a next page."""

_TOTALS = frozenset("total totalcount totalelements totalitems totalrecords totalresults".split())
"""Names of members with the number of all items."""

_AROUND = AROUND | {"links", "responsemetadata"}
"""Names of members that have those within."""

_ASKED = 100
_NEW_LENGTH = 32
_VALUES = 2


class ListCall(NamedTuple):
    """A query of a list, and what a sequence's call must find by it."""

    query: str
    rules: dict[str, Any]


class ResourceList:
    """The answer of a GET at the path where items are made: an array, or an object with one."""

    def __init__(
        self, document: Document, path: str, schemas: ResourceSchemas, id_name: str
    ) -> None:
        """`path` is that of the list; `id_name` is the member of an item with its id."""
        self._schemas = schemas
        self._id = id_name
        item = document.content["paths"][path]
        given = [*item.get("parameters", ()), *item["get"].get("parameters", ())]
        resolved = [document.resolve(each) for each in given]
        self._parameters = {each["name"]: each for each in resolved if each["in"] == "query"}
        self._answer = schemas.answer_schema(item["get"])
        self._has_links = any(
            name.lower() == "link" for name in schemas.answer_headers(item["get"])
        )
        self._where, self._items = self._find_items()

    @property
    def can_be_judged(self) -> bool:
        """Return whether it can be asked for without more, and shows the ids of its items."""
        asked = (self._keywords(name) for name in self._always)
        has_choice = any(len(each.get("enum", "  ")) != 1 and "const" not in each for each in asked)
        return self._id in self._items and not has_choice

    @property
    def _always(self) -> list[str]:
        """Return the names of the fields that each query has, such as the version of an API."""
        return [name for name, each in self._parameters.items() if each.get("required")]

    def find(self, name: str, times: int, body: Mapping[str, Any] | None = None) -> ListCall:
        """Return the call that finds an item so many times, by the name of its id.

        Members of the body that items of the list have too are shown there.
        """
        contained = self._contained(name, times)
        return ListCall(self._query(), {"contains": {**contained, "shown": body or {}}})

    def has(self, name: str, schema: Keywords) -> bool:
        """Return whether the items show a member of a name and type."""
        shown = self._items.get(name, {})
        return "type" in shown and shown["type"] == schema.get("type")

    def lacks(self, values: Mapping[str, Any]) -> ListCall:
        """Return the call that finds no item of some values."""
        return ListCall(
            self._query(), {"contains": {"in": self._where, "element": values, "times": 0}}
        )

    def limited(self) -> Iterator[ListCall]:
        """Yield the call that asks for the least number of items."""
        if self._limit:
            rule = {"in": self._where, "most": self._least}
            yield ListCall(f"?{quote(self._limit)}={self._least}", {"bounds": rule})

    def joined(self, name: str, known: Mapping[str, Any]) -> Iterator[ListCall]:
        """Yield the search by all that can be known of an item, which must all be so."""
        found = {each: known[each] for each in self._parameters if self._can_be_found(each, known)}
        if len(found) > 1:
            query = self._query(**{each: _text_of(value) for each, value in found.items()})
            rules = {"bounds": {"in": self._where, "like": found}}
            yield ListCall(query, {**rules, "contains": self._contained(name, 1)})

    def filtered(self, name: str, known: Mapping[str, Any]) -> Iterator[ListCall]:
        """Yield calls by values of members that items show as well.

        `known` is what the item with an id of this name has: each search for its own values finds
        it. Of a choice, other values are searched for too.
        """
        for parameter in self._parameters:
            shown = self._items.get(parameter)
            asked = self._keywords(parameter)
            if shown is None or plain_name(parameter) in _PAGES or parameter in self._always:
                continue
            if self._can_be_found(parameter, known):
                yield self._search(parameter, known[parameter], "like", name)
                yield from self._first_found(parameter, known[parameter])
                is_free = asked["type"] == "string" and "format" not in asked
                if is_free and asked.get("maxLength", _NEW_LENGTH) >= _NEW_LENGTH:
                    yield self._search(parameter, "@NEW@", "like")  # which nothing has
            texts = [each for each in asked.get("enum", ()) if isinstance(each, str)]
            if set(texts) <= set(map(str, shown.get("enum", ()))):
                own = known.get(parameter)
                for text in (each for each in texts[:_VALUES] if each != own):
                    yield self._search(parameter, text, "elements")
                if own in texts:
                    yield self._search(parameter, own, "elements", name)

    def gone(self, name: str, known: Mapping[str, Any]) -> Iterator[ListCall]:
        """Yield the searches that do not find an item by what it had."""
        for parameter in self._parameters:
            if self._can_be_found(parameter, known):
                yield ListCall(
                    self._query(**{parameter: _text_of(known[parameter])}),
                    {"contains": self._contained(name, 0)},
                )

    def _can_be_found(self, parameter: str, known: Mapping[str, Any]) -> bool:
        """Return whether items can be searched for by what one of them has."""
        shown, asked = self._items.get(parameter), self._keywords(parameter)
        if shown is None or plain_name(parameter) in _PAGES or parameter in self._always:
            return False
        is_known = known.get(parameter) not in (None, "") and _can_be_searched(asked, shown)
        # E-mails are often kept in small letters, and not always looked for so.
        return is_known and (asked.get("format") != "email" or known[parameter].islower())

    def _first_found(self, parameter: str, value: Any) -> Iterator[ListCall]:
        """Yield the search for the fewest of the items that have a value, where there is one.

        A page of a list by a cursor may be empty, and others follow.
        """
        if self._limit and self._named(_OFFSETS | _NUMBERS) and not self._named(CURSORS):
            query = self._query(**{parameter: _text_of(value), self._limit: str(self._least)})
            yield ListCall(query, {"bounds": {"in": self._where, "fewest": 1}})

    def paged(self, names: Sequence[str], others: Sequence[str]) -> Iterator[ListCall]:
        """Yield the call that is followed through its pages, where the contract tells how.

        They have the items with ids of `names`, and none of `others`.
        """
        way = self._way()
        if way is not None:
            found = self._list_members()
            totals = [path for path, each in found if plain_name(each) in _TOTALS]
            limit = {"limit": self._limit, "least": self._least} if self._limit else {}
            rule = {"in": self._where, "id": self._id, "expected": names, "members": {}, "more": []}
            rule |= {"others": others, "always": self._always, "totals": totals}
            yield ListCall(self._query(), {"pages": {**rule, **limit, **way}})

    def _query(self, **fields: str) -> str:
        """Return the query for as many items as there may be, unless a field says how many."""
        limit = {self._limit: str(self._most)} if self._limit else {}
        # What a sequence fills in stands between two signs.
        pairs = [
            f"{quote(name)}={quote(text, safe='@')}" for name, text in {**limit, **fields}.items()
        ]
        return f"?{'&'.join(pairs)}" if pairs else ""

    def _contained(self, name: str, times: int) -> dict[str, Any]:
        rule = {"in": self._where, "element": {self._id: f"@{name}@"}, "times": times}
        if self._limit:
            return {**rule, "below": self._most}
        is_part = any(plain_name(each) in _PAGES for each in self._parameters)
        return {**rule, "below": 0} if is_part else rule

    def _search(self, parameter: str, value: Any, kind: str, name: str | None = None) -> ListCall:
        rules = {"bounds": {"in": self._where, kind: {parameter: value}}}
        found = {"contains": self._contained(name, 1)} if name else {}
        return ListCall(self._query(**{parameter: _text_of(value)}), {**rules, **found})

    def _way(self) -> dict[str, Any] | None:
        """Return how the next page is asked for, as a rule of pages has it; None if untold."""
        found = list(self._list_members())
        members = {
            path: self._parameter_of(name) for path, name in found if plain_name(name) in _NEXT
        }
        more = [path for path, name in found if plain_name(name) in _MORE]
        if members or self._has_links:
            return {"members": members, "more": more}
        if offset := self._named(_OFFSETS):
            return {"offset": offset} if self._limit else None
        number = self._named(_NUMBERS)
        asked = self._keywords(number) if number else {}
        first = asked.get("default", asked.get("minimum"))
        return {"number": number, "first": first} if self._limit and first in (0, 1) else None

    def _list_members(self) -> Iterator[tuple[str, str]]:
        """Yield the place of each member of an answer that may tell of pages, with its name."""
        for name, schema in self._schemas.members(self._answer).items():
            yield from self._places(name, schema, name)
            if plain_name(name) in _AROUND:
                for inner, part in self._schemas.members(schema).items():
                    yield from self._places(inner, part, f"{name}.{inner}")

    def _places(self, name: str, schema: Keywords, path: str) -> Iterator[tuple[str, str]]:
        yield (f"{path}.href" if "href" in self._schemas.members(schema) else path), name

    def _parameter_of(self, name: str) -> str | None:
        """Return the parameter that takes the value of a member that leads on."""
        own = plain_name(name)
        names = {own, own.removeprefix("next")}
        kinds = (frozenset(names), CURSORS, _NUMBERS, _OFFSETS)
        return next(filter(None, map(self._named, kinds)), None)

    def _named(self, names: frozenset[str]) -> str | None:
        return next((each for each in self._parameters if plain_name(each) in names), None)

    @property
    def _limit(self) -> str | None:
        name = self._named(_LIMITS)
        return name if name and self._keywords(name).get("type") == "integer" else None

    @property
    def _least(self) -> int:
        assert self._limit
        return max(1, int(self._keywords(self._limit).get("minimum", 1)))

    @property
    def _most(self) -> int:
        assert self._limit
        return int(self._keywords(self._limit).get("maximum", _ASKED))

    def _find_items(self) -> tuple[str, dict[str, Keywords]]:
        """Return the path of the array, and the members of its items."""
        whole = self._schemas.keywords(self._answer)
        if "items" in whole:
            return "", self._schemas.members(whole["items"])
        members = self._schemas.members(self._answer).items()
        arrays = {name: each["items"] for name, each in members if "items" in each}
        if len(arrays) != 1:
            return "", {}
        [(name, items)] = arrays.items()
        return name, self._schemas.members(items)

    def _keywords(self, name: str) -> Keywords:
        return self._schemas.keywords(self._parameters[name].get("schema", {}))


def _text_of(value: Any) -> str:
    """Return the text of a value in a query."""
    return value if isinstance(value, str) else json.dumps(value)


def _can_be_searched(asked: Keywords, shown: Keywords) -> bool:
    """Return whether a value that is shown can be searched for as it is."""
    kind = asked.get("type")
    is_plain = not {"enum", "const", "pattern"} & set(asked)
    is_plain = is_plain and (kind != "string" or asked.get("format", "email") == "email")
    is_number = kind in ("integer", "number") and "enum" not in asked
    is_known = is_number or kind == "boolean" or (kind == "string" and is_plain)
    return bool(is_known and kind == shown.get("type"))
