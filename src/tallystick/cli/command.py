"""Commands that show their help as its docstring has it, and groups of them."""

from __future__ import annotations

import inspect
import re
import sys

import click


class _Listed(click.Command):
    """A command with its whole first sentence in a list of commands."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002  # a list wraps it
        """Return the first sentence, however long it is."""
        return super().get_short_help_str(sys.maxsize)


class Command(_Listed):
    """A command whose help keeps indented lines, such as its examples, as they are written."""

    def format_help_text(
        self,
        ctx: click.Context,  # noqa: ARG002  # as click calls it
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the help, each paragraph wrapped but for indented ones."""
        text = inspect.cleandoc(self.help or "")
        formatter.write_paragraph()
        with formatter.indentation():
            # click wraps no paragraph that has this sign in a line before it.
            formatter.write_text(re.sub(r"(?<=\n\n)(?= )", "\b\n", text))


class Group(_Listed, click.Group):
    """A group whose commands are each a `Command`."""

    command_class = Command
