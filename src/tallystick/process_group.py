"""Several processes that serve one port: started, replaced when they end, stopped together."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic

from tallystick.event_loop import STOPPING

PACE_S = 1.0
"""The least number of seconds between two starts of one member."""

_log = logging.getLogger(__name__)


class MemberFailed(Exception):
    """A process of the group can't start; the message tells why."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code or 2


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A process of a group, as it sees itself."""

    number: int
    """Counted from 0; the process that replaces this one has the same."""

    listener: socket.socket
    """A socket of the group's port, bound; it takes callers from the first `listen` on."""

    _reports: Connection

    @property
    def lifeline(self) -> int:
        """Return a descriptor that becomes readable when the group's first process is gone."""
        parent = multiprocessing.parent_process()
        assert parent
        return parent.sentinel

    def report_ready(self, lines: Sequence[str]) -> None:
        """Tell the group that this process serves; the last one's lines are printed."""
        self._reports.send((True, list(lines)))

    def report_failure(self, reason: str) -> None:
        """Tell the group why this process can't start."""
        self._reports.send((False, [reason]))


@dataclass(slots=True)
class _Slot:
    """The place of a member: its process, which may be another one later, and its socket."""

    number: int
    listener: socket.socket
    process: BaseProcess | None = None
    reports: Connection | None = None
    is_ready: bool = False
    failure: str = ""
    due: float = 0.0
    """The time of the next start, by the monotonic clock."""

    def read_report(self) -> list[str]:
        """Return the lines of a process that has just become ready, else none."""
        if self.is_ready or self.reports is None or not self.reports.poll():
            return []
        try:
            self.is_ready, lines = self.reports.recv()
        except EOFError:  # it ended without a word
            return []
        if self.is_ready:
            return list(lines)
        self.failure = lines[0]
        return []


class ProcessGroup:
    """Processes forked from this one, which serve nothing itself."""

    def __init__(
        self, size: int, bind: Callable[[], socket.socket], serve: Callable[[GroupMember], None]
    ) -> None:
        """`bind` returns another socket of the same port; `serve` may raise `MemberFailed`."""
        self._bind = bind
        self._serve = serve
        # A socket for each: the kernel spreads callers over them. Of one socket for all, the first
        # process that wakes takes most of a burst (docs/decisions/store.md, "How do several
        # processes share a port?").
        self._slots = [_Slot(number, bind()) for number in range(size)]
        self._context = multiprocessing.get_context("fork")
        self._woken, self._waker = socket.socketpair()
        self._is_stopping = False
        self._is_announced = False

    def run(self) -> bool:
        """Serve until SIGINT or SIGTERM; return whether all processes ended well.

        Raise `MemberFailed` if one can't start at first. A later one that can't is tried again.
        """
        for number in STOPPING:
            signal.signal(number, self._begin_stop)
        try:
            while not self._is_stopping:
                self._start_due()
                wait(list(self._awaited()), self._patience())
                for slot in self._slots:
                    self._look_at(slot)
        finally:
            is_well = self._stop()
        return is_well

    def _begin_stop(self, *_: object) -> None:
        self._is_stopping = True
        self._waker.send(b"\0")

    def _start_due(self) -> None:
        for slot in self._slots:
            if slot.process is None and slot.due <= monotonic():
                self._start(slot)

    def _start(self, slot: _Slot) -> None:
        slot.reports, reports = self._context.Pipe(duplex=False)
        slot.is_ready, slot.failure, slot.due = False, "", monotonic() + PACE_S
        slot.process = self._context.Process(
            target=self._run_member, args=(slot, reports), daemon=True
        )
        slot.process.start()
        # Now its process alone can write, so that its end is the end of the pipe.
        reports.close()

    def _run_member(self, slot: _Slot, reports: Connection) -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        # A socket takes callers until its last copy is closed.
        for other in self._slots:
            if other is not slot:
                other.listener.close()
        if self._is_stopping:  # told before the line above
            return
        member = GroupMember(slot.number, slot.listener, reports)
        try:
            self._serve(member)
        except MemberFailed as error:
            member.report_failure(str(error))
            sys.exit(error.exit_code)

    def _awaited(self) -> Iterator[socket.socket | Connection | int]:
        yield self._woken
        for slot in self._slots:
            if slot.process is not None:
                yield slot.process.sentinel
                if slot.reports is not None and not slot.is_ready:
                    yield slot.reports

    def _patience(self) -> float | None:
        dues = [slot.due for slot in self._slots if slot.process is None]
        return max(0.0, min(dues) - monotonic()) if dues else None

    def _look_at(self, slot: _Slot) -> None:
        lines = slot.read_report()
        if not self._is_announced and all(each.is_ready for each in self._slots):
            self._is_announced = True
            print(*lines, sep="\n", file=sys.stderr, flush=True)
        if slot.process is not None and not slot.process.is_alive() and not self._is_stopping:
            self._bury(slot, slot.process)

    def _bury(self, slot: _Slot, process: BaseProcess) -> None:
        """Make room for another process, or raise `MemberFailed` if this was the group's start."""
        reason = slot.failure or f"it ended with exit code {process.exitcode}"
        if not self._is_announced:
            if slot.failure:
                raise MemberFailed(slot.failure, process.exitcode)
            raise MemberFailed(f"a process of the group can't start: {reason}")
        _log.error("process %s is replaced: %s", process.pid, reason)
        if not slot.is_ready:
            self._turn_callers_away(slot)
        slot.process = None

    def _turn_callers_away(self, slot: _Slot) -> None:
        """Leave new callers to the other members, until this one is ready again."""
        kept, slot.listener = slot.listener, self._bind()
        kept.close()

    def _stop(self) -> bool:
        """End all processes by SIGTERM, which each obeys in bounded time."""
        processes = [slot.process for slot in self._slots if slot.process is not None]
        for process in processes:
            process.terminate()
        for slot in self._slots:
            slot.listener.close()
        for process in processes:
            process.join()
        return all(process.exitcode in (0, -signal.SIGTERM) for process in processes)


def bind_shared(address: tuple[str, int], family: socket.AddressFamily) -> socket.socket:
    """Return a socket bound to an address that others of this user may share; raise `OSError`."""
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:  # as `socket.create_server` makes them
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made
