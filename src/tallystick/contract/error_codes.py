"""Error codes, as the contract declares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ErrorCode(NamedTuple):
    """What the contract says of one error code."""

    status: int
    message: str


Codes = Mapping[str, ErrorCode]
"""The ``x-codes`` of one API's document: error code → HTTP status and text."""
