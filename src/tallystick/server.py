"""Runs a server of the APIs, or a worker for their deliveries."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from tallystick.connection_limits import (
    ConnectionLimits,
    default_connections,
    sent_body_limit,
)
from tallystick.contract.compiled import App
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Problem
from tallystick.contract.json_text import allow_depth
from tallystick.delayed_modules import delayed_package
from tallystick.event_loop import STOPPING, run_coroutine
from tallystick.log_format import set_log_format
from tallystick.once_per_minute import WarningsOncePerMinute
from tallystick.runtime import ServerRuntime, TracingMissing
from tallystick.settings import Settings
from tallystick.shared_warnings import leave_common_warnings
from tallystick.shortage import TRY_LATER, find_shortage
from tallystick.store import DatabaseUnavailable, DatabaseUnusable, StoreError
from tallystick.tls_context import BadCertificate, ServedTls, read_tls
from tallystick.uvicorn_version import is_verified
from tallystick.worker_app import WorkerApp

with delayed_package("uvicorn"):  # its command line
    from uvicorn.config import Config
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    from uvicorn.server import Server

if TYPE_CHECKING:
    from tallystick.ingest.origin import Origin
    from tallystick.mock.mock import Mock
    from tallystick.process_group import GroupMember
    from tallystick.shared_metrics import SharedTexts

SHUTDOWN_S = 10
"""Seconds until the process ends, even with work in progress."""

_REQUESTS_S = 4
"""The seconds of these for requests; the rest is for deliveries and the database."""


_NO_KEY = "no key is known yet: make one by `tallystick keys create API`, while this goes on"


_WRONG = 2
"""The exit code of what a later start would find the same, such as a wrong setting."""


class CannotStart(Exception):
    """The server can't start; the message tells its operator why."""

    def __init__(self, message: str, exit_code: int = _WRONG) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run_server(settings: Settings, mock: Mock | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then finish accepted work; raise `CannotStart`."""
    with _starting(settings), listen(settings.host, settings.port) as listener:
        if settings.workers > 1:
            _run_group(settings, listener)
            return
        server = _UvicornServer(ServerRuntime(settings, mock), _served_tls(settings))
        run_coroutine(server.serve_runtime(listener))


def _run_group(settings: Settings, taken: socket.socket) -> None:
    """Serve by several processes at the address of a socket, which is closed."""
    if not hasattr(os, "fork"):
        raise CannotStart("several workers need Linux or macOS: leave --workers out")
    from tallystick.process_group import MemberFailed, ProcessGroup, bind_shared
    from tallystick.shared_metrics import SharedTexts

    # Made once: each process begins as a copy of this one.
    runtime, tls = ServerRuntime(settings), _served_tls(settings)
    texts = SharedTexts(settings.workers)

    def serve(member: GroupMember) -> None:
        if member.number > 0:
            leave_common_warnings()
        try:
            with _saying_why():
                run_coroutine(_MemberServer(runtime, tls, member, texts).serve_member())
        except CannotStart as error:
            raise MemberFailed(str(error), error.exit_code) from error

    # It was listening to find out whether the port is free: a shared one would be shared with any
    # other server of this user.
    address, family = taken.getsockname()[:2], taken.family
    taken.close()
    try:
        group = ProcessGroup(settings.workers, partial(bind_shared, address, family), serve)
        if not group.run():
            raise SystemExit(1)
    except OSError as error:
        raise CannotStart(str(error)) from error
    except MemberFailed as error:
        raise CannotStart(str(error), error.exit_code) from error


def run_worker(settings: Settings, *, listens: bool = False) -> None:
    """Deliver the events of other servers until SIGINT or SIGTERM; raise `CannotStart`.

    If it `listens`, it serves its health and its metrics at the host and port of the settings.
    """
    with _starting(settings):
        runtime = ServerRuntime(settings)
        if make_url(settings.database).get_backend_name() == "sqlite":
            raise CannotStart(
                "a worker needs PostgreSQL: an SQLite file belongs to one process, and "
                "`tallystick serve` delivers from it itself"
            )
        _run_watched(runtime, "delivering", listens=listens)


def run_ingest(
    settings: Settings, open_origin: Callable[[], Origin], api: str, shown: str, *, listens: bool
) -> None:
    """Read a broker into the log until SIGINT or SIGTERM; raise `CannotStart`.

    It delivers as a worker does, and if it `listens`, it serves the same.
    """
    from tallystick.ingest.ingestion import Ingestion

    with _starting(settings):
        runtime = ServerRuntime(settings)
        runtime.ingestion = Ingestion(runtime.context, open_origin(), api, shown)
        _run_watched(runtime, f"reading {shown}", listens=listens)


def _run_watched(runtime: ServerRuntime, line: str, *, listens: bool) -> None:
    """Run what serves no API, with a port for its health and metrics if it `listens`."""
    if not listens:
        run_coroutine(_run_unwatched(runtime, line))
        return
    with listen(runtime.settings.host, runtime.settings.port) as listener:
        run_coroutine(_WorkerServer(runtime, line).serve_runtime(listener))


async def _run_unwatched(runtime: ServerRuntime, line: str) -> None:
    stopped = asyncio.Event()
    stop_in_time(stopped.set)
    async with runtime.opened():
        print(line, file=sys.stderr, flush=True)
        await stopped.wait()


def stop_in_time(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGINT or SIGTERM, and end the process after `SHUTDOWN_S` seconds."""
    loop = asyncio.get_running_loop()

    def begin(_number: int, _frame: FrameType | None) -> None:
        # A further signal, as of an impatient hand, must not put the end off.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        loop.call_soon_threadsafe(stop)
        # Its own thread sees to it, whatever the loop and the pools are at.
        with suppress(RuntimeError):  # there is no room for a thread
            faulthandler.dump_traceback_later(SHUTDOWN_S, exit=True)

    for number in STOPPING:
        signal.signal(number, begin)


@contextmanager
def _starting(settings: Settings) -> Iterator[None]:
    set_log_format(settings.log_format)
    logging.getLogger("uvicorn.error").addFilter(WarningsOncePerMinute())
    allow_depth()
    with _saying_why():
        yield


@contextmanager
def _saying_why() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        raise CannotStart(error.tell_operator(), TRY_LATER) from error
    except DatabaseUnusable as error:
        raise CannotStart(str(error), TRY_LATER) from error
    except (ContractError, StoreError, Problem, BadCertificate, TracingMissing) as error:
        raise CannotStart(str(error)) from error
    except Exception as error:
        if not (words := find_shortage(error)):
            raise
        raise CannotStart(words, TRY_LATER) from error


def listen(host: str, port: int) -> socket.socket:
    """Return a socket listening on host and port; raise `CannotStart`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(f"can't listen on {host}:{port}: {error.strerror}") from error


def _served_tls(settings: Settings) -> ServedTls | None:
    if not settings.speaks_tls:
        return None
    if settings.tls_cert:
        return read_tls(settings)
    from tallystick.mock.certificates import make_tls
    from tallystick.mock.settings import MockSettings

    assert isinstance(settings, MockSettings)  # others have a certificate
    return make_tls(settings)


def _protocol(settings: Settings, mock: Mock | None, tls: ServedTls | None) -> Any:
    protocol = _http_protocol(settings, mock)
    if tls is None:
        return protocol
    from tallystick.tls_connection import TlsConnection

    return partial(TlsConnection, tls.context, protocol, _connection_limits(settings))


def _http_protocol(settings: Settings, mock: Mock | None) -> Any:
    if not is_verified():  # another version may lack what ours is made of
        return mock.protocol(HttpToolsProtocol) if mock else HttpToolsProtocol
    from tallystick.bounded_protocol import BoundedHttpProtocol

    protocol: Any = mock.protocol(BoundedHttpProtocol) if mock else BoundedHttpProtocol
    return partial(protocol, limits=_connection_limits(settings))


def _connection_limits(settings: Settings) -> ConnectionLimits:
    connections = settings.connections or default_connections(settings.delivery_in_flight)
    return ConnectionLimits(
        head=settings.head_limit,
        target=settings.target_limit,
        body=sent_body_limit(settings.body_limit),
        connections=connections,
        spare=min(32, connections // 4),
    )


class _UvicornServer(Server):
    """A server that opens the runtime, serves it and prints a line when ready."""

    def __init__(
        self, runtime: ServerRuntime, tls: ServedTls | None, app: App | None = None
    ) -> None:
        """`app` is served in place of the runtime's."""
        self._runtime = runtime
        self._tls = tls
        super().__init__(
            Config(
                app or runtime.app,
                interface="asgi3",
                http=_protocol(runtime.settings, runtime.mock, tls),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                # A proxy's answers have the date of the server behind it alone.
                date_header=runtime.mock is None or runtime.mock.serves,
                proxy_headers=False,
                timeout_graceful_shutdown=_REQUESTS_S,
            )
        )

    async def serve_runtime(self, listener: socket.socket) -> None:
        """Open the runtime, serve until the end, and close the runtime."""
        async with self._runtime.opened():
            await self.serve(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # All that was made at start stays for good: the collector need never look at it.
        gc.freeze()
        gc.enable()
        assert sockets
        base_url = _base_url(sockets[0], "https" if self._tls else "http")
        lines = [*(self._tls.lines if self._tls else ()), *self._lines(base_url)]
        self._announce([*lines, f"listening on {base_url}"])

    def _announce(self, lines: Sequence[str]) -> None:
        print(*lines, sep="\n", file=sys.stderr, flush=True)

    def _lines(self, base_url: str) -> list[str]:
        return _startup_lines(self._runtime, base_url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._runtime.end_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again when it is done, before the database is closed.
        stop_in_time(lambda: self.handle_exit(signal.SIGTERM, None))
        yield


class _MemberServer(_UvicornServer):
    """One of several processes that serve a port."""

    def __init__(
        self, runtime: ServerRuntime, tls: ServedTls | None, member: GroupMember, texts: SharedTexts
    ) -> None:
        """`texts` hold the metrics of all of them."""
        super().__init__(runtime, tls)
        self._member = member
        self._texts = texts

    async def serve_member(self) -> None:
        """Serve until the end, or until the group's first process is gone."""
        from tallystick.shared_metrics import SharedMetrics

        metrics = self._runtime.metrics
        shared = SharedMetrics(self._texts, self._member.number, metrics.read_own)
        metrics.read_shared = shared.read_all
        asyncio.get_running_loop().add_reader(self._member.lifeline, self._end_orphan)
        async with shared.shared():
            await self.serve_runtime(self._member.listener)

    def _announce(self, lines: Sequence[str]) -> None:
        self._member.report_ready(lines)

    def _end_orphan(self) -> None:
        asyncio.get_running_loop().remove_reader(self._member.lifeline)
        signal.raise_signal(signal.SIGTERM)


class _WorkerServer(_UvicornServer):
    """A worker's server, for those who watch it."""

    def __init__(self, runtime: ServerRuntime, line: str) -> None:
        super().__init__(runtime, None, WorkerApp(runtime.app))
        self._line = line

    def _lines(self, base_url: str) -> list[str]:  # noqa: ARG002  # it has one line for all
        return [self._line]


def _base_url(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _startup_lines(runtime: ServerRuntime, base_url: str) -> list[str]:
    lines = runtime.mock.startup_lines(base_url) if runtime.mock else []
    if runtime.mock is None or runtime.mock.serves:
        lines += [f"console at {base_url}/console", f"docs at {base_url}/docs"]
        if runtime.settings.dev:
            lines.append(f"credentials by {_credentials_command(runtime.settings, base_url)}")
        lines += [] if runtime.has_callers() else [_NO_KEY]
    return lines


def _credentials_command(settings: Settings, base_url: str) -> str:
    own = [part for contract in settings.contracts for part in ("--contract", contract)]
    more = [part for api in settings.apis for part in ("--with", api)]
    # The keys themselves are not to be printed; their schemes say that one is needed.
    schemes = [key.partition("=")[0] for key in settings.contract_keys]
    keys = [part for scheme in schemes for part in ("--key", f"{scheme}=KEY")]
    return shlex.join(["tallystick", "credentials", "--url", base_url, *own, *more, *keys])
