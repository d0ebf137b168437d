"""Output becomes messages: all of it, in order, none too long."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.charon_exec import lines
from tallystick.charon_exec.lines import LIMIT, Backlog, OutputMessage, Splitter


def split(*pieces: bytes) -> list[str]:
    splitter = Splitter()
    found = [line for piece in pieces for line in splitter.feed(piece)]
    return found + splitter.end()


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_lines_do_not_depend_on_where_the_stream_was_cut(pieces: list[bytes]) -> None:
    assert split(*pieces) == split(b"".join(pieces))


def test_a_line_ends_with_a_newline_with_or_without_a_return() -> None:
    assert split(b"a\r\nb\n\nc") == ["a", "b", "", "c"]
    assert split(b"") == []


def test_what_is_no_utf8_is_replaced() -> None:
    assert split(b"a\xffb\n") == ["a\ufffdb"]


@given(st.sampled_from(["a", "é", "€", "😀"]), st.integers(0, 3), st.integers(1, 3))
def test_a_long_line_is_cut_between_characters(character: str, offset: int, times: int) -> None:
    line = "x" * offset + character * (times * LIMIT // len(character.encode()) + 1)
    pieces = split(line.encode(), b"\n")
    assert "".join(pieces) == line
    assert max(len(piece.encode()) for piece in pieces) <= LIMIT
    assert split(line.encode()) == pieces


def test_bytes_that_are_no_text_are_cut_too() -> None:
    assert [len(piece) for piece in split(b"\x80" * (LIMIT + 1))] == [LIMIT, 1]


def taken(backlog: Backlog) -> list[OutputMessage]:
    found = []
    while message := backlog.take_messages():
        found.append(message)
    return found


@given(st.lists(st.tuples(st.sampled_from(["info", "warning"]), st.text(max_size=5))))
def test_nothing_is_lost_and_everything_keeps_its_order(said: list[tuple[str, str]]) -> None:
    backlog = Backlog()
    for type_, line in said:
        backlog.add_lines(type_, line.replace("\n", ""))
    messages = taken(backlog)
    found = [(m.type, line) for m in messages for line in m.text.split("\n")]
    assert found == [(type_, line.replace("\n", "")) for type_, line in said]
    assert all(a.type != b.type for a, b in pairwise(messages))


def test_a_message_has_as_many_lines_as_fit() -> None:
    backlog = Backlog()
    for _ in range(5):
        backlog.add_lines("info", "x" * (LIMIT // 2))
    assert [len(message.text) for message in taken(backlog)] == [
        LIMIT // 2,
        LIMIT // 2,
        LIMIT // 2,
        LIMIT // 2,
        LIMIT // 2,
    ]
    for _ in range(4):
        backlog.add_lines("info", "x" * (LIMIT // 2 - 1))
    assert [len(message.text) for message in taken(backlog)] == [LIMIT - 1, LIMIT - 1]


def test_of_too_much_the_oldest_lines_are_counted_and_dropped() -> None:
    backlog = Backlog()
    line = "x" * 1_023
    for number in range(lines.BACKLOG_BYTES // 1_024 + 10):
        backlog.add_lines("info", f"{number:05}{line[5:]}")
    first, second, *_ = taken(backlog)
    assert first == ("warning", "10 lines are missing here: there was too much output")
    assert second.text.startswith("00010")
