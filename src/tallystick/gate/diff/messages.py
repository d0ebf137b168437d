"""Compares all sent each way: parameters, bodies, answers, their headers and media types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.answer_statuses import (
    includes,
    is_of_range,
    list_covering,
    read_status,
)
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.merged_schema import Nodes
from tallystick.gate.diff.schema_differences import SchemaDifferences
from tallystick.gate.diff.unchanged_parts import UnchangedParts
from tallystick.gate.openapi_document import ComparedOperation, NotUnderstood, OpenApiDocument

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_TEXTS = ("text/", "application/x-www-form-urlencoded", "multipart/")
"""Media types in which a number looks like a text."""

_OPPOSITE = {Side.REQUEST: Side.ANSWER, Side.ANSWER: Side.REQUEST}

Pair = tuple[ComparedOperation, ComparedOperation]


class MessageDifferences:
    """Compares the messages of one operation after the other."""

    def __init__(
        self, old: OpenApiDocument, new: OpenApiDocument, unchanged: UnchangedParts
    ) -> None:
        self._old, self._new = old, new
        self._unchanged = unchanged
        self.schemas = {side: SchemaDifferences(old, new, side, unchanged) for side in Side}

    def find(self, old: ComparedOperation, new: ComparedOperation) -> Iterator[Difference]:
        """Yield the differences of two operations; raise `NotUnderstood`.

        The API calls a webhook: its users read the request and send the answer.
        """
        asked = Side.ANSWER if old.is_webhook else Side.REQUEST
        yield from self._find_parameters((old, new), asked)
        yield from self._find_bodies((old, new), asked)
        yield from self._find_responses((old, new), _OPPOSITE[asked])

    def _find_parameters(self, pair: Pair, side: Side) -> Iterator[Difference]:
        name = pair[0].name
        before = self._old.read_parameters(pair[0])
        after = self._new.read_parameters(pair[1])
        for key in _lone(before, after):
            where = f"{name} {_called(before[key])}"
            rule = "parameter-removed" if side is Side.REQUEST else "header-removed"
            if rule == "parameter-removed" and is_withdrawn(before[key]):
                rule = "deprecated-parameter-removed"
            yield Difference(rule, where, "it is no longer there", before[key], pair[1].node)
        for key in _lone(after, before):
            where = f"{name} {_called(after[key])}"
            if side is Side.REQUEST and _is_required(after[key]):
                says = "it is new, and required"
                yield Difference("parameter-became-required", where, says, pair[0].node, after[key])
            else:
                yield Difference("parameter-added", where, "it is new", None, after[key])
        for key in (key for key in before if key in after):
            if not self._unchanged.has(before[key], after[key]):
                where = f"{name} {_called(before[key])}"
                yield from self._find_parameter(where, before[key], after[key], side)

    def _find_parameter(self, where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
        if side is Side.ANSWER:
            yield from self._find_header(where, old, new, side)
            return
        if _is_required(new) and not _is_required(old):
            yield Difference("parameter-became-required", where, "it is required now", old, new)
        if old.value.get("allowEmptyValue") is True and not new.value.get("allowEmptyValue"):
            says = "it may be empty no longer"
            yield Difference("parameter-empty-refused", where, says, old, new)
        place = str(old.value.get("in"))
        for member, was, is_ in _changed_style(old, new, place):
            says = f"its {member} was {was} and is {is_}"
            yield Difference("parameter-style-changed", where, says, old, new)
        if new.value.get("deprecated") is True and not old.value.get("deprecated"):
            yield Difference("parameter-deprecated", where, "it is deprecated now", old, new)
        yield from self._find_default(where, old, new)
        yield from self._find_value(where, old, new, side)

    def _find_default(self, where: str, old: Node, new: Node) -> Iterator[Difference]:
        """Yield whether a call without a parameter means something else."""
        if _is_required(old) or _is_required(new):
            return
        was, is_ = (
            _default(document, node) for document, node in ((self._old, old), (self._new, new))
        )
        if was != is_:
            says = f"its default was {_said(was)} and is {_said(is_)}"
            yield Difference("parameter-default-changed", where, says, old, new)

    def _find_value(self, where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
        """Yield the differences of values in parameters and headers."""
        if "content" in old.value or "content" in new.value:
            if ("content" in old.value) != ("content" in new.value):
                rule = "parameter" if side is Side.REQUEST else "header"
                says = "a schema and a content change places"
                yield Difference(f"{rule}-style-changed", where, says, old, new)
                return
            yield from self._find_content(where, old, new, side)
            return
        schema = self._schema_of_one(old, new) or _schema(new)
        yield from self.schemas[side].find(where, _schema(old), schema, is_text=True)

    def _schema_of_one(self, old: Node, new: Node) -> Nodes:
        """Return the schema of the items where one value becomes a list of such values.

        In a query a list of one is written like its item.
        """
        if new.value.get("in") != "query" or _style(new) != "form" or not _schema(old):
            return ()
        was = self._old.follow(old.child("schema"))
        is_ = self._new.follow(new.child("schema")) if _schema(new) else new
        lists = [_may_be_list(each.value) for each in (was, is_)]
        return (is_.child("items"),) if lists == [False, True] and "items" in is_.value else ()

    def _find_bodies(self, pair: Pair, side: Side) -> Iterator[Difference]:
        old, new = (
            self._read_body(document, operation)
            for document, operation in zip((self._old, self._new), pair, strict=True)
        )
        where = f"{pair[0].name} body"
        if old is None and new is None:
            return
        if old is None or new is None:
            yield from self._find_body_alone(where, old, new, pair, side)
            return
        if side is Side.REQUEST and _is_required(new) and not _is_required(old):
            yield Difference("body-became-required", where, "it is required now", old, new)
        yield from self._find_content(where, old, new, side)

    def _find_body_alone(
        self, where: str, old: Node | None, new: Node | None, pair: Pair, side: Side
    ) -> Iterator[Difference]:
        if old is not None:
            says = "it is no longer there"
            yield Difference("body-removed", where, says, old, pair[1].node)
        elif new is not None and side is Side.REQUEST and _is_required(new):
            says = "it is new, and required"
            yield Difference("body-became-required", where, says, pair[0].node, new)
        else:
            yield Difference("body-added", where, "it is new", None, new)

    @staticmethod
    def _read_body(document: OpenApiDocument, operation: ComparedOperation) -> Node | None:
        if operation.node.value.get("requestBody") is None:
            return None
        return _mapping(document, operation.node.child("requestBody"))

    def _find_responses(self, pair: Pair, side: Side) -> Iterator[Difference]:
        name = pair[0].name
        before, after = (
            {read_status(name): _mapping(document, node) for name, node in found.items()}
            for document, found in (
                (self._old, self._old.read_responses(pair[0])),
                (self._new, self._new.read_responses(pair[1])),
            )
        )
        for old, new in list_covering(before, after):
            where = f"{name} {old}"
            yield from self._find_headers(where, before[old], after[new], side)
            yield from self._find_content(where, before[old], after[new], side)
        if side is Side.REQUEST:
            yield from _find_lost_answers(name, before, after, pair[1].node)
            return
        for status in before:
            if includes(after, status):
                continue
            if left := [each for each in after if is_of_range(each, status)]:
                says = f"{', '.join(left)} alone is left of the range"
                node = after[left[0]]
                yield Difference(
                    "response-narrowed", f"{name} {status}", says, before[status], node
                )
                continue
            is_error = not status.startswith(("1", "2", "3"))
            rule = "error-response-removed" if is_error else "response-removed"
            says = "it is no longer there"
            yield Difference(rule, f"{name} {status}", says, before[status], pair[1].node)
        for status in after:
            if not includes(before, status):
                was = ", ".join(each for each in before if is_of_range(each, status))
                says = f"it was {was} alone" if was else "it is new"
                yield Difference("response-added", f"{name} {status}", says, None, after[status])

    def _find_headers(self, where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
        before, after = (
            {
                name.lower(): _mapping(document, header)
                for name, header in document.read_mapping(node, "headers").items()
                if name.lower()
                != "content-type"  # the content says it, and OpenAPI ignores it here
            }
            for document, node in ((self._old, old), (self._new, new))
        )
        for name, header in before.items():
            here = f"{where} header {name}"
            if name in after:
                yield from self._find_header(here, header, after[name], side)
            elif side is Side.ANSWER:
                rule = "header-removed" if _is_required(header) else "optional-header-removed"
                yield Difference(rule, here, "it is no longer there", header, new)
        for name in after:
            if side is Side.ANSWER and name not in before:
                here = f"{where} header {name}"
                yield Difference("header-added", here, "it is new", None, after[name])

    def _find_header(self, where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
        if _is_required(old) and not _is_required(new):
            yield Difference("header-became-optional", where, "it may be missing now", old, new)
        for member, was, is_ in _changed_style(old, new, "header"):
            says = f"its {member} was {was} and is {is_}"
            yield Difference("header-style-changed", where, says, old, new)
        yield from self._find_value(where, old, new, side)

    def _find_content(self, where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
        before, after = (
            {_media(name): _mapping(document, node) for name, node in found.items()}
            for document, found in (
                (self._old, self._old.read_mapping(old, "content")),
                (self._new, self._new.read_mapping(new, "content")),
            )
        )
        is_request = side is Side.REQUEST
        for name, node in before.items():
            twin = _twin(name, after, wider=is_request)
            if twin is None:
                rule = "request-media-type-removed" if is_request else "media-type-removed"
                yield Difference(rule, f"{where} {name}", "it is no longer there", node, new)
                continue
            yield from self._find_media(where, name, node, after[twin], side)
        for name, node in after.items():
            if name not in before and _twin(name, before, wider=not is_request) is None:
                rule = "request-media-type-added" if is_request else "media-type-added"
                yield Difference(rule, f"{where} {name}", "it is new", None, node)

    def _find_media(
        self, where: str, name: str, old: Node, new: Node, side: Side
    ) -> Iterator[Difference]:
        is_text = name.startswith(_TEXTS)
        for keyword in ("schema", "itemSchema"):  # of the whole, and of each part of a stream
            was, is_ = _schema(old, keyword), _schema(new, keyword)
            if side is Side.ANSWER and was and not is_:
                says = "nothing is said any more of what comes"
                yield Difference("answer-schema-removed", f"{where} {name}", says, old, new)
            else:
                yield from self.schemas[side].find(where, was, is_, is_text=is_text)
        yield from _find_encodings(where, old, new, side)


def _find_encodings(where: str, old: Node, new: Node, side: Side) -> Iterator[Difference]:
    was, is_ = (node.value.get("encoding") or {} for node in (old, new))
    if side is Side.REQUEST and was != is_:
        says = "its encoding is another one"
        yield Difference("request-encoding-changed", where, says, old, new)


def _schema(node: Node, keyword: str = "schema") -> Nodes:
    return (node.child(keyword),) if keyword in node.value else ()


def _mapping(document: OpenApiDocument, node: Node) -> Node:
    found = document.follow(node)
    if found.value is None:
        return Node(found.file, found.steps, {})
    if not isinstance(found.value, dict):
        raise NotUnderstood(found, "must be a mapping")
    return found


Parameters = Mapping[tuple[str, str], Node]


def _lone(own: Parameters, others: Parameters) -> Iterator[tuple[str, str]]:
    """Yield the parameters missing from the others; those of the path itself the path tells."""
    return (key for key in own if key not in others and key[0] != "path")


def is_withdrawn(node: Node) -> bool:
    """Return whether a part was deprecated, and its day of sunset, if it has one, is over."""
    sunset = node.value.get("x-sunset")
    today = datetime.now(UTC).date().isoformat()
    return node.value.get("deprecated") is True and (sunset is None or str(sunset)[:10] <= today)


def _find_lost_answers(
    name: str, before: Mapping[str, Node], after: Mapping[str, Node], new: Node
) -> Iterator[Difference]:
    """Yield each status of success known no longer: users of a webhook answer by it."""
    for status in before:
        if status.startswith("2") and not includes(after, status):
            says = "it is no longer there"
            yield Difference(
                "webhook-response-removed", f"{name} {status}", says, before[status], new
            )


def _may_be_list(schema: Any) -> bool:
    types = schema.get("type", ()) if isinstance(schema, dict) else ()
    return types == "array" or (isinstance(types, list) and "array" in types)


def _called(parameter: Node) -> str:
    return f"{parameter.value['in']} {parameter.value['name']}"


def _is_required(node: Node) -> bool:
    return node.value.get("required") is True or node.value.get("in") == "path"


def _changed_style(old: Node, new: Node, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the style of a parameter, and its ``explode``, each if it changed."""
    styles = [_style(node, place) for node in (old, new)]
    if styles[0] != styles[1]:
        yield "style", styles[0], styles[1]
    spreads = [
        node.value.get("explode", style == "form")
        for node, style in zip((old, new), styles, strict=True)
    ]
    if spreads[0] != spreads[1]:
        yield "explode", spreads[0], spreads[1]
    if old.value.get("allowReserved") is True and not new.value.get("allowReserved"):
        yield "allowReserved", True, False


def _style(node: Node, place: str = "query") -> str:
    return str(node.value.get("style") or _STYLES.get(place, "form"))


def _default(document: OpenApiDocument, node: Node) -> Any:
    if "schema" not in node.value:
        return None
    schema = document.follow(node.child("schema"))
    return schema.value.get("default") if isinstance(schema.value, dict) else None


def _said(value: Any) -> Any:
    return "none" if value is None else value


def _is_same_media(name: str, other: str) -> bool:
    """Return whether no parameter of two media types differs, but for the charset."""
    (own, *said), (another, *others) = name.split(";"), other.split(";")
    pairs = [dict(each.partition("=")[::2] for each in listed) for listed in (said, others)]
    shared = pairs[0].keys() & pairs[1].keys() - {"charset"}
    return own == another and all(pairs[0][each] == pairs[1][each] for each in shared)


def _media(name: str) -> str:
    return "".join(name.lower().split())


def _twin(name: str, others: Mapping[str, Node], *, wider: bool) -> str | None:
    """Return the same media type, or a wider one, or else a narrower one."""
    if name in others:
        return name
    own = name.partition(";")[0]
    plain = {other.partition(";")[0]: other for other in others}
    if own in plain:
        return next((each for each in others if _is_same_media(name, each)), None)
    for other, full in plain.items():
        broad, narrow = (other, own) if wider else (own, other)
        kind = broad.partition("/")[0]
        if broad == "*/*" or (broad.endswith("/*") and narrow.startswith(f"{kind}/")):
            return full
    return None
