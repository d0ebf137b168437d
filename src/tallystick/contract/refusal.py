"""Renders the refusals of the HTTP protocol, made before a request is complete."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from tallystick.contract.answer import Answer
from tallystick.contract.exceptions import Problem
from tallystick.contract.operation import Operation

REFUSED = "refused"
"""The type of an ASGI scope with a ``problem`` and without headers."""


class Renderer(Protocol):
    """An interface for finding operations and rendering their errors."""

    def route(self, method: str, raw_path: bytes) -> tuple[Operation, Any]:
        """Return the operation at a path, and the values of its templates."""
        ...

    def render(
        self, problem: Problem, operation: Operation | None, scope: Mapping[str, Any]
    ) -> Answer:
        """Return the problem as an answer in the shape of the API."""
        ...


def render_refusal(plan: Renderer, scope: Mapping[str, Any]) -> tuple[Operation | None, Answer]:
    """Return the operation called, if any, and the answer to the scope's problem."""
    operation = None
    with suppress(Problem):
        operation, _ = plan.route(scope["method"], scope["raw_path"])
    return operation, plan.render(scope["problem"], operation, scope)
