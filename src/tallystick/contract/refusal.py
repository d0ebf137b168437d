"""What the connection refuses before there is a whole request, in the shape of the API called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from tallystick.contract.answer import Answer
from tallystick.contract.exceptions import Problem
from tallystick.contract.operation import Operation

REFUSED = "refused"
"""The type of a scope that has a ``problem``, and no headers."""


class Renderer(Protocol):
    """Knows the operations, and the shape of their errors."""

    def route(self, method: str, raw_path: bytes) -> tuple[Operation, Any]:
        """The operation at a path."""
        ...

    def render(self, problem: Problem, operation: Operation | None, raw_path: bytes) -> Answer:
        """The problem in the shape of the API."""
        ...


def render_refusal(plan: Renderer, scope: Mapping[str, Any]) -> tuple[Operation | None, Answer]:
    """Return the operation that was called, if any, and the answer to the scope's problem."""
    operation = None
    with suppress(Problem):
        operation, _ = plan.route(scope["method"], scope["raw_path"])
    return operation, plan.render(scope["problem"], operation, scope["raw_path"])
