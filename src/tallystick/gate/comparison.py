"""Compares two OpenAPI documents, or two folders of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from tallystick.collector import without_collector
from tallystick.contract.reader.positions import find_lines
from tallystick.contract.reader.references import ContractFile, Node
from tallystick.gate import baseline, redocly
from tallystick.gate.change import Change, Level
from tallystick.gate.diff.difference import Difference
from tallystick.gate.diff.operations import OperationDifferences
from tallystick.gate.diff.rules import find_rule, list_rules
from tallystick.gate.error_code_changes import find_code_changes
from tallystick.gate.example_changes import ExampleDifferences
from tallystick.gate.openapi_document import (
    NotUnderstood,
    OpenApiDocument,
    PartOfADocument,
    read_document,
)
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome, VerifyRun
from tallystick.gate.security_changes import find_security_changes

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that a terminal would obey."""

_SUFFIXES = (".yaml", ".yml", ".json")


class RuleSet(StrEnum):
    """Say by which rules schemas, parameters and answers are compared."""

    OWN = "own"
    REDOCLY = "redocly"


class FailOn(StrEnum):
    """Say from which level on a change fails the comparison."""

    BREAKING = "breaking"
    WARNING = "warning"
    ANY = "any"
    NONE = "none"

    @property
    def levels(self) -> frozenset[Level]:
        """Return the failing levels."""
        known = {FailOn.BREAKING: 1, FailOn.WARNING: 2, FailOn.ANY: len(Level), FailOn.NONE: 0}
        return frozenset(list(Level)[: known[self]])


def compare(
    old: Path,
    new: Path,
    known: Path | None = None,
    rules: RuleSet = RuleSet.OWN,
    fail_on: FailOn = FailOn.BREAKING,
) -> VerifyRun:
    """Return all changes as results, each of the levels of `fail_on` as a failure.

    `known` is a baseline's file. Raises `NotADocument` for a file without a document.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    results: list[CheckResult] = []
    with without_collector():
        for before, after in _pairs(old, new):
            levels = fail_on.levels
            results += _results(before, after, rules, levels, is_in_folder=old.is_dir())
    patterns = baseline.read_baseline(known) if known else []
    return VerifyRun(
        url=f"{old} → {new}",
        apis=tuple(dict.fromkeys(result.api for result in results)),
        budget="",
        seed=0,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        answers=0,
        results=list(baseline.apply(patterns, results)),
    )


def _pairs(old: Path, new: Path) -> Iterator[tuple[Path, Path]]:
    if not old.is_dir():
        yield old, new
        return
    for before in sorted(file for file in old.iterdir() if file.suffix in _SUFFIXES):
        yield before, new / before.name


def _results(
    old: Path, new: Path, rules: RuleSet, failing: frozenset[Level], *, is_in_folder: bool
) -> Iterator[CheckResult]:
    api = old.stem
    try:
        before = read_document(old)
    except PartOfADocument:
        if not is_in_folder:
            raise
        return  # the documents that refer to it tell its changes
    if is_in_folder and not new.exists():
        gone = Change(Level.BREAKING, "document-removed", api, f"{new} is no longer there")
        yield _result(api, gone, failing)
        return
    after = read_document(new)
    yield CheckResult(api, "diff", "both documents were read", Outcome.PASSED)
    comparison = DocumentComparison(before, after)
    differences = comparison.find(rules)
    for change in _locate(differences):
        yield _result(api, change, failing)
    yield from (_fault(api, error) for error in comparison.list_faults())
    if rules is RuleSet.REDOCLY:
        yield from _redocly_results(api, old, new, failing)


def _redocly_results(
    api: str, old: Path, new: Path, failing: frozenset[Level]
) -> Iterator[CheckResult]:
    try:
        general = list(redocly.find_redocly_changes(old, new))
    except redocly.NoRedocly as error:
        yield CheckResult(api, "diff", "general rules", Outcome.ERROR, reason=str(error))
        return
    yield from (_result(api, change, failing) for change in general)


class DocumentComparison:
    """Compares two documents by all rules."""

    def __init__(self, old: OpenApiDocument, new: OpenApiDocument) -> None:
        self._documents = old, new
        self._operations = OperationDifferences(old, new)

    def find(self, rules: RuleSet = RuleSet.OWN) -> list[Difference]:
        """Return all differences, each once."""
        found: dict[tuple[object, ...], Difference] = {}
        for part in self._list_parts(rules):
            try:
                for difference in part:
                    found.setdefault(difference.key, difference)
            except NotUnderstood as error:
                self._operations.faults.append(error)
        return list(found.values())

    def _list_parts(self, rules: RuleSet) -> Iterator[Iterable[Difference]]:
        operations = self._operations
        if rules is RuleSet.OWN:
            yield operations.find()
        yield find_code_changes(*self._documents)
        yield find_security_changes(*self._documents, operations.pairs)
        if any(document.may_have_text(b"example") for document in self._documents):
            examples = ExampleDifferences(*self._documents, operations.messages)
            yield from (examples.find(pair) for pair in operations.changed_pairs)

    def list_faults(self) -> list[NotUnderstood]:
        """Return the parts left without a comparison, each once."""
        found = {error.node.key: error for error in self._operations.faults}
        for document in self._documents:
            for node in document.list_repeated():
                error = NotUnderstood(node, "is given twice: the last one was compared")
                found.setdefault(node.key, error)
        return list(found.values())


def _locate(differences: list[Difference]) -> Iterator[Change]:
    """Yield the differences with the lines of their places."""
    nodes = [node for each in differences for node in (each.old, each.new) if node]
    lines = _find_lines(nodes)
    for each in differences:
        places = tuple(
            ContractPlace(says, node.file.name, lines[node.key])
            for says, node in (("old", each.old), ("new", each.new))
            if node
        )
        where, says = (_CONTROL.sub("\ufffd", text) for text in (each.where, each.says))
        yield Change(find_rule(each.rule).level, each.rule, where, says, places)


def _find_lines(nodes: list[Node]) -> dict[tuple[object, ...], int]:
    by_file: dict[str, list[Node]] = {}
    files: dict[str, ContractFile] = {}
    for node in nodes:
        files[node.file.location] = node.file
        by_file.setdefault(node.file.location, []).append(node)
    found: dict[tuple[object, ...], int] = {}
    for location, own in by_file.items():
        lines = find_lines(files[location].text, {node.steps for node in own}, no_key_twice=True)
        found |= {node.key: lines[node.steps] for node in own}
    return found


def _fault(api: str, error: NotUnderstood) -> CheckResult:
    line = _find_lines([error.node])[error.node.key]
    place = ContractPlace("not understood", error.node.file.name, line)
    return CheckResult(
        api,
        "diff",
        f"not compared: {place}",
        Outcome.ERROR,
        reason=str(error),
        places=(place,),
    )


def _result(api: str, change: Change, failing: frozenset[Level]) -> CheckResult:
    fails = change.level in failing
    rule = list_rules().get(change.rule)
    return CheckResult(
        api,
        "diff",
        f"{change.rule} {change.where}: {change.says}",
        Outcome.FAILED if fails else Outcome.PASSED,
        reason=change.level,
        objections=(change.says, *([f"{rule.concerns}: {rule.why}"] if rule else [])),
        places=change.places,
        rule=change.rule,
    )
