"""Finds changes of credentials, scopes and strictness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tallystick.contract.reader.references import Node
from tallystick.contract.reader.security import is_scopes
from tallystick.gate.diff.difference import Difference
from tallystick.gate.diff.operations import OperationPair
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

_STRICTER = {"x-unique-keys": True, "x-effect": True, "x-lenient-content-type": None}
"""Flags of an operation, each with its stricter value."""

_SCHEME_PARTS = ("type", "in", "name", "scheme", "openIdConnectUrl", "x-signs-request")
_FLOW_PARTS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")

Way = Mapping[str, list[str]]
"""A security requirement: scheme → scopes."""


def find_security_changes(
    old: OpenApiDocument, new: OpenApiDocument, pairs: Iterable[OperationPair]
) -> Iterator[Difference]:
    """Yield every change of security and strictness; raise `NotUnderstood`."""
    yield from _SecurityDifferences(old, new).find(pairs)


class _SecurityDifferences:
    """Compares who is let in by two documents."""

    def __init__(self, old: OpenApiDocument, new: OpenApiDocument) -> None:
        self._old, self._new = old, new
        self._before, self._after = _read_schemes(old), _read_schemes(new)
        self._names = _renamed(self._before, self._after)
        self._used: set[str] = set()

    def find(self, pairs: Iterable[OperationPair]) -> Iterator[Difference]:
        """Yield all differences of these operations, and of their schemes."""
        for old, new in pairs:
            yield from self._find_ways(old.name, old.node, new.node)
            yield from self._find_scopes(old.name, old.node, new.node)
            yield from _find_flags(old.name, old.node, new.node)
        for name in sorted(self._used & self._before.keys() & self._after.keys()):
            yield from self._find_scheme(name, self._before[name], self._after[name])

    def _find_ways(self, name: str, old: Node, new: Node) -> Iterator[Difference]:
        before, were = _list_ways(self._old, old)
        after, written = _list_ways(self._new, new)
        are = [{self._names.get(each, each): way[each] for each in way} for way in written]
        self._used |= {scheme for way in were for scheme in way}
        for way in were:
            if not any(_opens(way, each) for each in are):
                says = f"{_said(way)} is refused now; needed is {' or '.join(map(_said, are))}"
                yield Difference("security-tightened", name, says, before, after)
        for way in are:
            if not any(_opens(way, each) for each in were):
                says = f"{_said(way)} is taken too"
                yield Difference("security-widened", name, says, None, after)

    def _find_scopes(self, name: str, old: Node, new: Node) -> Iterator[Difference]:
        """Yield each scope that opened an operation and does so no longer: one opens it."""
        were, are = _read_scopes(self._old, old), _read_scopes(self._new, new)
        if not are:
            return
        place = new.child("x-required-scopes")
        if not were:
            says = f"the scope {' or '.join(are)} is needed now"
            yield Difference("scope-required", name, says, None, place)
        for scope in were:
            if scope not in are:
                says = f"the scope {scope} is no longer enough: needed is {' or '.join(are)}"
                yield Difference("scope-required", name, says, were[scope], place)

    def _find_scheme(self, name: str, old: Node, new: Node) -> Iterator[Difference]:
        for part in _SCHEME_PARTS:
            if _part(old, part) != _part(new, part):
                says = f"its {part} was {old.value.get(part)} and is {new.value.get(part)}"
                places = (each.child(part) if part in each.value else each for each in (old, new))
                yield Difference("security-scheme-changed", name, says, *places)
        after = _read_flows(self._new, new)
        for flow, node in _read_flows(self._old, old).items():
            where = f"{name} {flow}"
            if flow in after:
                yield from _find_flow(where, node, after[flow])
            else:
                yield Difference("oauth-flow-changed", where, "it is no longer there", node, new)


def _read_schemes(document: OpenApiDocument) -> dict[str, Node]:
    if document.root.value.get("components") is None:
        return {}
    components = document.follow(document.root.child("components"))
    found = document.read_mapping(components, "securitySchemes")
    schemes = {name: document.follow(node) for name, node in found.items()}
    for scheme in schemes.values():
        if not isinstance(scheme.value, dict):
            raise NotUnderstood(scheme, "a security scheme must be a mapping")
    return schemes


def _renamed(before: Mapping[str, Node], after: Mapping[str, Node]) -> dict[str, str]:
    """Return the old name of each renamed but otherwise unchanged scheme."""
    found = {}
    for name in (name for name in after if name not in before):
        for old in (old for old in before if old not in after):
            if _identity(before[old]) == _identity(after[name]):
                found[name] = old
    return found


def _identity(scheme: Node) -> tuple[object, ...]:
    return (*(_part(scheme, part) for part in _SCHEME_PARTS), str(scheme.value.get("flows")))


def _part(scheme: Node, part: str) -> Any:
    value = scheme.value.get(part)
    is_word = part == "scheme" or (part == "name" and scheme.value.get("in") == "header")
    return value.lower() if is_word and isinstance(value, str) else value


def _list_ways(document: OpenApiDocument, operation: Node) -> tuple[Node, list[Way]]:
    holder = operation if operation.value.get("security") is not None else document.root
    items = document.read_list(holder, "security")
    for item in items:
        if not isinstance(item.value, dict) or not all(map(is_scopes, item.value.values())):
            message = "a security requirement must be a mapping of schemes to lists of scopes"
            raise NotUnderstood(item, message)
    ways = [{name: list(scopes or []) for name, scopes in item.value.items()} for item in items]
    place = holder.child("security") if "security" in holder.value else operation
    return place, list(ways) or [{}]


def _opens(credentials: Way, way: Way) -> bool:
    """Return whether these credentials satisfy a security requirement."""
    return all(
        scheme in credentials and set(scopes) <= set(credentials[scheme])
        for scheme, scopes in way.items()
    )


def _said(way: Way) -> str:
    names = [f"{scheme} {' '.join(map(str, scopes))}".strip() for scheme, scopes in way.items()]
    return " with ".join(names) or "a call without a credential"


def _read_scopes(document: OpenApiDocument, operation: Node) -> dict[str, Node]:
    return {str(node.value): node for node in document.read_list(operation, "x-required-scopes")}


def _find_flags(name: str, old: Node, new: Node) -> Iterator[Difference]:
    for flag, stricter in _STRICTER.items():
        was, now = old.value.get(flag) or None, new.value.get(flag) or None
        if was != now and now == stricter:
            place = new.child(flag) if flag in new.value else new
            says = f"{flag} {'is set' if now else 'is gone'}: requests taken before are refused"
            yield Difference("stricter", name, says, None, place)


def _read_flows(document: OpenApiDocument, scheme: Node) -> dict[str, Node]:
    found = document.read_mapping(scheme, "flows")
    flows = {name: document.follow(node) for name, node in found.items() if name[:2] != "x-"}
    for flow in flows.values():
        if not isinstance(flow.value, dict):
            raise NotUnderstood(flow, "a flow of OAuth must be a mapping")
    return flows


def _find_flow(where: str, old: Node, new: Node) -> Iterator[Difference]:
    for part in _FLOW_PARTS:
        was, is_ = (each.value.get(part) for each in (old, new))
        if was != is_ and was is not None:
            says = f"its {part} was {was} and is {is_ or 'none'}"
            yield Difference("oauth-flow-changed", where, says, old, new)
