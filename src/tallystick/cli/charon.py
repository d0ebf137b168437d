"""`charon exec`: runs a command as an execution of a cron."""

from __future__ import annotations

import click
from click.exceptions import Exit

from tallystick.cli.command import Command, Group


class _RawCommand(Command):
    """A command whose arguments are read by itself, as it also starts without this package."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.args = args
        return []


@click.group(cls=Group)
def charon() -> None:
    """Run commands as executions of crons."""


@charon.command("exec", cls=_RawCommand)
@click.pass_context
def execute_command(ctx: click.Context) -> None:
    """Run a command as an execution of a cron, and exit with its exit code."""
    from tallystick.charon_exec.command import execute

    raise Exit(execute(ctx.args))
