"""The command line, with a module for each group of commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module

import typer

from tallystick.cli import version
from tallystick.cli.output import taken_output
from tallystick.collector import without_collector

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
    "keys": "keys.app",
    "secrets": "secrets.app",
    "entities": "entities.app",
    "events": "events.app",
    "charon": "charon.app",
}
"""Name → the module here and its function, or its app with commands of its own."""


def build_app(names: Iterable[str] = _COMMANDS) -> typer.Typer:
    """Return the command line with some commands; their modules alone are imported."""
    app = typer.Typer(
        help="Five real event APIs, served from their contracts.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=version.tallystick,
    )
    for name in names:
        module, _, member = _COMMANDS[name].partition(".")
        command = getattr(import_module(f"tallystick.cli.{module}"), member)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main() -> None:
    """Run the command line."""
    if not (sys.stdout and sys.stdout.isatty()) and not os.environ.get("FORCE_COLOR"):
        # Else Typer colours what a job of GitHub prints, into files and pipes too.
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
    # Typer builds every command that it has, and one runs.
    asked = [name for name in sys.argv[1:2] if name in _COMMANDS]
    with taken_output(), without_collector():
        build_app(asked or _COMMANDS)()
