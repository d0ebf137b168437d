"""A command that shows its help as its docstring has it."""

from __future__ import annotations

import inspect
import re
import sys

import click


class Command(click.Command):
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

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002  # a list wraps it
        """Return the first sentence, however long it is."""
        return super().get_short_help_str(sys.maxsize)
