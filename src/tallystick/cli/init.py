"""`init`: a folder with settings, a database and a first key."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick import defaults
from tallystick.cli.command import Command
from tallystick.cli.options import create_settings, fail
from tallystick.cli.store import with_store

if TYPE_CHECKING:
    from tallystick.apis.keys import ApiKeys
    from tallystick.store import Database as Store

DATABASE = "tallystick.db"

_LINES = f"""\
# Settings of Tallystick, which each command reads in the folder it is started in; a variable of the
# environment goes before its line here. `tallystick check` tells whether they are valid.
TALLYSTICK_HOST={defaults.HOST}
TALLYSTICK_PORT={defaults.PORT}
TALLYSTICK_DATABASE=sqlite:///{DATABASE}
# Days to keep an event; 0 keeps it for ever.
TALLYSTICK_RETENTION_DAYS=0
"""


@click.command(cls=Command)
@click.argument(
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Made if it is not there.",
)
def init(folder: Path) -> None:
    """Write a settings file, make a database and a first key, and tell you what comes next.

    Example:

      tallystick init /var/lib/tallystick

    The key is for the service's own calls at /gateway/v1, with every scope; its secret is shown
    this one time. Nothing is replaced: a folder that has a settings file is refused.
    """
    from tallystick.settings import FILE, Settings
    from tallystick.store.engine import sqlite_url

    if (folder / DATABASE).exists():
        fail(f"{folder / DATABASE} is there already")
    try:
        given = {"database": sqlite_url(folder / DATABASE)}
    except UnicodeEncodeError:
        fail(f"{folder} is not UTF-8: no URL can name a database there")
    # The new folder's file is the only one that counts here, and all of it is valid.
    settings = create_settings(Settings, given, with_file=False)
    _write_new(folder / FILE)

    async def create(keys: ApiKeys, _: Store) -> None:
        _key, secret = await keys.create_key("gateway", "init", ["*"])
        print("\n".join(_next_steps(folder, secret)))

    with_store(settings, create)


def _write_new(file: Path) -> None:
    _make_folder(file.parent)
    try:
        # For its owner alone: later lines may be secrets.
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as written:
            written.write(_LINES)
    except FileExistsError:
        fail(f"{file} is there already")
    except OSError as error:
        fail(f"can't write {file}: {error.strerror}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        fail(f"{folder} is there already, and is no folder")
    except OSError as error:
        fail(f"can't make the folder {folder}: {error.strerror}")


def _next_steps(folder: Path, secret: str) -> list[str]:
    from tallystick.settings import FILE

    into = [] if folder == Path() else [f"  {shlex.join(['cd', str(folder)])}"]
    events = f"http://{defaults.HOST}:{defaults.PORT}/gateway/v1/events"
    return [
        f"your settings are in {folder / FILE}",
        f"the gateway's key, shown only now: {secret}",
        "",
        "next:",
        *into,
        "  tallystick keys create event_store --scope events:write",
        "  tallystick serve",
        f"  curl -H 'Authorization: Bearer {secret}' {events}",
    ]
