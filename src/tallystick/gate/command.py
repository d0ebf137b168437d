"""The commands `verify` and `diff`, called by the command line."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from tallystick.file_errors import explain_os_error
from tallystick.gate.configuration import BadConfiguration, configuration, pairs
from tallystick.gate.github_commands import github_commands
from tallystick.gate.reports import (
    OF_DOCUMENTS,
    OF_SERVERS,
    refuse_unknown,
    with_copied_sources,
    write_reports,
)
from tallystick.gate.terminal import show, show_changes

if TYPE_CHECKING:
    from tallystick.gate.runner import Progress

_REPORT_FORM = "a report is written KIND=FILE, such as junit=report.xml"


class CannotRun(Exception):
    """The command can't run; the message says why."""


def verify(
    url: str | None,
    reports: Sequence[str],
    credentials: Sequence[str],
    known: Sequence[str],
    *,
    api: Sequence[str] | None = None,
    contract: Sequence[str] | None = None,
    budget: str | None = None,
    safe: bool = False,
    only: str | None = None,
    suite: Sequence[str] | None = None,
    check: Sequence[str] | None = None,
    seed: int | None = None,
    baseline: Path | None = None,
) -> int:
    """Check a server, print and write the results, and return the exit code.

    Raises `CannotRun`.
    """
    from tallystick.gate import runner

    try:
        told = configuration(
            url,
            apis=tuple(api or ()),
            contracts=tuple(contract or ()),
            budget=budget,
            safe=safe or None,
            only=only,
            suites=tuple(suite or ()),
            checks=tuple(check or ()),
            seed=seed,
            baseline=baseline,
            reports={kind: Path(file) for kind, file in pairs(reports, _REPORT_FORM).items()},
            credentials=pairs(credentials, "a credential is written NAME=SECRET"),
            known=pairs(known, "an identifier is written NAME=ID"),
        )
        refuse_unknown(told.reports, OF_SERVERS)
        with _progress() as progress:
            found = runner.run_suites(told, progress)
        with_copies = with_copied_sources(found, told.reports)
        write_reports(with_copies, told.reports, OF_SERVERS)
    except (BadConfiguration, runner.NotInstalled) as error:
        raise CannotRun(str(error)) from error
    except OSError as error:
        raise CannotRun(explain_os_error(error)) from error
    except Exception as error:
        # what nobody thought of is no verdict either
        raise CannotRun(traceback.format_exc()) from error
    show(found, _console())
    return found.exit_code


def diff(
    old: Path,
    new: Path,
    reports: Sequence[str] = (),
    baseline: Path | None = None,
    *,
    rules: str = "own",
    fail_on: str = "breaking",
) -> int:
    """Compare two documents, print and write the changes, and return the exit code.

    Raises `CannotRun`.
    """
    from tallystick.gate import comparison
    from tallystick.gate.openapi_document import NotADocument

    try:
        files = {kind: Path(file) for kind, file in pairs(reports, _REPORT_FORM).items()}
        refuse_unknown(files, OF_DOCUMENTS)
        found = comparison.compare(
            old,
            new,
            baseline,
            _chosen(comparison.RuleSet, rules, "rules"),
            _chosen(comparison.FailOn, fail_on, "level to fail on"),
        )
        write_reports(found, files, OF_DOCUMENTS)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            print(github_commands(found), end="")
    except (BadConfiguration, NotADocument) as error:
        raise CannotRun(str(error)) from error
    except OSError as error:
        raise CannotRun(explain_os_error(error)) from error
    except Exception as error:
        raise CannotRun(traceback.format_exc()) from error
    show_changes(found, _console())
    return found.exit_code


Choice = TypeVar("Choice", bound=StrEnum)


def _chosen(choices: type[Choice], name: str, kind: str) -> Choice:
    if name not in list(choices):
        raise BadConfiguration(f"unknown {kind} {name}: choose one of {', '.join(choices)}")
    return choices(name)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 200)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a progress bar on a terminal; elsewhere print nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Bar(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)

        def progress(title: str, done: int, size: int) -> None:
            bar.update(task, description=title, completed=done, total=size or None)

        yield progress
