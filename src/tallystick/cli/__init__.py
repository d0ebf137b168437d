"""The command line, with a module for each group of commands."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from importlib import import_module

import click

from tallystick.cli.options import fail
from tallystick.cli.output import taken_output
from tallystick.cli.plain_text import printable_lines
from tallystick.collector import without_collector
from tallystick.file_errors import explain_os_error

_COMMANDS: Mapping[str, str] = {
    "serve": "serve.serve",
    "mock": "serve.mock",
    "proxy": "serve.proxy",
    "worker": "serve.worker",
    "verify": "gate.verify",
    "diff": "gate.diff",
    "ingest": "ingest.ingest",
    "init": "init.init",
    "check": "check.check",
    "backup": "backup.back_up",
    "restore": "backup.restore",
    "compare": "compare.compare",
    "credentials": "credentials.list_credentials",
    "clients": "clients.write_clients",
    "keys": "keys.keys",
    "secrets": "secrets.secrets",
    "entities": "entities.entities",
    "events": "events.events",
    "charon": "charon.charon",
}
"""Name → the module here and its command, or its group of commands."""

_INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""


class _Commands(click.Group):
    """The commands of the program; a module is imported when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return [*_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, member = _COMMANDS[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"tallystick.cli.{module}"), member)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=_COMMANDS, ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except click.UsageError as error:
            # click quotes each wrong word but an unexpected argument, which may command a terminal.
            error.message = printable_lines(error.message)  # type: ignore[misc]  # it is shown from there
            raise
        except OSError as error:
            if error.filename is None:
                raise
            fail(explain_os_error(error))  # such as of a folder that is closed to this user


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="tallystick", message="tallystick %(version)s", help="Print the version."
)
def program() -> None:
    """Five real event APIs, served from their contracts."""
    # Called once the command's module is imported: from here on a command makes what does not stay.
    gc.freeze()
    gc.enable()


def main() -> None:
    """Run the command line."""
    with taken_output(), without_collector():
        program()
