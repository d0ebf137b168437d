"""`entities`: imports monitored entities of keyastrom."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli.command import Group
from tallystick.cli.options import as_json, database, fail, progress_bar, read_settings
from tallystick.cli.store import with_store

if TYPE_CHECKING:
    from tallystick.contract.exceptions import Violation
    from tallystick.store import Database as Store

_SHOWN = 20
"""The most violations of a file to show."""


@click.group(cls=Group)
def entities() -> None:
    """Import monitored entities of keyastrom."""


@entities.command("import")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Topology, in YAML or JSON.",
)
@database
@as_json
def import_entities(file: Path, database: str | None, as_json: bool) -> None:
    """Add the entities in a topology file, or replace those with the same id.

    A running server selects them at once. PUT /gateway/v1/entities takes the same content.

    Example:

      tallystick entities import topology.yaml

    With --json you get an object {created, replaced} of two numbers.
    """
    from tallystick.apis.keyastrom import topology
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Invalid
    from tallystick.contract.yaml_bounds import YamlOutOfBounds, read_bounded_file

    clock = SystemClock()
    try:
        world = topology.read_topology(read_bounded_file(file), clock.now_ms())
    except YamlOutOfBounds as error:
        fail(f"{file} {error}")
    except Invalid as error:
        fail(
            "\n".join(f"{file}: {_describe(violation)}" for violation in error.violations[:_SHOWN])
        )

    async def load(store: Store) -> None:
        with progress_bar() as progress:
            task = progress.add_task("entities", total=len(world))
            created, replaced = await topology.load_topology(
                store, clock, world, lambda count: progress.advance(task, count)
            )
        if as_json:
            print(dumps({"created": created, "replaced": replaced}))
        else:
            print(f"{created} entities created, {replaced} replaced")

    with_store(read_settings(database=database), lambda _, store: load(store))


def _describe(violation: Violation) -> str:
    return f"{'.'.join(map(str, violation.path))} {violation.message}".strip()
