"""An OpenAPI document as it is compared: its references lead on, into other files too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallystick.contract.document import METHODS
from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.normal_form import is_readable
from tallystick.contract.reader.places import Folder, UnreadablePlace
from tallystick.contract.reader.positions import Unparsable
from tallystick.contract.reader.references import Files, Node, References, Unresolved

WEBHOOK = "webhook "
"""Stands before the name of a webhook in the names of its operations."""

_LEADS_AWAY = re.compile(rb"""\$ref["']?\s*:\s*["']?[^#"'\s]""")
"""A reference to another file."""

_NOWHERE = "this is no {kind}: it is {value}"


class NotADocument(ValueError):
    """The file is not an OpenAPI document; the message says why."""


class PartOfADocument(NotADocument):
    """The file is a part, for documents to refer to."""


class NotUnderstood(Exception):
    """A part of a document can't be compared; the message says why, the node where."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node


@dataclass(frozen=True, slots=True)
class ComparedOperation:
    """An operation of a path or a webhook."""

    name: str
    """Method and path."""
    path: str
    method: str
    node: Node
    shared: tuple[Node, ...]
    """The parameters of its path."""
    is_webhook: bool = False
    path_servers: Node | None = None
    """The path with servers of its own, if it has some."""

    @property
    def served_by(self) -> Node | None:
        """Return the operation or its path, if either has servers of its own."""
        return self.node if "servers" in self.node.value else self.path_servers

    @property
    def section(self) -> str:
        """Return the member of a document with operations like this one."""
        return "webhooks" if self.is_webhook else "paths"


class OpenApiDocument:
    """A document, with all files in its references."""

    def __init__(self, root: Node, references: References) -> None:
        self.root = root
        self.is_3_0 = str(root.value["openapi"]).startswith("3.0")
        self.references = references

    def follow(self, node: Node) -> Node:
        """Return the node itself, or the end of its references.

        Raises `NotUnderstood` for a reference without a target.
        """
        try:
            return self.references.follow(node)
        except Unresolved as error:
            raise NotUnderstood(node, str(error)) from None

    def find(self, node: Node, reference: str) -> Node:
        """Return the target of one reference in a node; raise `NotUnderstood`."""
        try:
            return self.references.find(node, reference)
        except Unresolved as error:
            raise NotUnderstood(node, str(error)) from None

    def read_mapping(self, node: Node, name: str) -> dict[str, Node]:
        """Return the members of a mapping in a node, by name; none where it is left out.

        Raises `NotUnderstood` where another value stands in its place.
        """
        if not isinstance(node.value, dict):
            raise NotUnderstood(node, _NOWHERE.format(kind="mapping", value=_kind(node.value)))
        if node.value.get(name) is None:
            return {}
        found = self.follow(node.child(name))
        if not isinstance(found.value, dict):
            raise NotUnderstood(found, f"{name} is no mapping: it is {_kind(found.value)}")
        return dict(found.members())

    def read_list(self, node: Node, name: str) -> tuple[Node, ...]:
        """Return the items of a list in a node; none where it is left out."""
        if not isinstance(node.value, dict):
            raise NotUnderstood(node, _NOWHERE.format(kind="mapping", value=_kind(node.value)))
        if node.value.get(name) is None:
            return ()
        found = self.follow(node.child(name))
        if not isinstance(found.value, list):
            raise NotUnderstood(found, f"{name} is no list: it is {_kind(found.value)}")
        return tuple(found.items())

    def find_section(self, operation: ComparedOperation) -> Node:
        """Return the place where an operation of another document would stand in this one."""
        section = operation.section
        found = self.root.child(section) if section in self.root.value else self.root
        path = operation.path.removeprefix(WEBHOOK)
        is_there = isinstance(found.value, dict) and path in found.value
        return found.child(path) if is_there else found

    def may_have_text(self, text: bytes) -> bool:
        """Return whether a text stands in the files read so far, or others are to be read."""
        leads_away = _LEADS_AWAY.search(self.root.file.text) is not None
        return leads_away or any(text in file.text for file in self.references.used.values())

    def list_repeated(self) -> Iterator[Node]:
        """Yield each key given twice in one mapping."""
        for file in self.references.used.values():
            for steps in file.repeated:
                yield Node(file, steps, None)

    def list_operations(self) -> tuple[list[ComparedOperation], dict[str, NotUnderstood]]:
        """Return the operations of all paths and webhooks, and why paths can't be read.

        The reasons are by path; the one why no path can be read is by ``paths``.
        """
        found: list[ComparedOperation] = []
        faults: dict[str, NotUnderstood] = {}
        for section, before in (("paths", ""), ("webhooks", WEBHOOK)):
            try:
                items = self.read_mapping(self.root, section)
            except NotUnderstood as error:
                faults[section] = error
                continue
            for name, item in items.items():
                path = before + name
                if name.startswith("x-"):
                    continue
                try:
                    found += self.list_of_item(item, path, is_webhook=bool(before))
                except NotUnderstood as error:
                    faults[path] = error
        return found, faults

    def list_of_item(
        self, item: Node, path: str, *, is_webhook: bool = False
    ) -> list[ComparedOperation]:
        """Return the operations of a path item, or of its reference's target."""
        target = self.follow(item)
        if not isinstance(target.value, dict):
            raise NotUnderstood(target, _NOWHERE.format(kind="path", value=_kind(target.value)))
        # Beside a $ref the path's own members go before those of its target.
        holders = dict.fromkeys(target.value, target) | {
            name: item for name in item.value if name != "$ref"
        }
        shared = self.read_list(holders.get("parameters", target), "parameters")
        own = {method: holders[method] for method in (*METHODS, "query") if method in holders}
        operations = {method: holder.child(method) for method, holder in own.items()}
        if "additionalOperations" in holders:
            holder = holders["additionalOperations"]
            operations |= self.read_mapping(holder, "additionalOperations")
        return [
            ComparedOperation(
                f"{method.upper()} {path}",
                path,
                method,
                self._read_operation(node),
                shared,
                is_webhook,
                holders.get("servers"),
            )
            for method, node in operations.items()
        ]

    def _read_operation(self, node: Node) -> Node:
        found = self.follow(node)
        if not isinstance(found.value, dict):
            kind = _kind(found.value)
            raise NotUnderstood(found, _NOWHERE.format(kind="operation", value=kind))
        return found

    def read_responses(self, operation: ComparedOperation) -> dict[str, Node]:
        """Return the answers of an operation by status, as they are written."""
        found = self.read_mapping(operation.node, "responses")
        return {status: node for status, node in found.items() if not status.startswith("x-")}

    def read_parameters(self, operation: ComparedOperation) -> dict[tuple[str, str], Node]:
        """Return the parameters of an operation by place and name, its path's included.

        A parameter in the path is known by its position there, and a header in small letters.
        Raises `NotUnderstood` for one without a name.
        """
        own = self.read_list(operation.node, "parameters")
        found: dict[tuple[str, str], Node] = {}
        for node in (*operation.shared, *own):
            parameter = self.follow(node)
            found[_key(parameter, operation.path)] = parameter
        return found


def _key(parameter: Node, path: str) -> tuple[str, str]:
    value = parameter.value if isinstance(parameter.value, dict) else {}
    where, name = value.get("in"), value.get("name")
    if not isinstance(where, str) or not isinstance(name, str):
        raise NotUnderstood(parameter, "a parameter must have a name and say where it is")
    if where == "path":
        position = path.find("{" + name + "}")
        return where, name if position < 0 else str(path[:position].count("{"))
    return where, name.lower() if where == "header" else name


def _kind(value: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", type(None): "empty"}
    return kinds.get(type(value), f"the value {value}")


def read_document(file: Path) -> OpenApiDocument:
    """Return the document in a file; raise `NotADocument`."""
    files = Files(Folder(Path(file.resolve().anchor)))
    try:
        read = files.open_file(str(file))
    except UnreadablePlace as error:
        raise NotADocument(f"{file} {error}") from None
    except Unparsable as error:
        raise NotADocument(f"{file}:{error.line}: {error}") from None
    root = Node(read, (), read.content)
    if not isinstance(root.value, dict) or root.value.keys().isdisjoint(("openapi", "swagger")):
        raise PartOfADocument(f"{file} is no OpenAPI document: it has no openapi at its top")
    findings = Findings()
    if not is_readable(root, findings):
        raise NotADocument("\n".join(map(str, findings.list_faults())))
    return OpenApiDocument(root, References(files, read))
