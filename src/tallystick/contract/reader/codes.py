"""The error codes of a document of one's own: its table, and where keywords name them."""

from __future__ import annotations

import re
from collections.abc import Container
from http import HTTPStatus
from typing import Any

from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.references import Node

_STATUS = re.compile(r"[1-5][0-9]{2}")

CodeTable = dict[str, dict[str, Any]]


def read_code_table(root: Node, findings: Findings) -> CodeTable:
    """Return the ``x-codes`` of a document; a code without a status is left out."""
    if "x-codes" not in root.value:
        return {}
    table = root.child("x-codes")
    if not isinstance(table.value, dict):
        findings.warn(table, "code-invalid", "must map codes to status and message: it is left out")
        return {}
    found = {}
    for code, node in table.members():
        status = node.value.get("status") if isinstance(node.value, dict) else None
        if not is_status(status):
            findings.warn(node, "code-invalid", "must have an HTTP status: it is left out")
            continue
        message = node.value.get("message", _phrase(int(str(status))))
        found[code] = {**node.value, "status": int(str(status)), "message": str(message)}
    return found


def is_status(status: Any) -> bool:
    """Return whether a value is an HTTP status, as a number or as text."""
    return _STATUS.fullmatch(str(status)) is not None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP status {status}"


def known_codes(node: Node, codes: Container[str], findings: Findings) -> dict[str, str]:
    """Return the codes of an ``x-error-codes``, by keyword; unknown ones are left out."""
    if not isinstance(node.value, dict):
        findings.warn(node, "code-invalid", "must map keywords to codes: it is left out")
        return {}
    return {
        keyword: str(code.value)
        for keyword, code in node.members()
        if _is_known(code, codes, findings)
    }


def listed_codes(node: Node, codes: Container[str], findings: Findings) -> list[str]:
    """Return the codes listed in a response; unknown ones are left out."""
    if not isinstance(node.value, list):
        findings.warn(node, "code-invalid", "must be a list of codes: it is left out")
        return []
    return [str(code.value) for code in node.items() if _is_known(code, codes, findings)]


def _is_known(node: Node, codes: Container[str], findings: Findings) -> bool:
    if str(node.value) in codes:
        return True
    findings.warn(node, "code-unknown", f"{node.value} is not in x-codes: it is left out")
    return False
