"""Answers that a contract declares: filled with a resource, or with an example, or made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.declared_members import declared_members
from tallystick.apis.generic.item_place import (
    WHOLE,
    ItemClues,
    Place,
    find_item,
    shape_at,
    wrap,
)
from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.listing import (
    ListedArray,
    ended,
    envelope,
    find_array,
    header_counts,
    headers_need_count,
    needs_count,
    told_deletion,
    told_flags,
)
from tallystick.apis.generic.page_links import HEADER, PageLinks
from tallystick.apis.generic.resource_store import Item, ItemPage
from tallystick.contract.answer import Answer
from tallystick.contract.declared_responses import (
    DeclaredResponse,
    DeclaredResponses,
    OperationKey,
)
from tallystick.contract.media_types import find_json, is_json, preferred_type
from tallystick.contract.schema import Schema
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import SchemaValues

NO_CONTENT = Answer(b"", 204)
_NO_CLUES = ItemClues(frozenset())


class _Success(NamedTuple):
    """One successful answer of an operation, looked up once."""

    response: DeclaredResponse
    media_type: str
    """The first JSON of its media types, or else the first of all; empty without a body."""
    schema: Mapping[str, Any] | None
    """That of its JSON; None without one."""
    judge: Schema | None
    location: str | None
    """How the contract spells the header ``Location``; None where it declares none."""
    shape: SchemaShape
    """That of its JSON."""
    item: Place
    """Where its JSON has a resource, if it has one."""
    array: ListedArray | None
    """Its resources, if it has several."""
    hidden: frozenset[str]
    """The members of a resource in other JSON of the contract, and not in its own."""
    hidden_in_array: frozenset[str]


class DeclaredAnswers:
    """Makes the successful answers of one contract's operations."""

    def __init__(
        self,
        declared: DeclaredResponses,
        values: SchemaValues,
        content: Mapping[str, Any],
        clues: Mapping[str, ItemClues],
    ) -> None:
        """`clues` tell of the resource that an operation works on, by operationId."""
        self._declared = declared
        self._values = values
        self._content = content
        self._clues = clues
        self._successes: dict[tuple[str, int | None], _Success | None] = {}

    def with_item(
        self, operation: OperationKey, item: Item, status: int | None = None, location: str = ""
    ) -> Answer:
        """Return the operation's success with a resource in it, as far as it shows one."""
        success = self._success(operation, status)
        if success is None or success.schema is None or success.judge is None:
            return _at(success, self._made(operation, success), location)
        body = item
        if not success.hidden.isdisjoint(item):
            body = _without(item, success.hidden)
            if not body:
                return _at(success, self._made(operation, success), location)
        if operation.method == "DELETE":
            body = {**body, **told_deletion(shape_at(success.shape, success.item))}
        if success.item:
            body = {**told_flags(success.shape), **wrap(body, success.item)}
        if not success.judge.is_valid(body):
            body = self._values.fit_value(success.schema, body, operation.id)
        return _at(success, _answer(success, body), location)

    def with_items(self, operation: OperationKey, page: ItemPage, query: ListQuery) -> Answer:
        """Return the operation's success with a page of resources."""
        success = self._success(operation, None)
        if success is None or success.schema is None:
            return self._made(operation, success)
        of_item = success.array.schema if success.array else {}
        place = success.array.item if success.array else WHOLE
        judge = self._values.validator(of_item)
        hidden = success.hidden_in_array
        wrapped = [wrap(_without(item, hidden), place) for item in page.items]
        items = [
            each if judge.is_valid(each) else self._values.fit_value(of_item, each, operation.id)
            for each in wrapped
        ]
        known = envelope(success.shape, success.array, items, page, query)
        if not isinstance(known, list):
            known = self._values.fit_value(success.schema, known, operation.id)
        answer = _answer(success, known)
        known_headers = success.response.known_headers
        told = header_counts(known_headers.values(), page, query)
        if HEADER in known_headers:
            told[known_headers[HEADER]] = PageLinks(page, query).header()
        return answer._replace(headers={**answer.headers, **told})

    def needs_count(self, operation: OperationKey, query: ListQuery) -> bool:
        """Return whether the items of a list are to be counted for the operation's success."""
        success = self._success(operation, None)
        if success is None or success.schema is None:
            return False
        if headers_need_count(success.response.known_headers, query):
            return True
        return needs_count(success.shape, success.array, query)

    def made(self, operation: OperationKey, seed: str = "", accept: str = "") -> Answer:
        """Return the operation's success by its example, or else made from its schema.

        It is in the media type that the caller's ``Accept`` likes best, if it says so.
        """
        success = self._success(operation, None)
        if success is not None and accept:
            success = self._as_accepted(success, accept)
        return self._made(operation, success, seed)

    def has_example(self, operation: OperationKey) -> bool:
        """Return whether the operation's success has an example of its own."""
        success = self._success(operation, None)
        return success is not None and bool(_examples(success))

    def has_status(self, operation: OperationKey, status: int) -> bool:
        """Return whether the contract declares a status, by itself, its range or by default."""
        return self._declared.find_response(operation, status) is not None

    def declares(self, operation: OperationKey, status: int) -> bool:
        """Return whether the contract declares just that status."""
        return status in self._declared.responses(operation)

    def header_name(self, operation: OperationKey, status: int, name: str) -> str | None:
        """Return how the contract spells a header of an answer; None where it declares none."""
        response = self._declared.find_response(operation, status)
        return response.known_headers.get(name.lower()) if response else None

    def _success(self, operation: OperationKey, status: int | None) -> _Success | None:
        key = (operation.id, status)
        if key not in self._successes:
            self._successes[key] = self._find_success(operation, status)
        return self._successes[key]

    def _find_success(self, operation: OperationKey, status: int | None) -> _Success | None:
        exact = self._declared.responses(operation)
        wanted = exact.get(status) if status is not None else None
        response = wanted or self._declared.success_response(operation)
        if response is None:
            return None
        json_type = find_json(response.schemas)
        shape = SchemaShape(response.schemas[json_type] if json_type else {}, self._content)
        clues = self._clues.get(operation.id, _NO_CLUES)
        item, array = find_item(shape, clues), find_array(shape, clues)
        return _Success(
            response,
            json_type or response.media_type,
            response.schemas[json_type] if json_type else None,
            response.validators[json_type] if json_type else None,
            response.known_headers.get("location"),
            shape,
            item,
            array,
            self._hidden(response.schemas[json_type] if json_type else {}, item, clues),
            self._hidden(array.schema, array.item, clues) if array else frozenset(),
        )

    def _hidden(self, schema: Any, place: Place, clues: ItemClues) -> frozenset[str]:
        """Return a resource's declared members without those of a schema at its place."""
        shown = declared_members(schema, place, self._content)
        return frozenset() if shown.takes_all else clues.declared - shown.names

    def _as_accepted(self, success: _Success, accept: str) -> _Success:
        """Return the answer in another of its media types; as it is where none of them is taken."""
        response = success.response
        others = (
            each
            for each in response.schemas
            if each != success.media_type and self._can_be_written(response, each)
        )
        chosen = preferred_type([success.media_type, *others], accept)
        if chosen is None or chosen == success.media_type:
            return success
        is_judged = is_json(chosen)
        return success._replace(
            media_type=chosen,
            schema=response.schemas[chosen] if is_judged else None,
            judge=response.validators[chosen] if is_judged else None,
        )

    def _can_be_written(self, response: DeclaredResponse, media_type: str) -> bool:
        """Return whether there is a text in a media type: a value is written as JSON alone."""
        if is_json(media_type) or response.examples_by_type.get(media_type):
            return True
        return SchemaShape(response.schemas[media_type], self._content).type == "string"

    def _made(self, operation: OperationKey, success: _Success | None, seed: str = "") -> Answer:
        if success is None:
            return NO_CONTENT
        response = success.response
        answer = _answer(success, self._made_body(operation, success, seed))
        headers = {**self._made_headers(response), **answer.headers}
        return answer._replace(headers=headers)

    def _made_headers(self, response: DeclaredResponse) -> Mapping[str, str]:
        location = response.known_headers.get("location")
        if location is None or location in response.shown_headers or response.status // 100 != 3:
            return response.shown_headers
        # A redirection without its address leads nowhere.
        return {**response.shown_headers, location: "/"}

    def _made_body(self, operation: OperationKey, success: _Success, seed: str) -> Any:
        if not success.media_type:
            return b""
        examples = _examples(success)
        if examples and _keeps(success, examples[0]):
            return examples[0]
        schema = success.response.schemas[success.media_type]
        value = self._values.make_value(schema, f"{operation.id} {seed}")
        if operation.method == "GET" and success.array:
            value = ended(success.shape, value)
        if operation.method == "DELETE" and isinstance(value, dict):
            value |= told_deletion(success.shape)
        # Better the document's own word than a made one, where neither keeps its schema.
        is_better = _keeps(success, value) or not examples
        return value if is_better else examples[0]


def _examples(success: _Success) -> list[Any]:
    """The examples of an answer, those first that keep its schema."""
    examples = success.response.examples_by_type.get(success.media_type, {})
    return sorted(examples.values(), key=lambda each: not _keeps(success, each))


def _without(item: Item, hidden: frozenset[str]) -> Item:
    """Return an item without the hidden members."""
    return {name: value for name, value in item.items() if name not in hidden}


def _keeps(success: _Success, value: Any) -> bool:
    return success.judge is None or success.judge.is_valid(value)


def _at(success: _Success | None, answer: Answer, location: str) -> Answer:
    """The answer with the address of what was created, where the contract declares one."""
    if not location or success is None or success.location is None:
        return answer
    return answer._replace(headers={**answer.headers, success.location: location})


def _answer(success: _Success, body: Any) -> Answer:
    response, media_type = success.response, success.media_type
    headers = dict(response.headers)
    if not media_type:
        return Answer(b"", response.status, headers)
    if success.schema is None and "*" not in media_type:
        body = body.encode() if isinstance(body, str) else str(body).encode()
    headers["Content-Type"] = _concrete(media_type)
    return Answer(body, response.status, headers)


def _concrete(media_type: str) -> str:
    """A media type that an answer can name: a range stands for JSON."""
    return "application/json" if "*" in media_type else media_type
