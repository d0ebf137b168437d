"""What is sent back: an answer, and what gives a problem an API's own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import Problem


class Answer(NamedTuple):
    """A response: a body (bytes as they are, anything else as JSON), a status and headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class ErrorRenderer(Protocol):
    """Turns a problem into an answer of one API's own shape."""

    def __call__(self, problem: Problem, codes: Codes) -> Answer:
        """The answer; every problem has one."""
        ...
