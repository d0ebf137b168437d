"""A command as an execution of a cron, from the permission to start to the exit code."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tallystick.charon_exec import child
from tallystick.charon_exec.child import BY_SIGNAL, CannotStartCommand, Signals
from tallystick.charon_exec.client import (
    Away,
    CallRefused,
    CharonClient,
    patiently,
    seconds_from_now,
)
from tallystick.charon_exec.report import ExecutionReport

START_S = 5.0
"""How many seconds to wait for a charon that is away, for example during a restart."""

NOT_ALLOWED = 75
"""The exit code if the cron may not start now: `EX_TEMPFAIL` of ``sysexits.h``."""

NO_CHARON = 69
"""The exit code of a strict run without charon: `EX_UNAVAILABLE` of ``sysexits.h``."""

_NOT_NOW = frozenset({409, 418})


@dataclass(frozen=True, slots=True)
class Options:
    """The address of charon, and whether the command needs it."""

    url: str
    key: str
    strict: bool
    """Run the command only as an execution that charon has started."""
    quiet: bool
    """Send the command's output to charon alone."""


class _NotAllowed(Exception):
    """The cron may not start now."""


class _NoKey(Exception):
    """No API key is given: set TALLYSTICK_CHARON_KEY, or give --key."""


def run_execution(slug: str, command: Sequence[str], options: Options) -> int:
    """Return the exit code of the command, or the one for a refused start."""
    charon = CharonClient(options.url, options.key)
    name = shlex.quote(slug)  # an empty one is seen too
    try:
        report = ExecutionReport(charon, _begin(charon, slug, options.key), _warn)
    except _NotAllowed as reason:
        _warn(f"{name} was not started: {reason}")
        return NOT_ALLOWED
    except (_NoKey, Away, CallRefused) as reason:
        if options.strict:
            _warn(f"{name} was not started: {reason}")
            return NO_CHARON
        _warn(f"{name} runs unwatched: {reason}")
        return _exit_code(command, Signals(), None, is_shown=True)
    return _run_watched(command, report, is_shown=not options.quiet)


def _begin(charon: CharonClient, slug: str, key: str) -> int:
    """Return the id of a new execution."""
    if not key:
        raise _NoKey(_NoKey.__doc__)
    cron = patiently(partial(charon.can_start, slug), seconds_from_now(START_S))
    if not cron.is_active:
        raise _NotAllowed("the cron is not active")
    try:
        # A start whose answer was lost may have begun an execution, so it is not repeated.
        start = partial(charon.start_execution, cron.id)
        return patiently(start, seconds_from_now(START_S), only_without_effect=True)
    except CallRefused as error:
        if error.status in _NOT_NOW:
            raise _NotAllowed(str(error)) from None
        raise


def _run_watched(command: Sequence[str], report: ExecutionReport, *, is_shown: bool) -> int:
    signals = Signals()
    code = _exit_code(command, signals, report, is_shown=is_shown)
    signals.pass_to(lambda _: report.give_up())
    report.finish(_outcome(code), code)
    return code


def _exit_code(
    command: Sequence[str], signals: Signals, report: ExecutionReport | None, *, is_shown: bool
) -> int:
    def tell(type_: str, data: bytes) -> None:
        if report:
            report.add_output(type_, data)

    output, error = partial(tell, "info"), partial(tell, "warning")
    try:
        return child.run_command(command, signals, output, error, is_shown=is_shown)
    except CannotStartCommand as reason:
        _warn(str(reason))
        tell("error", str(reason).encode(errors="replace"))
        return reason.exit_code


def _outcome(code: int) -> str:
    if code > BY_SIGNAL and code - BY_SIGNAL in set(signal.Signals):
        return f"ended by {signal.Signals(code - BY_SIGNAL).name}"
    return f"exit code {code}"


def _warn(message: str) -> None:
    print(f"tallystick: {message}", file=sys.stderr, flush=True)
