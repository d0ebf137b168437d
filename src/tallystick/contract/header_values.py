"""Values of the headers that a contract declares for an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from tallystick.contract.declared_examples import declared_examples

_SERVERS_OWN = frozenset(
    "connection content-encoding content-length content-type date keep-alive trailer "
    "transfer-encoding upgrade".split()
)
"""Headers that go by how an answer is sent: another value would break the connection."""

_SENDABLE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

Node = Mapping[str, Any]


class ValueMaker(Protocol):
    """Makes values of schemas."""

    def make_value(self, schema: Node, seed: str) -> Any:
        """Return a value of a schema, the same one for the same seed."""
        ...


def is_servers_own(name: str) -> bool:
    """Return whether the server alone can know a header's value."""
    return name.lower() in _SERVERS_OWN


def header_example(header: Node) -> str | None:
    """Return the first example of a header that can be sent, as text; None without one."""
    examples = declared_examples(header, header.get("schema", {}))
    texts = (_text(header, value) for value in examples)
    return next(filter(_SENDABLE.fullmatch, texts), None)


def header_value(name: str, header: Node, maker: ValueMaker) -> str:
    """Return a header's first example, or else a value made of its schema."""
    example = header_example(header)
    if example is not None:
        return example
    made = _text(header, maker.make_value(header.get("schema", {}), name))
    return made if _SENDABLE.fullmatch(made) else ""


def _text(header: Node, value: Any) -> str:
    """Return a value in the style of headers."""
    if isinstance(value, Mapping):
        between = "=" if header.get("explode") else ","
        return ",".join(f"{name}{between}{_word(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ",".join(map(_word, value))
    return _word(value)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
