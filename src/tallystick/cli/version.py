"""The options of `tallystick` itself, before a command's name."""

from __future__ import annotations

import gc
from typing import Annotated

import typer


def _show(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"tallystick {version('tallystick')}")
        raise typer.Exit


def tallystick(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_show,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Serve five real event APIs from their contracts."""
    # Called when the program's options are read, for which Typer imports the most: from here on a
    # command makes what does not stay.
    gc.enable()
