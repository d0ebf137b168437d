"""Answers from outside the contract, and answers with a header of several lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tallystick.contract.answer import Answer
from tallystick.contract.compiled import encode

AnswerHeader: TypeAlias = str | Sequence[str]
"""The value of a header, or those of each of its lines."""

TYPE = "Content-Type"
TEXT = "text/plain; charset=utf-8"


def outside_answer(status: int, headers: Mapping[str, AnswerHeader], body: Any) -> Answer:
    """Return an answer as it is given: a text is sent as it is, other values as JSON.

    A missing body is empty.
    """
    known: dict[str, Any] = {
        TYPE if n.lower() == TYPE.lower() else n: v for n, v in headers.items()
    }
    if body is None:
        return Answer(b"", status, {TYPE: TEXT, **known})
    if isinstance(body, str):
        return Answer(body.encode("utf-8", "replace"), status, {TYPE: TEXT, **known})
    return Answer(body, status, known)


def encode_answer(answer: Answer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return an answer's body as bytes, and all its headers, line by line."""
    given: Mapping[str, AnswerHeader] = answer.headers
    several = {n: v for n, v in given.items() if not isinstance(v, str)}
    if not several:
        return encode(answer)
    single = {n: v for n, v in given.items() if isinstance(v, str)}
    body, headers = encode(answer._replace(headers=single))
    more = [(n.lower().encode(), line.encode("latin-1")) for n, v in several.items() for line in v]
    return body, headers + more
