"""A command as an execution of a cron, from the permission to start to the exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tallystick.charon_exec import child
from tallystick.charon_exec.child import BY_SIGNAL, CannotStartCommand, Signals
from tallystick.charon_exec.client import Away, CallRefused, CharonClient, patiently
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


class _NotAllowed(Exception):
    """The cron may not start now."""


async def run_execution(slug: str, command: Sequence[str], options: Options) -> int:
    """Return the exit code of the command, or the one for a refused start."""
    async with CharonClient(options.url, options.key) as charon:
        report = None
        try:
            report = ExecutionReport(charon, await _begin(charon, slug), _warn)
        except _NotAllowed as reason:
            _warn(f"{slug} was not started: {reason}")
            return NOT_ALLOWED
        except (Away, CallRefused) as reason:
            if options.strict:
                _warn(f"{slug} was not started: {reason}")
                return NO_CHARON
            _warn(f"{slug} runs unwatched: {reason}")
        return await _run(command, report)


async def _begin(charon: CharonClient, slug: str) -> int:
    """Return the id of a new execution."""
    cron = await patiently(partial(charon.can_start, slug), START_S)
    if not cron.is_active:
        raise _NotAllowed("the cron is not active")
    try:
        # A start whose answer was lost may have begun an execution, so it is not repeated.
        start = partial(charon.start_execution, cron.id)
        return await patiently(start, START_S, only_without_effect=True)
    except CallRefused as error:
        if error.status in _NOT_NOW:
            raise _NotAllowed(str(error)) from None
        raise


async def _run(command: Sequence[str], report: ExecutionReport | None) -> int:
    signals = Signals()
    if report is None:
        return await _exit_code(command, signals, None)
    code = await _exit_code(command, signals, report)
    signals.pass_to(lambda _: report.give_up())
    await report.finish(_outcome(code), success=code == 0)
    return code


async def _exit_code(
    command: Sequence[str], signals: Signals, report: ExecutionReport | None
) -> int:
    def tell(type_: str, line: str) -> None:
        if report:
            report.add_lines(type_, line)

    try:
        return await child.run_command(
            command, signals, partial(tell, "info"), partial(tell, "warning")
        )
    except CannotStartCommand as reason:
        _warn(str(reason))
        tell("error", str(reason))
        return reason.exit_code


def _outcome(code: int) -> str:
    if code > BY_SIGNAL and code - BY_SIGNAL in set(signal.Signals):
        return f"ended by {signal.Signals(code - BY_SIGNAL).name}"
    return f"exit code {code}"


def _warn(message: str) -> None:
    print(f"tallystick: {message}", file=sys.stderr, flush=True)
