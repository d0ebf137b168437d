"""`events`: shows, counts, exports and imports the events of the log."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from click.exceptions import Exit

from tallystick.cli.command import Group
from tallystick.cli.options import database, fail, progress_bar, read_settings, say, together
from tallystick.cli.output import OutputNotTaken, drop_output, is_output_left
from tallystick.cli.plain_text import printable
from tallystick.cli.store import with_existing_store, with_store
from tallystick.setting_types import number

if TYPE_CHECKING:
    from rich.text import Text

    from tallystick.clock import Clock
    from tallystick.events import Event, EventLog, EventSelection
    from tallystick.events.transfer import ImportReport
    from tallystick.store import Database as Store

REFUSED = 1
"""The exit code of an import that refused a line."""

STREAM = "-"
"""Stands for standard input or output, in place of a file."""

filters = together(
    click.option("--api", help="Only events of this API."),
    click.option("--type", help="Only events of this type."),
    click.option("--source", help="Only events of this source."),
)
filters_and_times = together(
    filters,
    click.option("--from", metavar="TIME", help="Only events accepted at this time or later."),
    click.option("--to", metavar="TIME", help="Only events accepted before this time."),
)


@click.group(cls=Group)
def events() -> None:
    """Show, count, export and import events."""


@events.command()
@filters
@click.option(
    "--last",
    type=number(0, 1000),
    metavar="N",
    default=10,
    show_default=True,
    help="Newest events to begin with.",
)
@database
def tail(last: int, database: str | None, **filters: str | None) -> None:
    """Show events as they are accepted, until you press Ctrl-C.

    Example:

      tallystick events tail --api charon

    On a terminal an event is one line, with its data cut to the width. Elsewhere a line is a
    CloudEvent in JSON.
    """

    async def follow(log: EventLog, clock: Clock) -> None:
        from tallystick.events.tail import LogTail

        tail = LogTail(log, clock, _selection(filters))
        await tail.follow(_printer(), last, is_output_left)

    try:
        _with_log(database, follow)
    except KeyboardInterrupt:
        drop_output()
    except OutputNotTaken:
        if not is_output_left():
            raise
        drop_output()


@events.command()
@filters_and_times
@database
def count(database: str | None, **filters: str | None) -> None:
    """Print the number of stored events.

    Example:

      tallystick events count --api event_store --from 2026-01-31T00:00:00Z
    """
    selection = _selection(filters)

    async def tell(log: EventLog, _: Clock) -> None:
        print(await log.count_all_events(selection))

    _with_log(database, tell)


@events.command("export")
@click.argument("file", help="New file; - is standard output.")
@filters_and_times
@click.option("--resume", is_flag=True, help="Go on after the last event in the file.")
@database
def export_events(file: str, resume: bool, database: str | None, **filters: str | None) -> None:
    """Write stored events into a file, oldest first, a CloudEvent in JSON a line.

    Example:

      tallystick events export events.jsonl

    The server may run meanwhile: all that it acknowledged before the command began is in the file.
    The exit code is 0 for a complete file on disk, else 2; give --resume to go on with the rest.
    """
    selection = _selection(filters)

    async def export(log: EventLog, clock: Clock) -> None:
        from tallystick.events.transfer import (
            count_to_come,
            export_events,
            refuse_to_come,
            settle_end,
        )

        with _target(file, resume) as (target, after), progress_bar() as progress:
            refuse_to_come(after, clock)
            settled = await settle_end(log, clock, selection)
            task = progress.add_task("events", total=await log.count_all_events(settled))
            told = partial(progress.advance, task)
            done = await export_events(log, target, told, settled, after)
        print(f"{done} events exported", file=sys.stderr)
        if left := await count_to_come(log, clock, selection):
            print(f"{left} events have a time to come: give --resume then", file=sys.stderr)

    _with_log(database, export)


@events.command("import")
@click.argument("file", help="CloudEvents, one a line; - is standard input.")
@database
def import_events(file: str, database: str | None) -> None:
    """Store the events of a file, and deliver none of them.

    Example:

      tallystick events import events.jsonl --database postgresql://db/events

    The server may run meanwhile. You may import a file again, after a break too: an event that is
    stored stays as it is, but for one without a time: it comes once more. The API is the first
    segment of `source`, unless a line has the member `api`. The exit code is 0 if every line is
    stored, 1 if some were refused, and 2 if the command could not run.
    """

    async def load(store: Store) -> None:
        from tallystick.clock import SystemClock
        from tallystick.contract.json_text import allow_depth
        from tallystick.events.transfer import import_events

        allow_depth()
        with _origin(file) as (origin, size), progress_bar() as progress:
            task = progress.add_task("events", total=size)
            told = partial(progress.advance, task)
            _report(await import_events(store, SystemClock(), origin, told))

    with_store(read_settings(database=database), lambda _, store: load(store))


def _report(imported: ImportReport) -> None:
    for line, reason in imported.first_bad:
        say(f"line {line}: {reason}")
    if more := imported.bad - len(imported.first_bad):
        say(f"and {more} more lines")
    print(
        f"{imported.new} events imported, {imported.known} stored before, {imported.bad} refused",
        file=sys.stderr,
    )
    if imported.bad:
        raise Exit(REFUSED)


@contextmanager
def _target(file: str, resume: bool) -> Iterator[tuple[BinaryIO, str]]:
    """Open the file to export to, and tell the id of its last event."""
    from tallystick.events.transfer import BEGINNING, last_id

    if file == STREAM:
        yield sys.stdout.buffer, BEGINNING
        sys.stdout.flush()
        return
    # Private as the database is.
    flags = os.O_RDWR | os.O_CREAT | (0 if resume else os.O_EXCL)
    try:
        target = os.fdopen(os.open(file, flags, 0o600), "r+b")
    except FileExistsError:
        fail(f"{file} exists: give --resume to go on after its last event")
    except OSError as error:
        fail(f"{file}: {_reason(error)}")
    with target:
        try:
            yield target, last_id(target)
            target.flush()
            os.fsync(target.fileno())
        except (OSError, ValueError) as error:
            fail(f"{file}: {_reason(error)}")


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def _origin(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open the file to import, and tell its size in bytes if that is known."""
    if file == STREAM:
        yield sys.stdin.buffer, None
        return
    try:
        with Path(file).open("rb") as origin:
            yield origin, os.fstat(origin.fileno()).st_size
    except OSError as error:
        fail(f"{file}: {error.strerror}")


def _with_log(database: str | None, work: Callable[[EventLog, Clock], Awaitable[None]]) -> None:
    async def run(store: Store) -> None:
        from tallystick.clock import SystemClock
        from tallystick.events import EventLog

        clock = SystemClock()
        await work(EventLog(store, clock, queue=1), clock)

    with_existing_store(read_settings(database=database), run)


def _selection(filters: Mapping[str, str | None]) -> EventSelection:
    from tallystick.events import EventSelection

    return EventSelection(
        api=filters["api"],
        type=filters["type"],
        source=filters["source"],
        from_ms=_time("--from", filters.get("from")),
        to_ms=_time("--to", filters.get("to")),
    )


def _time(option: str, text: str | None) -> int | None:
    from tallystick.times import parse_time

    try:
        return None if text is None else parse_time(text)
    except (ValueError, OverflowError):
        fail(f"{option} is a time such as 2026-01-31T08:00:00Z, or milliseconds since 1970")


def _printer() -> Callable[[Event], object]:
    """Return what shows an event: in colours on a terminal, as JSON elsewhere."""
    if not sys.stdout.isatty():
        from tallystick.events.cloudevent_lines import to_line

        def write(event: Event) -> None:
            sys.stdout.buffer.write(to_line(event))
            sys.stdout.buffer.flush()

        return write
    from rich.console import Console

    console = Console()
    return lambda event: console.print(_row(event), no_wrap=True, overflow="ellipsis", crop=True)


def _row(event: Event) -> Text:
    from rich.text import Text

    from tallystick.times import format_ms

    data = event.data[:1000].decode(errors="replace")
    cells = [
        (format_ms(event.time), "dim"),
        (event.api, "cyan"),
        (event.type, "bold"),
        (event.source, "green"),
        (event.subject, "yellow"),
        (data, ""),
    ]
    return Text("  ").join(Text(printable(text), style) for text, style in cells if text)
