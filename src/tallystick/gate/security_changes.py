"""Finds changes of credentials, scopes and strictness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract.scopes import required_scopes
from tallystick.gate.change import Change, Level
from tallystick.gate.openapi_document import OpenApiDocument, Steps
from tallystick.gate.outcome import ContractPlace

_STRICTER = {"x-unique-keys": True, "x-effect": True, "x-lenient-content-type": None}
"""Flags of an operation, each with its stricter value."""

_SCHEME_PARTS = ("type", "in", "name", "scheme", "x-signs-request")


def find_security_changes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Change]:
    """Yield every change of security and strictness."""
    after = {name: (operation, steps) for name, operation, steps in new.operations()}
    for name, operation, steps in old.operations():
        if name in after:
            now, there = after[name]
            yield from _of_security(name, (old, operation, steps), (new, now, there))
            yield from _of_scopes(name, (old, operation, steps), (new, now, there))
            yield from _of_flags(name, operation, (new, now, there))
    yield from _of_schemes(old, new)


_Written = tuple[OpenApiDocument, Mapping[str, Any], Steps]


def _of_security(name: str, before: _Written, after: _Written) -> Iterator[Change]:
    were, are = _ways_in(before), _ways_in(after)
    places = (_place("old", before, "security"), _place("new", after, "security"))
    for way in were:
        if not any(_opens(way, each) for each in are):
            says = f"{_said(way)} is refused now; needed is {' or '.join(map(_said, are))}"
            yield Change(Level.BREAKING, "security-tightened", name, says, places)
    for way in are:
        if not any(_opens(way, each) or _opens(each, way) for each in were):
            says = f"{_said(way)} is taken too"
            yield Change(Level.ADDITION, "security-widened", name, says, places[1:])


def _ways_in(written: _Written) -> list[Mapping[str, Any]]:
    document, operation, _ = written
    ways = operation.get("security", document.content.get("security", []))
    return list(ways) or [{}]


def _opens(credentials: Mapping[str, Any], way: Mapping[str, Any]) -> bool:
    """Return whether these credentials satisfy a security requirement."""
    return all(
        scheme in credentials and set(scopes) <= set(credentials[scheme])
        for scheme, scopes in way.items()
    )


def _said(way: Mapping[str, Any]) -> str:
    names = [f"{scheme} {' '.join(scopes)}".strip() for scheme, scopes in way.items()]
    return " with ".join(names) or "a call without a credential"


def _of_scopes(name: str, before: _Written, after: _Written) -> Iterator[Change]:
    were = set(required_scopes(before[1]))
    for scope in required_scopes(after[1]):
        if scope not in were:
            place = _place("new", after, "x-required-scopes")
            says = f"the scope {scope} is needed now"
            yield Change(Level.BREAKING, "scope-required", name, says, (place,))


def _of_flags(name: str, before: Mapping[str, Any], after: _Written) -> Iterator[Change]:
    for flag, stricter in _STRICTER.items():
        was, now = before.get(flag) or None, after[1].get(flag) or None
        if was != now and now == stricter:
            place = _place("new", after, flag)
            says = f"{flag} {'is set' if now else 'is gone'}: requests taken before are refused"
            yield Change(Level.BREAKING, "stricter", name, says, (place,))


def _of_schemes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Change]:
    path: Steps = ("components", "securitySchemes")
    were, are = (_schemes(document) for document in (old, new))
    for name, scheme in were.items():
        differing = [
            part
            for part in _SCHEME_PARTS
            if name in are and scheme.get(part) != are[name].get(part)
        ]
        for part in differing:
            says = f"its {part} was {scheme.get(part)} and is {are[name].get(part)}"
            places = (old.place("old", *path, name, part), new.place("new", *path, name, part))
            yield Change(Level.BREAKING, "security-scheme-changed", name, says, places)


def _schemes(document: OpenApiDocument) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document.content.get("components", {}).get("securitySchemes", {})
    return found


def _place(says: str, written: _Written, part: str) -> ContractPlace:
    document, _, steps = written
    return document.place(says, *steps, part)
