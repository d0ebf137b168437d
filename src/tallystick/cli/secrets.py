"""`secrets`: rotates the key of encrypted secrets."""

from __future__ import annotations

from json import dumps

import click
from click.exceptions import Exit

from tallystick.cli.command import Group
from tallystick.cli.options import as_json, database, fail, read_settings, say
from tallystick.cli.store import require_store

LEFT = 1
"""The exit code if some secrets could not be decrypted."""


@click.group(cls=Group)
def secrets() -> None:
    """Rotate the key of the stored secrets."""


@secrets.command("rotate")
@database
@as_json
def rotate_secrets(database: str | None, as_json: bool) -> None:
    """Encrypt every stored secret with a new key.

    The exit code is 0 for all of them, 1 if some could not be decrypted, 2 if the command failed.

    Examples:

      tallystick secrets rotate
      TALLYSTICK_SECRET_KEY=NEW,OLD tallystick secrets rotate

    Without TALLYSTICK_SECRET_KEY the key file beside an SQLite database gets a new key: stop the
    server first. With it, the secrets are encrypted with its first key, and servers with both keys
    may go on running. With --json you get an object {sealed, lost} of two numbers.
    """
    import asyncio

    from tallystick.contract.exceptions import Problem
    from tallystick.store import StoreError
    from tallystick.store.key_rotation import rotate_key

    settings = read_settings(database=database)
    require_store(settings)
    try:
        resealed = asyncio.run(rotate_key(settings))
    except (Problem, StoreError) as error:
        fail(str(error))
    if as_json:
        print(dumps({"sealed": resealed.done, "lost": resealed.lost}))
    else:
        print(f"sealed with the new key: {resealed.done}")
    if resealed.lost:
        say(f"left as they were, as their key is missing: {resealed.lost}")
        raise Exit(LEFT)
