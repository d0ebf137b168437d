"""Refusals that say nothing against a request, but of what the server has at that moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData

from . import contract

ONCE = re.compile(r"idempoten|request-?id|nonce", re.IGNORECASE)
"""Names of headers whose value a server takes for the same call again."""

_GONE, _CHANGED, _NO_RANGE, _UNPROCESSABLE, _NO_VERSION = 410, 412, 416, 422, 428
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_about_state(
    failure: Failure, case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Return whether a right request may be refused so, by what is gone, changed, short or done.

    To Schemathesis, 404 and 409 alone are such refusals, and a lack of `If-Match` is a 400.
    """
    status = response.status_code
    if isinstance(failure, MissingHeaderNotRejected):
        return status == _NO_VERSION
    if not isinstance(failure, RejectedPositiveData):
        return False
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or _has_no_uuid(operation, case.path_parameters or {}):
        return operation is not None
    is_used = any(ONCE.search(name) for name in case.headers or {})
    statuses = {_GONE, _CHANGED, _NO_RANGE, _NO_VERSION} | ({_UNPROCESSABLE} if is_used else set())
    declared = {str(answer.status) for answer in operation.declared} | operation.ranges
    return status in statuses and not declared.isdisjoint({str(status), "4XX", "default"})


def _has_no_uuid(operation: contract.DeclaredOperation, values: Mapping[str, Any]) -> bool:
    """Return whether a part of the path has not its form: Schemathesis puts ids of others there."""
    names = {
        each["name"]
        for each in contract.parameters(operation)
        if each["in"] == "path"
        and contract.parameter_schema(operation.api, each).get("format") == "uuid"
    }
    return any(not _UUID.fullmatch(str(values.get(name))) for name in names)
