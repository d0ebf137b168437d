"""Writes a report for code scanners: SARIF 2.1.0, each failure at its line of the contract."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tallystick.gate.change import Level
from tallystick.gate.diff.rules import list_rules
from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome, VerifyRun, details

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "vector": "The answer differs from the page or the ruling.",
    "example": "An example of the contract is refused.",
    "access": "A credential that is nearly right is taken.",
    "rule": "A broken rule is not answered with its error code.",
    "sequence": "A later answer does not fit an earlier one.",
    "bytes": "Broken bytes got a wrong answer.",
    "log": "An accepted event is missing in the log, or there more than once.",
    "time": "Some answers come much later than the others.",
    "fuzz": "The answer to a generated request breaks the contract.",
    "coverage": "The contract does not declare this answer.",
    "run": "The server could not be tested.",
    "diff": "A change breaks callers of the API.",
    "known": "A known failure is gone.",
}


def sarif(run: VerifyRun, version: str, tool: str = "tallystick verify") -> str:
    """Return the run as SARIF."""
    results = [result for result in run.results if _level(result) != "none"]
    rules = list(dict.fromkeys((*_RULES, *(result.rule for result in results if result.rule))))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(tool, version, rules)},
                "automationDetails": {"id": f"tallystick/{'+'.join(run.apis)}/"},
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": [_result(result, rules) for result in results],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _level(result: CheckResult) -> str:
    if result.outcome in {Outcome.FAILED, Outcome.ERROR}:
        return "warning" if result.reason == Level.WARNING else "error"
    return "warning" if result.rule and result.reason in {Level.BREAKING, Level.WARNING} else "none"


def _driver(tool: str, version: str, rules: list[str]) -> dict[str, Any]:
    return {"name": tool, "semanticVersion": version, "rules": [_rule(rule) for rule in rules]}


def _rule(id_: str) -> dict[str, Any]:
    rule = list_rules().get(id_)
    if rule is None:
        return {"id": id_, "shortDescription": {"text": _RULES.get(id_, id_)}}
    told = {"shortDescription": {"text": rule.title}, "fullDescription": {"text": rule.why}}
    return {"id": id_, **told, "helpUri": rule.page}


def _invocation(run: VerifyRun) -> dict[str, Any]:
    notes = [
        {"level": "error", "message": {"text": f"{result.id}: {result.reason}"}}
        for result in run.list_results(Outcome.ERROR)
    ]
    return {
        "executionSuccessful": not notes,
        "exitCode": run.exit_code,
        "startTimeUtc": run.started.replace("+00:00", "Z"),
        "toolExecutionNotifications": notes,
    }


def _result(result: CheckResult, rules: list[str]) -> dict[str, Any]:
    rule = result.rule or result.suite
    # A scanner shows the first place: the contract, and of two documents the new one.
    places = sorted(result.places, key=lambda place: place.says in {"vector", "old"})
    return {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": _level(result),
        "message": {"text": f"{result.id}\n{details(result)}"},
        "locations": [_location(place) for place in places[:1]],
        "relatedLocations": [_location(place) for place in places[1:]],
        "partialFingerprints": {
            "check/v1": hashlib.sha256(result.id.encode()).hexdigest()[:32],
        },
    }


def _location(place: ContractPlace) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": place.file},
            "region": {"startLine": place.line},
        },
        "message": {"text": place.says},
    }
