"""The command line of `tallystick charon exec`, which loads nothing that a server needs."""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Sequence

from tallystick.charon_exec.child import BY_SIGNAL
from tallystick.charon_exec.run import Options, run_execution
from tallystick.defaults import HOST, PORT

URL_VARIABLE = "TALLYSTICK_URL"
KEY_VARIABLE = "TALLYSTICK_CHARON_KEY"

_DESCRIPTION = """\
Run a command as an execution of a cron, and exit with its exit code.

Its output is sent as messages while it runs. If charon can't be reached, the command runs all the
same, unless you give --strict. If the cron may not start now, the exit code is 75.
"""
_EXAMPLE = "Example: tallystick charon exec nightly-report -- ./backup.sh --full"


def execute(arguments: Sequence[str]) -> int:
    """Run a command as its command line tells, and return its exit code.

    Bad arguments end this process with exit code 2.
    """
    own, command = _split_command(arguments)
    given = _parser().parse_args(own)
    command = command or given.command
    if not command:
        _parser().error("the command to run is missing: put it after --")
    options = Options(given.url, given.key, given.strict, given.quiet)
    try:
        return run_execution(given.slug, command, options)
    except KeyboardInterrupt:  # before the command has started
        return BY_SIGNAL + signal.SIGINT


def _split_command(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before the first ``--``, and those behind it."""
    given = list(arguments)
    end = given.index("--") if "--" in given else len(given)
    return given[:end], given[end + 1 :]


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # argparse's own has no types here
        super().add_usage(usage, actions, groups, prefix or "Usage: ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "tallystick charon exec",
        usage="tallystick charon exec [OPTIONS] SLUG -- COMMAND [ARGUMENT]...",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("slug", metavar="SLUG", help="the cron's slug")
    parser.add_argument("command", metavar="COMMAND", nargs="*", help="the command to run")
    parser.add_argument(
        "--url",
        default=os.environ.get(URL_VARIABLE) or f"http://{HOST}:{PORT}",
        help=f"base URL of charon, or else {URL_VARIABLE} (default: http://{HOST}:{PORT})",
    )
    parser.add_argument(
        "--key",
        default=os.environ.get(KEY_VARIABLE, ""),
        help=f"API key of your application, or else {KEY_VARIABLE}",
    )
    parser.add_argument(
        "--strict", action="store_true", help="don't run the command if charon is away"
    )
    parser.add_argument(
        "--quiet",
        action="store_true",
        help="send the command's output to charon alone; if charon is away, it is shown",
    )
    return parser
