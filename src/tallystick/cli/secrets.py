"""`secrets`: a new key for what is kept sealed."""

from __future__ import annotations

import asyncio
import sys

import typer

from tallystick.cli.options import Database, fail, read_settings

LEFT = 1
"""The exit code where some secrets could not be opened."""

app = typer.Typer(help="Sealed secrets.", no_args_is_help=True)


@app.callback()
def secrets() -> None:
    """Secrets that are kept sealed."""


@app.command("rotate")
def rotate_secrets(database: Database = None) -> None:
    """Seal every stored secret with a new key: 0 all are sealed, 1 some are left, 2 it failed.

    Examples:

      tallystick secrets rotate

      TALLYSTICK_SECRET_KEY=NEW,OLD tallystick secrets rotate

    Without TALLYSTICK_SECRET_KEY the key file beside an SQLite database gets a new key: stop the
    server first. With it, everything is sealed with its first key, beside servers that have both.
    """
    from tallystick.contract.exceptions import Problem
    from tallystick.store import StoreError
    from tallystick.store.key_rotation import rotate_key

    try:
        resealed = asyncio.run(rotate_key(read_settings(database=database)))
    except (Problem, StoreError) as error:
        fail(str(error))
    print(f"sealed with the new key: {resealed.done}")
    if resealed.lost:
        lost = f"left as they were, as their key is missing: {resealed.lost}"
        print(f"tallystick: {lost}", file=sys.stderr)
        raise typer.Exit(LEFT)
