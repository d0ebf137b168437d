"""Documents around small examples: a schema, a parameter, an operation and so on."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from tallystick.gate.comparison import FailOn, compare
from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun

_TOP = "openapi: {version}\ninfo: {{title: Parcels, version: '1'}}\n"
_POST = "paths:\n  /parcels:\n    post:\n"
_SCHEMES = """\
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: bearer}
"""
_CODES = """\
x-codes:
  C001: {status: 400, message: is wrong}
  C002: {status: 400, message: is odd}
  N404: {status: 404, message: is gone}
"""
_RESPONSES = "      responses: {'200': {description: Done.}}\n"
_BODY = "      requestBody:\n        content:\n          application/json:\n            schema:\n"
_ANSWER = (
    "      responses:\n        '200':\n          description: Done.\n          content:\n"
    "            application/json:\n              schema:\n"
)
_PARAMETER = "      parameters:\n        -\n"


def framed(at: str, text: str, version: str = "3.0.3") -> str:
    """Return a document with a text at a place."""
    top = _TOP.format(version=version)
    inner = {
        "request": lambda: _POST + _BODY + indent(text, " " * 14) + "\n" + _RESPONSES,
        "answer": lambda: _POST + _ANSWER + indent(text, " " * 16) + "\n",
        "parameter": lambda: _POST + _PARAMETER + indent(text, " " * 10) + "\n" + _RESPONSES,
        "coded": lambda: _CODES + _POST + _PARAMETER + indent(text, " " * 10) + "\n" + _RESPONSES,
        "operation": lambda: _POST + indent(text, " " * 6) + "\n" + _RESPONSES,
        "secured": lambda: _SCHEMES + _POST + indent(text, " " * 6) + "\n" + _RESPONSES,
        "responses": lambda: _POST + "      responses:\n" + indent(text, " " * 8) + "\n",
        "coded-responses": lambda: (
            _CODES + _POST + "      responses:\n" + indent(text, " " * 8) + "\n"
        ),
        "paths": lambda: "paths:\n" + indent(text, "  ") + "\n",
        "webhooks": lambda: "paths: {}\nwebhooks:\n" + indent(text, "  ") + "\n",
        "document": lambda: (text if "paths:" in text else _POST + _RESPONSES + text) + "\n",
    }
    return top + inner[at]()


def compared(
    folder: Path,
    at: str,
    old: str,
    new: str,
    *,
    versions: tuple[str, str] = ("3.0.3", "3.0.3"),
    fail_on: FailOn = FailOn.BREAKING,
) -> VerifyRun:
    """Return the comparison of two texts at a place in a document."""
    files = folder / "old.yaml", folder / "new.yaml"
    for file, text, version in zip(files, (old, new), versions, strict=True):
        file.write_text(framed(at, text, version), encoding="utf-8")
    return compare(*files, fail_on=fail_on)


def told(run: VerifyRun) -> list[tuple[str, str]]:
    """Return the level and rule of each change."""
    return [(result.reason, result.rule) for result in run.results if result.rule]


def faults(run: VerifyRun) -> list[CheckResult]:
    """Return the parts that could not be compared."""
    return run.list_results(Outcome.ERROR)
