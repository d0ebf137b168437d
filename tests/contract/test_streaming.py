"""Answers without an end of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from asgi_reply import AsgiReply
from tallystick.contract.answer import Answer
from tallystick.contract.compiled import stream_answer

EMPTY = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


class Pieces:
    """A body of some pieces, which then waits for ever or ends."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces = pieces
        self._ends = ends
        self.is_closed = False

    async def generate(self) -> AsyncGenerator[bytes, None]:
        try:
            for piece in self._pieces:
                yield piece
            if not self._ends:
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


def receiving(*messages: Any) -> Callable[[], Any]:
    """Return a receiver of these messages, and of nothing more."""
    left = iter(messages)

    async def receive() -> Any:
        if (message := next(left, None)) is None:
            await asyncio.Event().wait()
        return message

    return receive


def streamed(pieces: Pieces, *messages: Any, head: bool = False) -> tuple[AsgiReply, int]:
    reply = AsgiReply()
    answer = Answer(pieces.generate(), 200, {"X-A": "b"})
    size = asyncio.run(stream_answer(answer, head, receiving(*messages), reply))
    return reply, size


def test_a_stream_is_sent_piece_by_piece_and_has_no_length() -> None:
    reply, size = streamed(Pieces(b"ab", b"c"), EMPTY)
    assert (reply.status, reply.body, size) == (200, b"abc", 3)
    assert b"content-length" not in reply.headers


@pytest.mark.parametrize("messages", [[GONE], [EMPTY, GONE]])
def test_a_stream_ends_when_its_caller_leaves(messages: list[Any]) -> None:
    pieces = Pieces(b"a", ends=False)
    reply, _ = streamed(pieces, *messages)
    assert (reply.status, pieces.is_closed) == (200, True)


def test_the_head_of_a_stream_comes_alone() -> None:
    reply, size = streamed(Pieces(b"a", ends=False), EMPTY, head=True)
    assert (reply.status, reply.body, size) == (200, b"", 0)
