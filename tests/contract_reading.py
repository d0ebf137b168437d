"""How tests write a contract down and read it."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.contract.reader.contracts import ReadContract

Read = Callable[..., ReadContract]
"""``read(text, version="3.0.3", **others)``: a document without its top, and further files."""

Refused = Callable[[str], list[str]]
"""``refused(text)``: why nothing of a whole text can be served."""
