"""`charon exec`: runs a command as an execution of a cron."""

from __future__ import annotations

import typer
from typer.core import TyperCommand

app = typer.Typer(help="Run commands as executions of crons.", no_args_is_help=True)


class _RawCommand(TyperCommand):
    """A command whose arguments are read by itself, as it also starts without this package."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # click's context is the same object
        ctx.args = args
        return []


@app.callback()
def charon() -> None:
    """Run commands as executions of crons."""


@app.command("exec", cls=_RawCommand)
def execute_command(ctx: typer.Context) -> None:
    """Run a command as an execution of a cron, and exit with its exit code."""
    from tallystick.charon_exec.command import execute

    raise typer.Exit(execute(ctx.args))
