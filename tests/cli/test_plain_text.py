"""Columns stand below each other, and nothing in them commands a terminal."""

from __future__ import annotations

from tallystick.cli.plain_text import align, printable


def test_cells_stand_below_each_other() -> None:
    assert align([("id", "name", ""), ("1", "", "x"), ("123", "b", "")]) == (
        "id   name\n"
        "1          x\n"
        "123  b\n"
    )  # fmt: skip


def test_a_character_that_does_not_print_is_shown_as_a_sign() -> None:
    assert printable("a\x1b[2Jb\nc") == "a\ufffd[2Jb\ufffdc"
    assert align([("\n", "é")]) == "\ufffd  é\n"
