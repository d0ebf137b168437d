"""The answer to a request, and the interface for rendering a problem as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import Problem


class Answer(NamedTuple):
    """A response: a body (bytes go out as they are, other values as JSON), a status and headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class ErrorRenderer(Protocol):
    """A renderer of one API's error answers."""

    def __call__(self, problem: Problem, codes: Codes) -> Answer:
        """Return the problem as an answer in the API's error shape."""
        ...


def as_answer(result: Any) -> Answer:
    """Return a handler's result as an answer.

    The result is a body, or a tuple of body and status, or of body, status and headers.
    """
    if not isinstance(result, tuple):
        return Answer(result)
    return result if isinstance(result, Answer) else Answer(*result)


class StrangerRenderer(Protocol):
    """A renderer of the answers at paths that no operation has."""

    def __call__(self, problem: Problem, scope: Mapping[str, Any]) -> Answer:
        """Return the problem as an answer to the request of this scope."""
        ...
