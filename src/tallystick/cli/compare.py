"""`compare`: two recordings of a proxy."""

from __future__ import annotations

from json import dumps
from pathlib import Path

import click
from click.exceptions import Exit

from tallystick.cli.command import Command
from tallystick.cli.options import as_json, fail

_RECORDING = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("old", type=_RECORDING, help="The world recorded first.")
@click.argument("new", type=_RECORDING, help="The world recorded later.")
@as_json
def compare(old: Path, new: Path, as_json: bool) -> None:
    """Compare two recordings of `proxy --record`: exit code 0 if equal, 1 if not, 2 if it failed.

    Example:

      tallystick compare monday.yaml today.yaml

    You see each request that was answered otherwise, came or is gone. Times are not compared. With
    --json you get an array of these lines.
    """
    from tallystick.mock.recording_diff import compare_recordings
    from tallystick.mock.world import BadWorld

    try:
        lines = compare_recordings(old, new)
    except BadWorld as error:
        fail(str(error))
    if as_json:
        print(dumps(lines))
    else:
        print(*lines, sep="\n", end="\n" if lines else "")
    raise Exit(1 if lines else 0)
