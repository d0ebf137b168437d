"""What the bodies and answers of a contract's operations have, by their schemas."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.contract.document import Document
from tallystick.contract.media_types import is_json
from tallystick.contract.schema_shape import SchemaShape

Keywords = Mapping[str, Any]
"""A schema without references and parts; `nullable` tells whether it takes null."""


class ShownItem(NamedTuple):
    """What the JSON of an answer, or of a request, has of an item."""

    around: str
    """The member of the JSON that has it; empty if it is the whole."""
    members: dict[str, Keywords]
    required: frozenset[str]

    def place(self, name: str) -> str:
        """Return the path of a member in the JSON."""
        return f"{self.around}.{name}" if self.around else name

    def wrap(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return some members of the item as the JSON has them."""
        return {self.around: body} if self.around else body

    def has(self, name: str, body: Mapping[str, Any]) -> bool:
        """Return whether a body has one member of its item."""
        return name in self._of(body)

    def without(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body that has one member of its item without it."""
        kept = {each: value for each, value in self._of(body).items() if each != name}
        return {**body, self.around: kept} if self.around else kept

    def joined(self, body: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body with these members of its item."""
        return {**body, **self.wrap({**self._of(body), **members})}

    def _of(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        inner = body.get(self.around) if self.around else body
        return inner if isinstance(inner, Mapping) else {}


class ResourceSchemas:
    """Reads the schemas of one contract."""

    def __init__(self, document: Document) -> None:
        """Read the schemas of this document."""
        self._document = document
        self._members: dict[int, tuple[Any, dict[str, Keywords]]] = {}

    def keywords(self, schema: Any) -> Keywords:
        """Return the keywords of a schema, with its one type beside null."""
        shape = SchemaShape(schema, self._document.content)
        kinds = [each for each in shape.types if each != "null"]
        kind = {"type": kinds[0]} if len(kinds) == 1 else {}
        return {**shape.keywords, **kind, "nullable": shape.is_nullable or self._has_null(schema)}

    def members(self, schema: Any) -> dict[str, Keywords]:
        """Return the keywords of each member of a schema's objects."""
        if id(schema) not in self._members:
            shape = SchemaShape(schema, self._document.content)
            found = {name: self.keywords(part) for name, part in shape.properties.items()}
            self._members[id(schema)] = schema, found  # which keeps it, and so its id
        return self._members[id(schema)][1]

    def sent_media(self, operation: Mapping[str, Any]) -> str | None:
        """Return the type of the JSON that an operation takes, if it takes any."""
        return _json_of(self._body(operation))

    def _sent_schema(self, operation: Mapping[str, Any]) -> Any:
        """Return the schema of the JSON that an operation takes."""
        media = self.sent_media(operation)
        return self._body(operation)[media].get("schema", {}) if media else {}

    def sent_members(self, operation: Mapping[str, Any]) -> dict[str, Keywords]:
        """Return the members of the JSON that an operation takes, but for those only shown."""
        members = self.members(self._sent_schema(operation))
        return {name: each for name, each in members.items() if not each.get("readOnly")}

    def shown_alone(self, operation: Mapping[str, Any]) -> set[str]:
        """Return the members of an operation's JSON that belong to the server (``readOnly``)."""
        members = self.members(self._sent_schema(operation))
        return {name for name, each in members.items() if each.get("readOnly")}

    def required_members(self, operation: Mapping[str, Any]) -> frozenset[str]:
        """Return the members that the JSON of an operation must have."""
        return self._required(self._sent_schema(operation)) - self.shown_alone(operation)

    def list_answers(self, operation: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the status and the schema of each success with JSON."""
        for status, response in operation["responses"].items():
            content = self._document.resolve(response).get("content", {})
            media = _json_of(content)
            if status[0] == "2" and media:
                yield status, content[media].get("schema", {})

    def answer_schema(self, operation: Mapping[str, Any]) -> Any:
        """Return the schema of the first success with JSON."""
        return next((schema for _, schema in self.list_answers(operation)), {})

    def sent_item(self, operation: Mapping[str, Any], ids: Collection[str]) -> ShownItem:
        """Return what the JSON of an operation has of an item, as `shown_item` does."""
        return self.shown_item(self._sent_schema(operation), ids)

    def shown_item(self, schema: Any, ids: Collection[str]) -> ShownItem:
        """Return what an answer shows of an item, which has its id by one of some names.

        The item may stand in the one member of the answer with such an id, such as `data`.
        """
        members = self.members(schema)
        if not set(ids) & set(members):
            parts = {
                name: each for name, each in members.items() if set(ids) & set(self.members(each))
            }
            if len(parts) == 1:
                [(name, part)] = parts.items()
                return self._item_in(name, part)
        return self._item_in("", schema)

    def _item_in(self, around: str, schema: Any) -> ShownItem:
        """Return the members of an item, without those that are only sent (``writeOnly``)."""
        members = self.members(schema)
        shown = {name: each for name, each in members.items() if not each.get("writeOnly")}
        hidden = members.keys() - shown.keys()
        return ShownItem(around, shown, self._required(schema) - hidden)

    def _required(self, schema: Any) -> frozenset[str]:
        return SchemaShape(schema, self._document.content).required

    def answer_headers(self, operation: Mapping[str, Any]) -> set[str]:
        """Return the names of the headers of all successes."""
        done = (each for status, each in operation["responses"].items() if status[0] == "2")
        return {name for each in done for name in self._document.resolve(each).get("headers", {})}

    def _body(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        body = self._document.resolve(operation.get("requestBody", {}))
        content: Mapping[str, Any] = body.get("content", {})
        return content

    def _has_null(self, schema: Any) -> bool:
        """Return whether null is one of a schema's alternatives."""
        found = self._document.resolve(schema) if isinstance(schema, Mapping) else {}
        parts = [*found.get("anyOf", ()), *found.get("oneOf", ())]
        return any(isinstance(each, Mapping) and each.get("type") == "null" for each in parts)


def _json_of(content: Mapping[str, Any]) -> str | None:
    return next((each for each in content if is_json(each)), None)
