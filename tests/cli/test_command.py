"""The help of a command keeps the lines of its examples."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from tallystick.cli import program
from tallystick.cli.command import Command


def all_commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command, and of each within it."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from all_commands(inner, (*words, name))


COMMANDS = [words for words in all_commands(program) if words != ("charon", "exec")]


def show_help(*words: str) -> list[str]:
    """Return the lines of a command's help on a terminal of 80 columns."""
    return CliRunner().invoke(program, [*words, "--help"], terminal_width=80).output.splitlines()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_fits_a_terminal(words: tuple[str, ...]) -> None:
    assert [line for line in show_help(*words) if len(line) > 80] == []


def test_a_paragraph_is_wrapped_and_an_indented_one_is_not() -> None:
    line = " ".join(["words"] * 20)

    @click.command(cls=Command)
    def probe() -> None:
        pass

    probe.help = f"Do it.\n\nExamples:\n\n  {line}\n  more\n\n{line}"
    lines = CliRunner().invoke(probe, ["--help"], terminal_width=80).output.splitlines()
    assert f"    {line}" in lines
    assert "    more" in lines
    assert f"  {line}" not in lines


def test_a_list_of_commands_has_their_whole_first_sentences() -> None:
    narrow = CliRunner().invoke(program, ["--help"], terminal_width=50).output
    assert "..." not in narrow.replace("[ARGS]...", "")
    text = " ".join(narrow.split())
    assert "exit code 0 if compatible, 1 if breaking, 2 if the command failed." in text
