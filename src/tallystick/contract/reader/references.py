"""References: from a ``$ref`` to the value it means, in its own file or another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from tallystick.contract.json_pointer import read_index, read_step
from tallystick.contract.reader.faults import Steps
from tallystick.contract.reader.places import (
    MAX_FILES,
    Place,
    UnreadablePlace,
    without_secrets,
)
from tallystick.contract.reader.positions import ParsedText, Unparsable, parse_text
from tallystick.contract.yaml_bounds import MAX_BYTES

MAX_HOPS = 50
"""References that lead from one to the next."""

_ANCHORS = ("$anchor", "$dynamicAnchor")


class Unresolved(Exception):
    """A reference leads nowhere; the message says why."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class ContractFile:
    """One text of a contract, parsed."""

    def __init__(self, location: str, text: bytes, parsed: ParsedText) -> None:
        self.location = location
        self.text = text
        self.content = parsed.content
        self.repeated = parsed.repeated

    @property
    def name(self) -> str:
        """Return the location as it may be shown."""
        return without_secrets(self.location)

    @cached_property
    def bases(self) -> dict[Steps, str]:
        """Return the URL made by each ``$id``, by the place of its schema."""
        found: dict[Steps, str] = {}
        if b"$id" in self.text:
            for steps, value in _walk(self.content, ()):
                if isinstance(value.get("$id"), str):
                    with suppress(ValueError):  # it is no URL
                        found[steps] = urljoin(_nearest(steps, found, self.location), value["$id"])
        return found

    def base_of(self, steps: Steps) -> str:
        """Return the URL that references at a place start from."""
        return _nearest(steps, self.bases, self.location)

    @cached_property
    def anchors(self) -> dict[str, Steps]:
        """Return where each anchor stands, by its name."""
        if b"nchor" not in self.text:
            return {}
        found: dict[str, Steps] = {}
        for steps, value in _walk(self.content, ()):
            for key in _ANCHORS:
                if isinstance(value.get(key), str):
                    found.setdefault(value[key], steps)
        return found


def _nearest(steps: Steps, bases: Mapping[Steps, str], default: str) -> str:
    if not bases:
        return default
    around = (steps[:n] for n in range(len(steps), -1, -1))
    return next((bases[place] for place in around if place in bases), default)


def _walk(value: Any, steps: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    if isinstance(value, dict):
        yield steps, value
        for key, inner in value.items():
            yield from _walk(inner, (*steps, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, (*steps, number))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a contract, and where it stands."""

    file: ContractFile = field(repr=False)
    steps: Steps
    value: Any

    def child(self, step: str | int) -> Node:
        """Return a member or item."""
        return Node(self.file, (*self.steps, step), self.value[step])

    def members(self) -> Iterator[tuple[str, Node]]:
        """Yield each member of a mapping by its name; nothing of another value."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield name, self.child(name)

    def items(self) -> Iterator[Node]:
        """Yield each item of a list; nothing of another value."""
        if isinstance(self.value, list):
            for number in range(len(self.value)):
                yield self.child(number)

    @property
    def reference(self) -> str | None:
        """Return the ``$ref``, if there is one."""
        found = self.value.get("$ref") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None

    @property
    def key(self) -> tuple[str, Steps]:
        """Return the node's key, different from every other one."""
        return self.file.location, self.steps


class Files:
    """Reads the texts of a place, each once."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._bytes = 0
        self._files: dict[str, ContractFile] = {}

    def open_file(self, location: str) -> ContractFile:
        """Return the file at a location; raise `UnreadablePlace` or `Unparsable`."""
        if location not in self._files:
            if len(self._files) >= MAX_FILES:
                raise UnreadablePlace(f"the contract has more than {MAX_FILES:,} files")
            text = self.place.read(location)
            self._bytes += len(text)
            if self._bytes > MAX_BYTES:
                raise UnreadablePlace(f"the contract has more than {MAX_BYTES:,} bytes")
            self._files[location] = ContractFile(location, text, parse_text(text))
        return self._files[location]


class References:
    """Finds the targets of the references of one document."""

    def __init__(self, files: Files, root: ContractFile) -> None:
        self._files = files
        self._hops = 0
        self._identified: dict[str, Node] = {}
        self._found: dict[tuple[str, str], Node] = {}
        self.used: dict[str, ContractFile] = {}
        """The files that the document is made of, by location."""
        self._use(root)

    def _use(self, file: ContractFile) -> None:
        if file.location not in self.used:
            self.used[file.location] = file
            for steps, url in file.bases.items():
                self._identified.setdefault(url, _descend(file, steps))

    def follow(self, node: Node) -> Node:
        """Return the node itself, or the end of its references; raise `Unresolved`."""
        for _ in range(MAX_HOPS):
            if (reference := node.reference) is None:
                return node
            node = self.find(node, reference)
        raise Unresolved("ref-circular", f"{node.reference} leads back to itself")

    def find(self, node: Node, reference: str) -> Node:
        """Return the target of a reference in a node; raise `Unresolved`."""
        key = (node.file.base_of(node.steps), reference)
        if key not in self._found:
            self._hops += 1
            if self._hops > MAX_HOPS:
                raise Unresolved("ref-circular", f"{reference} leads back to itself")
            try:
                self._found[key] = self._find(node, *key)
            except ValueError:
                raise Unresolved("ref-unresolved", f"{reference} is no reference") from None
            finally:
                self._hops -= 1
        return self._found[key]

    def _find(self, node: Node, base: str, reference: str) -> Node:
        location, fragment = urldefrag(reference)
        if self._identified:
            identified = self._identified.get(urljoin(base, location))
            if identified is not None:
                return self._point(identified, fragment, reference)
        file = self._open(node.file, location, reference) if location else node.file
        return self._point(Node(file, (), file.content), fragment, reference)

    def _open(self, base: ContractFile, location: str, reference: str) -> ContractFile:
        try:
            file = self._files.open_file(self._files.place.locate(base.location, location))
        except UnreadablePlace as error:
            raise Unresolved("ref-unresolved", f"{reference}: {error}") from None
        except Unparsable as error:
            message = f"{reference}: line {error.line}: {error}"
            raise Unresolved("ref-unresolved", message) from None
        self._use(file)
        return file

    def _point(self, start: Node, fragment: str, reference: str) -> Node:
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._find_anchor(start.file, fragment, reference)
        node = start
        for token in fragment.split("/")[1:]:
            node = self._step(node, read_step(token), reference)
        return node

    def _step(self, node: Node, token: str, reference: str) -> Node:
        for _ in range(MAX_HOPS):
            if isinstance(node.value, dict) and token in node.value:
                return node.child(token)
            items = node.value if isinstance(node.value, list) else []
            if (index := read_index(token, items)) is not None:
                return node.child(index)
            if node.reference is None:
                break
            node = self.find(node, node.reference)
        raise Unresolved("ref-unresolved", f"{reference} leads nowhere: there is no {token}")

    @staticmethod
    def _find_anchor(file: ContractFile, name: str, reference: str) -> Node:
        if name not in file.anchors:
            raise Unresolved("ref-unresolved", f"{reference} leads nowhere: no anchor {name}")
        return _descend(file, file.anchors[name])


def _descend(file: ContractFile, steps: Steps) -> Node:
    node = Node(file, (), file.content)
    for step in steps:
        node = node.child(step)
    return node
