"""`charon exec`: runs a command as an execution of a cron."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

app = typer.Typer(help="Run commands as executions of crons.", no_args_is_help=True)


@app.callback()
def charon() -> None:
    """Run commands as executions of crons."""


@app.command("exec")
def execute(
    slug: Annotated[str, typer.Argument(help="The cron's slug.")],
    command: Annotated[list[str], typer.Argument(help="The command and its arguments.")],
    url: Annotated[
        str, typer.Option(envvar="TALLYSTICK_URL", help="Base URL of charon.")
    ] = "http://127.0.0.1:8080",
    key: Annotated[
        str, typer.Option(envvar="TALLYSTICK_CHARON_KEY", help="API key of your application.")
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Don't run the command if charon is away.")
    ] = False,
) -> None:
    """Run a command as an execution of a cron, and exit with its exit code.

    Each line of its output is sent as a message while it runs. If charon can't be reached, the
    command runs all the same, unless you give --strict. If the cron may not start now, the exit
    code is 75.

    Example: tallystick charon exec nightly-report -- ./backup.sh --full
    """
    from tallystick import charon_exec

    options = charon_exec.Options(url, key, strict)
    raise typer.Exit(asyncio.run(charon_exec.run_execution(slug, command, options)))
