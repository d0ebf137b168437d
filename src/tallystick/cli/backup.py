"""`backup` and `restore`: copies of an SQLite database."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli.command import Command
from tallystick.cli.options import database, fail, progress_bar, read_settings

if TYPE_CHECKING:
    from tallystick.store.backup import Progress

the_copy = click.argument("file", type=click.Path(dir_okay=False, path_type=Path), help="The copy.")


@click.command(cls=Command)
@the_copy
@database
def back_up(file: Path, database: str | None) -> None:
    """Copy the SQLite database into a file, while the server runs or not.

    Example:

      tallystick backup /backup/events-2026-01-31.db

    The copy has all that was acknowledged before the command began. It has no key: the secrets in
    it open with the key file that the command names, or with your TALLYSTICK_SECRET_KEY. Keep the
    key elsewhere. The exit code is 0 for a complete copy on disk, else 2.
    """
    from tallystick.store import backup
    from tallystick.store.last_backup import note_backup

    def copy(progress: Progress) -> None:
        source = backup.database_file(read_settings(database=database).database)
        backup.back_up(source, file.absolute(), progress)
        note_backup(source)
        print(f"copied to {file}")
        if (key := backup.key_of(source)).exists():
            print(
                f"its secrets open with {_short(key)}: keep a copy of that file too, but elsewhere"
            )

    _with_progress(copy)


@click.command(cls=Command)
@the_copy
@database
def restore(file: Path, database: str | None) -> None:
    """Make a new SQLite database of a copy.

    Example:

      tallystick restore /backup/events-2026-01-31.db --database sqlite:///new.db

    Stop the server and move its database away first: nothing is replaced. Then copy the key file
    back under the name that the command tells you. The exit code is 0 if the database is there,
    else 2.
    """
    from tallystick.store import backup

    def copy(progress: Progress) -> None:
        target = backup.database_file(read_settings(database=database).database)
        backup.restore(file.absolute(), target, progress)
        print(f"restored to {_short(target)}")
        if not (key := backup.key_of(target)).exists():
            print(f"if secrets are sealed in it, copy their key to {_short(key)} before a start")

    _with_progress(copy)


def _short(path: Path) -> str:
    """Return a path as people write it, from the folder they are in."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _with_progress(copy: Callable[[Progress], None]) -> None:
    from tallystick.store import StoreError

    _leave_when_stopped()
    with progress_bar() as shown:
        task = shown.add_task("copying", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total)

        try:
            copy(tell)
        except StoreError as error:
            shown.stop()
            fail(str(error))


def _leave_when_stopped() -> None:
    """Let the signals of a shutdown and of a closed terminal end the command as Ctrl-C does.

    The draft of a copy, as large as the database, goes with it.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, lambda given, _: sys.exit(128 + given))
