"""Finds addresses at which an API, a path or an operation is served no longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.value_differences import list_shortly, say_change
from tallystick.gate.openapi_document import ComparedOperation, OpenApiDocument

_GONE = "it is no longer there"


def find_server_differences(
    old: OpenApiDocument,
    new: OpenApiDocument,
    pairs: Iterable[tuple[ComparedOperation, ComparedOperation]],
) -> Iterator[Difference]:
    """Yield the servers gone, and other values of their variables: a path may have its own."""
    yield from _compare("", old.root, new.root)
    for before, after in pairs:
        holders = before.served_by or old.root, after.served_by or new.root
        if not before.is_webhook and holders != (old.root, new.root):
            yield from _compare(f"{before.name} ", *holders)


def _compare(where: str, old: Node, new: Node) -> Iterator[Difference]:
    after = _list_servers(new)
    for url, server in _list_servers(old).items():
        here = f"{where}server {url}"
        if url in after:
            yield from _compare_variables(here, server, after[url])
        else:
            yield Difference("server-removed", here, _GONE, old.child("servers"), new)


def _list_servers(holder: Node) -> dict[str, Node]:
    servers = holder.child("servers").items() if "servers" in holder.value else ()
    return {str(each.value.get("url")): each for each in servers if isinstance(each.value, dict)}


def _compare_variables(where: str, old: Node, new: Node) -> Iterator[Difference]:
    after = _variables(new)
    for name, variable in _variables(old).items():
        is_ = after.get(name, {})
        for says in _list_changes(name, variable, is_):
            yield Difference("server-variable-changed", where, says, old, new)


def _variables(server: Node) -> Mapping[str, Mapping[str, Any]]:
    found = server.value.get("variables")
    members = found.items() if isinstance(found, dict) else ()
    return {str(name): each for name, each in members if isinstance(each, dict)}


def _list_changes(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    was, is_ = old.get("default"), new.get("default")
    if was != is_:
        yield say_change(Side.REQUEST, f"{name} by default", was, is_)
    taken = new.get("enum")
    if not isinstance(taken, list):
        return
    known = old.get("enum")
    if not isinstance(known, list):
        yield f"its {name} is one of a list now"
    elif lost := [str(value) for value in known if value not in taken]:
        yield f"its {name} takes no longer: {list_shortly(lost)}"
