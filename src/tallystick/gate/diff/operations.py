"""Compares the operations of two documents: those of paths, webhooks and callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tallystick.gate.diff.difference import Difference
from tallystick.gate.diff.messages import MessageDifferences, is_withdrawn
from tallystick.gate.diff.server_differences import find_server_differences
from tallystick.gate.diff.unchanged_parts import UnchangedParts
from tallystick.gate.openapi_document import ComparedOperation, NotUnderstood, OpenApiDocument

_TEMPLATE = re.compile(r"\{[^{}]*\}")

OperationPair = tuple[ComparedOperation, ComparedOperation]


class OperationDifferences:
    """Compares two documents; `faults` are the parts left without a comparison."""

    def __init__(self, old: OpenApiDocument, new: OpenApiDocument) -> None:
        self._old, self._new = old, new
        unchanged = UnchangedParts(old, new)
        self.messages = MessageDifferences(old, new, unchanged)
        self.before, self._unread_before = old.list_operations()
        self.after, self._unread_after = new.list_operations()
        self.faults = [*self._unread_before.values(), *self._unread_after.values()]
        self.pairs = list(pair_operations(self.before, self.after))
        self.changed_pairs = [pair for pair in self.pairs if not _is_unchanged(unchanged, *pair)]
        self._check_parameters()

    def _check_parameters(self) -> None:
        """Note operations with indistinguishable parameters, also unchanged ones."""
        for document, operations in ((self._old, self.before), (self._new, self.after)):
            for operation in operations:
                try:
                    document.read_parameters(operation)
                except NotUnderstood as error:
                    self.faults.append(error)

    def find(self) -> Iterator[Difference]:
        """Yield the differences of all operations."""
        yield from self._find_alone()
        for old, new in self.changed_pairs:
            yield from self._find_pair(old, new)
        yield from find_server_differences(self._old, self._new, self.pairs)

    def _find_alone(self) -> Iterator[Difference]:
        """Yield the operations of one document alone."""
        kept = {id(each) for pair in self.pairs for each in pair}
        before, after = ({_plain(each.path) for each in own} for own in (self.before, self.after))
        found: dict[tuple[str, str], Difference] = {}
        for operation in self.before:
            if id(operation) not in kept and _is_read(operation, self._unread_after):
                kind, where = _kind(operation, after)
                rule = f"{kind}-removed"
                if kind != "webhook" and is_withdrawn(operation.node):
                    rule = "deprecated-operation-removed"
                says = "it is no longer there"
                gone = Difference(
                    rule, where, says, operation.node, self._new.find_section(operation)
                )
                found.setdefault((rule, where), gone)
        for operation in self.after:
            if id(operation) not in kept and _is_read(operation, self._unread_before):
                kind, where = _kind(operation, before)
                new = Difference(f"{kind}-added", where, "it is new", None, operation.node)
                found.setdefault((new.rule, where), new)
        yield from found.values()

    def _find_pair(self, old: ComparedOperation, new: ComparedOperation) -> Iterator[Difference]:
        try:
            yield from self.messages.find(old, new)
            yield from self._find_callbacks(old, new)
        except NotUnderstood as error:
            self.faults.append(error)
        yield from _find_words(old, new)

    def _find_callbacks(
        self, old: ComparedOperation, new: ComparedOperation
    ) -> Iterator[Difference]:
        before, after = (
            list(_list_callbacks(document, operation))
            for document, operation in ((self._old, old), (self._new, new))
        )
        # An expression says where the URL stands in a request: another one is another place.
        named = {each.name: each for each in after}
        pairs = [(each, named[each.name]) for each in before if each.name in named]
        kept = {id(each) for pair in pairs for each in pair}
        for each in before:
            if id(each) not in kept:
                says = "it is no longer there"
                yield Difference("callback-removed", each.name, says, each.node, new.node)
        for each in after:
            if id(each) not in kept:
                yield Difference("callback-added", each.name, "it is new", None, each.node)
        for pair in pairs:
            yield from self.messages.find(*pair)


def _is_unchanged(
    unchanged: UnchangedParts, old: ComparedOperation, new: ComparedOperation
) -> bool:
    if old.name != new.name or len(old.shared) != len(new.shared):
        return False
    shared = zip(old.shared, new.shared, strict=True)
    return unchanged.has(old.node, new.node) and all(unchanged.has(*pair) for pair in shared)


def pair_operations(
    before: Iterable[ComparedOperation], after: Iterable[ComparedOperation]
) -> Iterator[OperationPair]:
    """Yield each operation with the same one of the other document.

    A path is the same where its templates alone have other names.
    """
    exact = {each.name: each for each in after}
    taken = {each.name for each in before}
    alike = {_plain(each.name): each for each in after if each.name not in taken}
    for operation in before:
        found = exact.get(operation.name) or alike.get(_plain(operation.name))
        if found:
            yield operation, found


def _plain(path: str) -> str:
    return _TEMPLATE.sub("{}", path)


def _is_read(operation: ComparedOperation, unread: Mapping[str, NotUnderstood]) -> bool:
    """Return whether the other document could tell of an operation."""
    unread_paths = {_plain(path) for path in unread}
    return operation.section not in unread and _plain(operation.path) not in unread_paths


def _kind(operation: ComparedOperation, others: set[str]) -> tuple[str, str]:
    """Return the kind of an operation of one document alone, and its name or its path's."""
    if operation.is_webhook:
        return "webhook", operation.path
    if _plain(operation.path) in others:
        return "operation", operation.name
    return "path", operation.path


def _list_callbacks(
    document: OpenApiDocument, operation: ComparedOperation
) -> Iterator[ComparedOperation]:
    for name, callback in document.read_mapping(operation.node, "callbacks").items():
        called = document.follow(callback)
        for url, item in called.members():
            if not url.startswith("x-"):
                path = f"{operation.name} callback {name} {url}"
                yield from document.list_of_item(item, path, is_webhook=True)


def _find_words(old: ComparedOperation, new: ComparedOperation) -> Iterator[Difference]:
    was, is_ = (each.node.value.get("operationId") for each in (old, new))
    if was != is_:
        says = f"it was {was or 'none'} and is {is_ or 'none'}"
        yield Difference("operation-id-changed", old.name, says, old.node, new.node)
    if new.node.value.get("deprecated") is True and not old.node.value.get("deprecated"):
        says = "it is deprecated now"
        yield Difference("operation-deprecated", old.name, says, old.node, new.node)
