"""The command line, with a module for each group of commands."""

from __future__ import annotations

import os
import sys

import typer

from tallystick.cli import (
    backup,
    charon,
    check,
    clients,
    compare,
    credentials,
    entities,
    events,
    gate,
    ingest,
    init,
    keys,
    secrets,
    serve,
    version,
)

app = typer.Typer(
    help="Five real event APIs, served from their contracts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    callback=version.tallystick,
)
for command in (serve.serve, serve.mock, serve.proxy, serve.worker, gate.verify, gate.diff):
    app.command()(command)
app.command()(ingest.ingest)
app.command()(init.init)
app.command()(check.check)
app.command("backup")(backup.back_up)
app.command()(backup.restore)
app.command()(compare.compare)
app.command("credentials")(credentials.list_credentials)
app.command("clients")(clients.write_clients)
app.add_typer(keys.app, name="keys")
app.add_typer(secrets.app, name="secrets")
app.add_typer(entities.app, name="entities")
app.add_typer(events.app, name="events")
app.add_typer(charon.app, name="charon")


def main() -> None:
    """Run the command line."""
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        # Else Typer colours what a job of GitHub prints, into files and pipes too.
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
    app()
