"""Checks that the `Allow` of a 405 tells no method that the path refuses."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.failures import Failure

from . import contract

_OF_FRAMEWORKS = {"HEAD", "OPTIONS"}
"""Methods that frameworks list beside those of a contract."""


def allowed_methods(
    context: schemathesis.CheckContext,  # noqa: ARG001 - Schemathesis passes it
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """Check that the `Allow` of a 405 has no refused and no undeclared method.

    It may lack one: Starlette names those of one route alone. Tomcat refuses TRACE with a list of
    all that its servlets might have.
    """
    method = response.request.method
    path = case.formatted_path
    declared = {each.method for each in contract.operations() if each.pattern.fullmatch(path)}
    if response.status_code != 405 or method == "TRACE" or not declared:
        return
    texts = response.headers.get("allow") or ()
    told = {each.strip().upper() for text in texts for each in text.split(",")} - {""}
    told -= _OF_FRAMEWORKS
    undeclared = ", ".join(sorted(told - declared))
    message = f"the Allow of the 405 lists {undeclared}, which the path does not have"
    if method in told:
        allow = ", ".join(sorted(told))
        message = f"the 405 refuses {method}, and its Allow lists it: {allow}"
    if method in told or undeclared:
        label = case.operation.label
        raise Failure(operation=label, title="Wrong methods in Allow", message=message)
