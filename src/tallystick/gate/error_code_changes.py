"""Finds changes in the error codes of broken rules and of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.contract import error_codes
from tallystick.gate.change import Change, Level
from tallystick.gate.openapi_document import OpenApiDocument, Steps
from tallystick.gate.outcome import ContractPlace


class CodedRule(NamedTuple):
    """A rule for requests: a schema keyword at one field of an operation."""

    operation: str
    field: str
    """Such as ``query cl`` or ``body us.application``; empty for the request as a whole."""
    keyword: str


class Meaning(NamedTuple):
    """The error code for breaking a rule."""

    code: str
    place: ContractPlace


class AnswerCode(NamedTuple):
    """An error code of an operation's answer."""

    operation: str
    status: str
    code: str


def find_code_changes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Change]:
    """Yield every change of error codes."""
    yield from _of_codes(old, new)
    before, after = dict(_meanings(old, "old")), dict(_meanings(new, "new"))
    for answer, place in _lost(old, new, "old", before):
        says = f"{answer.status} no longer carries {answer.code}"
        yield Change(Level.BREAKING, "answer-code-removed", answer.operation, says, (place,))
    for answer, place in _lost(new, old, "new", after):
        says = f"{answer.status} now carries {answer.code}"
        yield Change(Level.ADDITION, "answer-code-added", answer.operation, says, (place,))
    # What is gone as a whole is not a matter of codes.
    kept = {rule[:2] for rule in after}
    before, after = _named(before), _named(after)
    told: set[tuple[ContractPlace, str]] = set()
    for rule, meaning in before.items():
        if rule[:2] not in kept:
            continue
        change = _of_rule(rule, meaning, before, after)
        # A schema that several operations share changes once.
        if change and (meaning.place, change.says) not in told:
            told.add((meaning.place, change.says))
            yield change
    for rule, meaning in after.items():
        says = f"{rule.keyword} now means {meaning.code}"
        if rule not in before and (meaning.place, says) not in told:
            told.add((meaning.place, says))
            yield Change(Level.ADDITION, "code-added", _where(rule), says, (meaning.place,))


def _of_codes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Change]:
    before, after = old.content.get("x-codes", {}), new.content.get("x-codes", {})
    for code, said in before.items():
        place = old.place("old", "x-codes", code)
        if code not in after:
            says = "the code is no longer there"
            yield Change(Level.BREAKING, "code-removed", str(code), says, (place,))
            continue
        places = (place, new.place("new", "x-codes", code))
        if said["status"] != after[code]["status"]:
            says = f"it moved from status {said['status']} to {after[code]['status']}"
            yield Change(Level.BREAKING, "code-status-changed", str(code), says, places)
        if said["message"] != after[code]["message"]:
            says = f"its message was {said['message']!r} and is {after[code]['message']!r}"
            yield Change(Level.NOTE, "code-message-changed", str(code), says, places)
    for code in after:
        if code not in before:
            place = new.place("new", "x-codes", code)
            yield Change(Level.ADDITION, "code-added", str(code), "the code is new", (place,))


def _lost(
    document: OpenApiDocument,
    other: OpenApiDocument,
    says: str,
    meanings: Mapping[CodedRule, Meaning],
) -> Iterator[tuple[AnswerCode, ContractPlace]]:
    """Yield the codes that an answer of `document` carries and the same answer of `other` lacks.

    A code named by a rule, moved to another status or missing altogether is reported elsewhere.
    """
    meant = {(rule.operation, meaning.code) for rule, meaning in meanings.items()}
    statuses = {name: code.status for name, code in error_codes.table(other.content).items()}
    carried = {answer for answer, _ in _answers(other, says)}
    answers = {answer[:2] for answer in carried}
    for answer, place in _answers(document, says):
        name, status, code = answer
        is_same = str(statuses.get(code)) == status and (name, status) in answers
        if is_same and answer not in carried and (name, code) not in meant:
            yield answer, place


def _answers(document: OpenApiDocument, says: str) -> Iterator[tuple[AnswerCode, ContractPlace]]:
    """Yield each code of each answer; an empty code stands for the answer itself."""
    codes = error_codes.table(document.content)
    for name, operation, steps in document.operations():
        answers = error_codes.answer_codes(operation, document.content, codes)
        for status, found in answers.items():
            response = operation["responses"][status]
            _, at = document.resolve(response, (*steps, "responses", status))
            place = document.place(says, *at, "x-codes")
            for code in ("", *found):
                yield AnswerCode(name, status, code), place


def _of_rule(
    rule: CodedRule,
    meaning: Meaning,
    before: Mapping[CodedRule, Meaning],
    after: Mapping[CodedRule, Meaning],
) -> Change | None:
    code, now = meaning.code, after.get(rule)
    if now and now.code == code:
        return None
    if now:
        says = f"{rule.keyword} meant {code} and means {now.code}"
        places = (meaning.place, now.place)
        return Change(Level.BREAKING, "code-renamed", _where(rule), says, places)
    if moved := _moved(rule, code, before, after):
        says = f"{code} moved from {_beside(rule, moved)} to {_beside(moved, rule)}"
        places = (meaning.place, after[moved].place)
        return Change(Level.BREAKING, "code-moved", _where(rule), says, places)
    says = f"{rule.keyword} no longer means {code}"
    return Change(Level.BREAKING, "code-unmapped", _where(rule), says, (meaning.place,))


def _named(meanings: Mapping[CodedRule, Meaning]) -> dict[CodedRule, Meaning]:
    return {rule: meaning for rule, meaning in meanings.items() if meaning.code}


def _moved(
    rule: CodedRule,
    code: str,
    before: Mapping[CodedRule, Meaning],
    after: Mapping[CodedRule, Meaning],
) -> CodedRule | None:
    """Return the operation's rule that has the code only now, preferably of the same field."""
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


def _meanings(document: OpenApiDocument, says: str) -> Iterator[tuple[CodedRule, Meaning]]:
    for name, operation, steps in document.operations():
        yield from _of(document, says, CodedRule(name, "", ""), operation, steps)
        for index, listed in enumerate(operation["parameters"]):
            parameter, at = document.resolve(listed, (*steps, "parameters", index))
            rule = CodedRule(name, f"{parameter['in']} {parameter['name']}", "")
            yield from _of(document, says, rule, parameter, at)
            schema = (*at, "schema")
            yield from _of_schema(document, says, rule, parameter.get("schema", {}), schema, ())
        body, at = document.resolve(operation.get("requestBody", {}), (*steps, "requestBody"))
        for media, content in body.get("content", {}).items():
            rule = CodedRule(name, "body", "")
            schema = (*at, "content", media, "schema")
            yield from _of_schema(document, says, rule, content.get("schema", {}), schema, ())


def _of_schema(
    document: OpenApiDocument,
    says: str,
    rule: CodedRule,
    schema: Any,
    steps: Steps,
    seen: tuple[Steps, ...],
) -> Iterator[tuple[CodedRule, Meaning]]:
    schema, steps = document.resolve(schema, steps)
    if steps in seen or not isinstance(schema, dict):
        return
    yield from _of(document, says, rule, schema, steps)
    for key, field, part in _parts(schema):
        below = CodedRule(rule.operation, f"{rule.field}.{field}", "")
        yield from _of_schema(document, says, below, part, (*steps, *key), (*seen, steps))


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[Steps, str, Any]]:
    for group in ("properties", "x-gathered"):
        for name, part in schema.get(group, {}).items():
            yield (group, name), name, part
    for name in ("items", "additionalProperties"):
        if name in schema:
            yield (name,), "*", schema[name]
    for group in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(schema.get(group, [])):
            yield (group, index), str(index), part


def _of(
    document: OpenApiDocument, says: str, rule: CodedRule, item: Mapping[str, Any], steps: Steps
) -> Iterator[tuple[CodedRule, Meaning]]:
    yield rule, Meaning("", document.place(says, *steps))
    for keyword, code in item.get("x-error-codes", {}).items():
        place = document.place(says, *steps, "x-error-codes", keyword)
        yield rule._replace(keyword=keyword), Meaning(str(code), place)
