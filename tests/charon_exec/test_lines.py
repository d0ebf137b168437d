"""Output becomes messages: all of it, in order, none too long."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from tallystick.charon_exec import lines
from tallystick.charon_exec.lines import LIMIT, Backlog, Output, Splitter, join_lines


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


def taken(backlog: Backlog) -> list[Output]:
    found = []
    while output := backlog.take_output(0):
        found.append(output)
    return found


@given(st.lists(st.tuples(st.sampled_from(["info", "warning"]), st.binary(min_size=1, max_size=5))))
def test_nothing_is_lost_and_everything_keeps_its_order(said: list[tuple[str, bytes]]) -> None:
    backlog = Backlog()
    for type_, data in said:
        backlog.add_output(type_, data)
    found = taken(backlog)
    joined = [
        (type_, b"".join(d for _, d in group)) for type_, group in groupby(said, itemgetter(0))
    ]
    assert [(output.type, output.data) for output in found] == joined


def test_output_is_taken_in_pieces_of_some_64_kb() -> None:
    backlog = Backlog()
    for _ in range(5):
        backlog.add_output("info", b"x" * (LIMIT - 1))
    assert [len(output.data) for output in taken(backlog)] == [2 * (LIMIT - 1)] * 2 + [LIMIT - 1]


def test_of_too_much_the_oldest_output_is_dropped_and_its_lines_are_counted() -> None:
    backlog = Backlog()
    for number in range(lines.BACKLOG_BYTES // 1_024 + 10):
        backlog.add_output("info", b"%05d" % number + b"x" * 1_018 + b"\n")
    first, second, *_ = taken(backlog)
    assert (first.lost_lines, second.lost_lines) == (10, 0)
    assert first.data.startswith(b"00010")


def test_a_closed_backlog_gives_what_waits_and_takes_no_more() -> None:
    backlog = Backlog()
    backlog.add_output("info", b"a\n")
    backlog.close()
    backlog.add_output("info", b"b\n")
    assert taken(backlog) == [Output("info", b"a\n", 0)]
    dropped = Backlog()
    dropped.add_output("info", b"a\n")
    dropped.close(drop=True)
    assert taken(dropped) == []


def test_a_message_has_as_many_lines_as_fit() -> None:
    assert [len(text) for text in join_lines(["x" * (LIMIT // 2)] * 5)] == [LIMIT // 2] * 5
    fitting = ["x" * (LIMIT // 2 - 1)] * 2 + ["x" * (LIMIT // 2)] * 2
    assert [len(text) for text in join_lines(fitting)] == [LIMIT - 1, LIMIT // 2, LIMIT // 2]
    assert list(join_lines([])) == []


@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=5)))
def test_joined_lines_are_the_lines(said: list[str]) -> None:
    assert [line for text in join_lines(said) for line in text.split("\n")] == said
