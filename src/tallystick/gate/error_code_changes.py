"""Finds changes in the error codes of broken rules and of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tallystick.contract.error_codes import find_answer
from tallystick.contract.reader.codes import is_status
from tallystick.contract.reader.references import Node
from tallystick.gate.diff.difference import Difference
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

MAX_PLACES = 100_000
"""Schemas of one operation's request that are looked at for error codes."""


class CodedRule(NamedTuple):
    """A rule for requests: a schema keyword at one field of an operation."""

    operation: str
    field: str
    """Such as ``query cl`` or ``body us.application``; empty for the request as a whole."""
    keyword: str


class Meaning(NamedTuple):
    """The error code for breaking a rule."""

    code: str
    node: Node


class AnswerCode(NamedTuple):
    """An error code of an operation's answer."""

    operation: str
    status: str
    code: str


Meanings = Mapping[CodedRule, Meaning]


class CodedDocument:
    """All error codes of one document; with `has_rules`, rules of requests may have some."""

    def __init__(self, document: OpenApiDocument, *, has_rules: bool) -> None:
        self._document = document
        self._operations, _ = document.list_operations()
        self.table = dict(_read_table(document))
        self.meanings = dict(self._read_meanings()) if has_rules else {}
        self.answers = dict(self._read_answers()) if self.table else {}

    def status_of(self, code: str) -> str:
        """Return the HTTP status of a code; empty for an unknown one."""
        return str(self.table[code].value["status"]) if code in self.table else ""

    def _read_answers(self) -> Iterator[tuple[AnswerCode, Node]]:
        """Yield each code of each answer; an empty code stands for the answer itself."""
        named: dict[str, set[str]] = {}
        for rule, meaning in self.meanings.items():
            named.setdefault(rule.operation, set()).add(meaning.code)
        for operation in self._operations:
            responses = self._document.read_responses(operation)
            for status, response in responses.items():
                found = self._document.follow(response)
                listed = {str(node.value) for node in self._document.read_list(found, "x-codes")}
                place = found.child("x-codes") if listed else found
                yield AnswerCode(operation.name, status, ""), place
                for code, node in self.table.items():
                    answer = find_answer(int(node.value["status"]), responses)
                    if code in listed or (
                        answer == status and code in named.get(operation.name, ())
                    ):
                        yield AnswerCode(operation.name, status, code), place

    def _read_meanings(self) -> Iterator[tuple[CodedRule, Meaning]]:
        for operation in self._operations:
            yield from _of_node(CodedRule(operation.name, "", ""), operation.node)
            for parameter in self._document.read_parameters(operation).values():
                field = f"{parameter.value['in']} {parameter.value['name']}"
                rule = CodedRule(operation.name, field, "")
                yield from _of_node(rule, parameter)
                yield from self._of_media(rule, parameter)
            if operation.node.value.get("requestBody") is not None:
                body = self._document.follow(operation.node.child("requestBody"))
                for media in self._document.read_mapping(body, "content").values():
                    yield from self._of_media(CodedRule(operation.name, "body", ""), media)

    def _of_media(self, rule: CodedRule, holder: Node) -> Iterator[tuple[CodedRule, Meaning]]:
        """Yield the codes of a schema, and of all schemas in it."""
        schema = self._document.follow(holder)
        if not isinstance(schema.value, dict) or "schema" not in schema.value:
            return
        waiting: list[tuple[CodedRule, Node, tuple[object, ...]]] = [
            (rule, schema.child("schema"), ())
        ]
        count = 0
        while waiting:
            here, node, above = waiting.pop()
            node = self._document.follow(node)
            if node.key in above or not isinstance(node.value, dict):
                continue
            count += 1
            if count > MAX_PLACES:
                raise NotUnderstood(schema, f"has error codes at over {MAX_PLACES:,} places")
            yield from _of_node(here, node)
            for field, part in reversed(list(_list_parts(node))):
                below = CodedRule(here.operation, f"{here.field}.{field}", "")
                waiting.append((below, part, (*above, node.key)))


def _read_table(document: OpenApiDocument) -> Iterator[tuple[str, Node]]:
    for code, node in document.read_mapping(document.root, "x-codes").items():
        said = node.value if isinstance(node.value, dict) else {}
        if not is_status(said.get("status")):
            raise NotUnderstood(node, "an error code must have an HTTP status")
        yield code, node


def _of_node(rule: CodedRule, node: Node) -> Iterator[tuple[CodedRule, Meaning]]:
    yield rule, Meaning("", node)
    if isinstance(node.value.get("x-error-codes"), dict):
        for keyword, code in node.child("x-error-codes").members():
            yield rule._replace(keyword=keyword), Meaning(str(code.value), code)


def _list_parts(schema: Node) -> Iterator[tuple[str, Node]]:
    for group in ("properties", "x-gathered"):
        if group in schema.value:
            yield from schema.child(group).members()
    for name in ("items", "additionalProperties"):
        if name in schema.value:
            yield "*", schema.child(name)
    for group in ("allOf", "anyOf", "oneOf"):
        if group in schema.value:
            for index, part in enumerate(schema.child(group).items()):
                yield str(index), part


def find_code_changes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Difference]:
    """Yield every change of error codes, once where several operations share a schema.

    Raises `NotUnderstood`.
    """
    has_rules = any(document.may_have_text(b"x-error-codes") for document in (old, new))
    before, after = (CodedDocument(document, has_rules=has_rules) for document in (old, new))
    found: dict[tuple[object, ...], Difference] = {}
    for each in _find_changes(before, after):
        found.setdefault(each.key, each)
    yield from found.values()


def _find_changes(old: CodedDocument, new: CodedDocument) -> Iterator[Difference]:
    yield from _find_table(old.table, new.table)
    for answer, node in _find_lost(old, new):
        says = f"{answer.status} no longer carries {answer.code}"
        yield Difference("answer-code-removed", answer.operation, says, node, None)
    for answer, node in _find_lost(new, old):
        says = f"{answer.status} now carries {answer.code}"
        yield Difference("answer-code-added", answer.operation, says, None, node)
    # What is gone as a whole is not a matter of codes.
    kept = {rule[:2] for rule in new.meanings}
    before, after = _named(old.meanings), _named(new.meanings)
    for rule, meaning in before.items():
        if rule[:2] in kept and (found := _find_rule_change(rule, meaning, before, after)):
            yield found
    for rule, meaning in after.items():
        if rule not in before:
            says = f"{rule.keyword} now means {meaning.code}"
            yield Difference("code-added", _where(rule), says, None, meaning.node)


def _find_table(before: Mapping[str, Node], after: Mapping[str, Node]) -> Iterator[Difference]:
    for code, node in before.items():
        if code not in after:
            yield Difference("code-removed", code, "the code is no longer there", node, None)
            continue
        was, now = node.value, after[code].value
        if str(was["status"]) != str(now["status"]):
            says = f"it moved from status {was['status']} to {now['status']}"
            yield Difference("code-status-changed", code, says, node, after[code])
        if was.get("message") != now.get("message"):
            says = f"its message was {was.get('message')!r} and is {now.get('message')!r}"
            yield Difference("code-message-changed", code, says, node, after[code])
    for code, node in after.items():
        if code not in before:
            yield Difference("code-added", code, "the code is new", None, node)


def _find_lost(document: CodedDocument, other: CodedDocument) -> Iterator[tuple[AnswerCode, Node]]:
    """Yield the codes of an answer in `document` missing from the same answer of `other`.

    A code named by a rule, moved to another status or missing altogether is reported elsewhere.
    """
    meant = {(rule.operation, meaning.code) for rule, meaning in document.meanings.items()}
    answers = {answer[:2] for answer in other.answers}
    for answer, node in document.answers.items():
        name, status, code = answer
        is_same = other.status_of(code) == status and (name, status) in answers
        if is_same and answer not in other.answers and (name, code) not in meant:
            yield answer, node


def _find_rule_change(
    rule: CodedRule, meaning: Meaning, before: Meanings, after: Meanings
) -> Difference | None:
    code, now = meaning.code, after.get(rule)
    if now and now.code == code:
        return None
    if now:
        says = f"{rule.keyword} meant {code} and means {now.code}"
        return Difference("code-renamed", _where(rule), says, meaning.node, now.node)
    if moved := _moved(rule, code, before, after):
        says = f"{code} moved from {_beside(rule, moved)} to {_beside(moved, rule)}"
        return Difference("code-moved", _where(rule), says, meaning.node, after[moved].node)
    says = f"{rule.keyword} no longer means {code}"
    return Difference("code-unmapped", _where(rule), says, meaning.node, None)


def _named(meanings: Meanings) -> dict[CodedRule, Meaning]:
    return {rule: meaning for rule, meaning in meanings.items() if meaning.code}


def _moved(rule: CodedRule, code: str, before: Meanings, after: Meanings) -> CodedRule | None:
    """Return the operation's rule with the code only now, preferably of the same field."""
    found = [
        other
        for other, now in after.items()
        if now.code == code and other not in before and other.operation == rule.operation
    ]
    return min(found, key=lambda other: other.field != rule.field, default=None)


def _beside(rule: CodedRule, other: CodedRule) -> str:
    """Return the keyword, and before it the field if the two rules differ in it."""
    return rule.keyword if rule.field == other.field else f"{rule.field} {rule.keyword}".strip()


def _where(rule: CodedRule) -> str:
    return f"{rule.operation} {rule.field}".strip()
