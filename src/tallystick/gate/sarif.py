"""Writes a report for code scanners: SARIF 2.1.0, each failure at its line of the contract."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tallystick.gate.outcome import CheckResult, ContractPlace, Outcome, VerifyRun, details

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "vector": "The answer differs from the page or the ruling.",
    "bytes": "Broken bytes got a wrong answer.",
    "log": "An accepted event is missing in the log, or there more than once.",
    "fuzz": "The answer to a generated request breaks the contract.",
    "coverage": "The contract does not declare this answer.",
    "run": "The server could not be tested.",
    "diff": "A change breaks callers of the API.",
    "known": "A known failure is gone.",
}


def sarif(run: VerifyRun, version: str, tool: str = "tallystick verify") -> str:
    """Return the run as SARIF."""
    results = run.list_results(Outcome.FAILED, Outcome.ERROR)
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(tool, version)},
                "automationDetails": {"id": f"tallystick/{'+'.join(run.apis)}/"},
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": [_result(result) for result in results],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _driver(tool: str, version: str) -> dict[str, Any]:
    rules = [{"id": rule, "shortDescription": {"text": text}} for rule, text in _RULES.items()]
    return {"name": tool, "semanticVersion": version, "rules": rules}


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


def _result(result: CheckResult) -> dict[str, Any]:
    rules = list(_RULES)
    contract_first = sorted(result.places, key=lambda place: place.says == "vector")
    return {
        "ruleId": result.suite,
        "ruleIndex": rules.index(result.suite),
        "level": "error",
        "message": {"text": f"{result.id}\n{details(result)}"},
        "locations": [_location(place) for place in contract_first[:1]],
        "relatedLocations": [_location(place) for place in contract_first[1:]],
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
