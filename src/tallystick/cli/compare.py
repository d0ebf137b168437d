"""`compare`: two recordings of a proxy."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from tallystick.cli.options import Json, fail


def compare(
    old: Annotated[Path, typer.Argument(help="The world recorded first.")],
    new: Annotated[Path, typer.Argument(help="The world recorded later.")],
    json: Json = False,
) -> None:
    """Compare two recordings of `proxy --record`: exit code 0 if equal, 1 if not, 2 if it failed.

    Example: tallystick compare monday.yaml today.yaml

    You see each request that was answered otherwise, came or is gone. Times are not compared. With
    --json you get an array of these lines.
    """
    from tallystick.mock.recording_diff import compare_recordings
    from tallystick.mock.world import BadWorld

    try:
        lines = compare_recordings(old, new)
    except BadWorld as error:
        fail(str(error))
    if json:
        print(dumps(lines))
    else:
        print(*lines, sep="\n", end="\n" if lines else "")
    raise typer.Exit(1 if lines else 0)
