"""The one place where the parts are put together."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn
import uvloop
from sqlalchemy import make_url
from starlette.middleware.cors import CORSMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tallystick import web
from tallystick.access_log import AccessLog
from tallystick.apis import request_id
from tallystick.apis.gateway.error_format import render as render_unowned
from tallystick.apis.gateway.server_info import MockControlsPort, ServerInfo
from tallystick.apis.gateway.service import DEV_KEY
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import Sample, ServiceContext
from tallystick.clock import SystemClock
from tallystick.contract import document
from tallystick.contract.answer import ErrorRenderer
from tallystick.contract.application import application
from tallystick.contract.compiled import ApiBinding, App, Observer, Scope
from tallystick.contract.document import ContractError, Document, join_documents, read_documents
from tallystick.contract.exceptions import Problem
from tallystick.contract.operation import Operation
from tallystick.contract.security import Credential
from tallystick.delivery import Addresses, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.notifications import DeliveryNotifications
from tallystick.events import EventLog, Retention
from tallystick.metrics import Metrics
from tallystick.rate_limit import RateLimit
from tallystick.settings import LOOPBACK as LOCAL
from tallystick.settings import Settings
from tallystick.store import Database, StoreError
from tallystick.uvicorn_version import is_verified

if TYPE_CHECKING:
    from tallystick.mock.mock import Mock

SHUTDOWN_S = 10


class _Lifecycle(Protocol):
    """What is opened at start and closed at the end."""

    async def open(self) -> None:
        """Make ready: load what is kept in memory, make the dev world where there is one."""

    async def close(self) -> None:
        """Finish what was accepted, and give back what was opened."""


class ApiService(_Lifecycle, Protocol):
    """All that is particular to one API, as ``apis/<api>`` offers it."""

    credentials: Mapping[str, Credential]

    def __init__(self, parts: ServiceContext) -> None: ...

    def samples(self, base_url: str) -> list[Sample]:
        """The dev world's credentials, each with a line to paste."""
        ...


class ServerRuntime:
    """Everything that runs in one server process."""

    def __init__(self, settings: Settings, mock: Mock | None = None) -> None:
        """`mock`: who has his hands on it, where anybody has."""
        clock = mock.clock if mock else SystemClock()
        self.settings = settings
        self.mock = mock
        self._database = Database(settings.database, fault=settings.fault)
        self._keys = ApiKeys(self._database, clock, dev=settings.dev)
        log = EventLog(self._database, clock, settings.queue)
        self._sender = _sender(settings)
        outbox = Outbox(self._database, clock, self._sender)
        self._dispatcher = Dispatcher(
            self._database,
            clock,
            outbox,
            in_flight=settings.delivery_in_flight,
            per_endpoint=settings.delivery_per_endpoint,
        )
        self._notices = DeliveryNotifications(settings.database, self._dispatcher.wake)
        self._parts = ServiceContext(settings, clock, self._database, log, self._keys, outbox)
        self._retention = Retention(log, settings.retention_days, settings.retention_count)
        self._metrics = Metrics()
        documents = read_documents()
        self._services: dict[str, ApiService] = {
            d.api: _service_class(d.api)(self._parts) for d in documents
        }
        joined = join_documents(documents)
        self._access_log = AccessLog(_secret_names(joined)) if settings.access_log else None
        self.app = self._cors(self._application(documents, joined))
        self._describe_server(documents, joined)

    def _describe_server(self, documents: Sequence[Document], joined: Mapping[str, Any]) -> None:
        self._services["gateway"].describe_server(  # type: ignore[attr-defined]  # the gateway's alone
            ServerInfo(
                documents={f"{d.api}.yaml": d.text for d in documents},
                joined=cache(partial(document.to_yaml, joined)),
                metrics=self._metrics.text,
                pages={
                    "docs": cache(partial(web.reference_page, documents)),
                    "landing": cache(partial(web.landing_page, documents)),
                    "mock": cache(partial(web.mock_page, DEV_KEY)),
                },
                controls=self._controls(),
            )
        )

    def _controls(self) -> MockControlsPort | None:
        if self.mock is None:
            return None
        self.mock.clock.add_listener(self._wake)
        request_id.use_clock(self.mock.clock)
        return self.mock.controls(self._database, self._dispatcher.paused)

    def _wake(self) -> None:
        """The clock was changed: something may be due."""
        self._dispatcher.wake()
        for service in self._services.values():
            if wake := getattr(service, "wake", None):  # few wait for a time
                wake()

    def _application(self, documents: Sequence[Document], joined: Mapping[str, Any]) -> App:
        return application(
            joined,
            [ApiBinding(d, self._services[d.api], _errors(d.api), d.codes) for d in documents],
            self._credentials(),
            fallback=render_unowned,
            body_limit=self.settings.body_limit,
            observe=self._observer(),
            by_connexion=self.settings.connexion,
            interceptor=self.mock,
        )

    def _credentials(self) -> dict[str, Credential]:
        credentials = {
            n: f for service in self._services.values() for n, f in service.credentials.items()
        }
        if not self.settings.rate_limit:
            return credentials
        limit = RateLimit(self.settings.rate_limit, self._parts.clock)
        return {name: limit.limited(function) for name, function in credentials.items()}

    def _observer(self) -> Observer:
        metrics, access_log = self._metrics, self._access_log
        if access_log is None:
            return metrics.add

        def observe(
            scope: Scope, operation: Operation | None, status: int, size: int, seconds: float
        ) -> None:
            metrics.add(scope, operation, status, size, seconds)
            access_log.add(scope, operation, status, size, seconds)

        return observe

    def _cors(self, app: App) -> App:
        origins = self.settings.cors_origins
        if not origins:
            return app
        return CORSMiddleware(
            app, allow_origins=origins, allow_methods=["*"], allow_headers=["*"], max_age=600
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Everything open, in order; closed again in the reverse order."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._sender.close)
            await _open(self._database, stack)
            parts = [self._keys, *self._services.values(), self._retention]
            parts += [self._dispatcher, self._notices]
            async with self._database.alone():
                for part in parts:
                    await _open(part, stack)
            if self._access_log:
                self._access_log.start()
                stack.push_async_callback(self._access_log.stop)
            if self.mock:
                await self.mock.begin(self.app)
                stack.push_async_callback(self.mock.close)
            self._database.arm_fault()
            yield

    def greeting(self, base_url: str) -> str:
        """What to tell the person who started the server."""
        lines = self.mock.greeting(base_url) if self.mock else []
        if self.mock is None or self.mock.serves:
            lines += [f"docs at {base_url}/docs", *self._samples(base_url)]
        return "\n".join([*lines, f"listening on {base_url}"])

    def _samples(self, base_url: str) -> list[str]:
        if not self.settings.dev:
            return []
        lines = []
        for api, service in self._services.items():
            for sample in service.samples(base_url):
                lines += ["", f"{api}: {sample.title}", f"  {sample.curl}"]
        return [*lines, ""]


async def _open(part: _Lifecycle, stack: AsyncExitStack) -> None:
    await part.open()
    stack.push_async_callback(part.close)


def _service_class(api: str) -> Callable[[ServiceContext], ApiService]:
    module = import_module(f"tallystick.apis.{api}.service")
    name = api.title().replace("_", "") + "Service"  # event_store: EventStoreService
    return getattr(module, name)  # type: ignore[no-any-return]  # ApiService says what it has


def _errors(api: str) -> ErrorRenderer:
    return import_module(f"tallystick.apis.{api}.error_format").render  # type: ignore[no-any-return]


def _sender(settings: Settings) -> Sender:
    # Whoever lets others in must not be told by them to call this machine.
    loopback = LOOPBACK if settings.dev and settings.host in LOCAL else ()
    return Sender(Addresses([*settings.delivery_networks, *loopback]))


def _secret_names(joined: Mapping[str, Any]) -> list[str]:
    schemes = joined["components"].get("securitySchemes", {}).values()
    return [scheme["name"] for scheme in schemes if scheme.get("in") == "query"]


class CannotStart(Exception):
    """The server can't start; the message says why, to the person who started it."""


def run_server(settings: Settings, mock: Mock | None = None) -> None:
    """Serve until the process is told to stop; what was accepted by then is finished."""
    with _started(), _listen(settings.host, settings.port) as listener:
        server = _UvicornServer(ServerRuntime(settings, mock))
        uvloop.run(server.serve_service(listener))


def run_worker(settings: Settings) -> None:
    """Deliver what others accept, until the process is told to stop."""
    if make_url(settings.database).get_backend_name() == "sqlite":
        raise CannotStart(
            "a worker needs PostgreSQL: an SQLite file belongs to one process, and "
            "`tallystick serve` delivers from it itself"
        )
    with _started():
        uvloop.run(_work(ServerRuntime(settings)))


async def _work(service: ServerRuntime) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with service.opened():
        print("delivering", file=sys.stderr, flush=True)
        await stopped.wait()


@contextmanager
def _started() -> Iterator[None]:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    # Reading JSON as deep as the contract allows takes more frames than Python's usual 1,000.
    sys.setrecursionlimit(4_000)
    try:
        yield
    except (ContractError, StoreError, Problem) as error:
        raise CannotStart(str(error)) from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(f"can't listen on {host}:{port}: {error.strerror}") from error


def _http_protocol(mock: Mock | None) -> type[HttpToolsProtocol]:
    protocol = HttpToolsProtocol
    if is_verified():  # another version may lack what ours is made of
        from tallystick.uvicorn_protocol import FastHttpProtocol

        protocol = FastHttpProtocol
    return mock.protocol(protocol) if mock else protocol


class _UvicornServer(uvicorn.Server):
    """Opens the service, serves it, and says when it is ready and what there is to try."""

    def __init__(self, service: ServerRuntime) -> None:
        self._service = service
        super().__init__(
            uvicorn.Config(
                service.app,
                http=_http_protocol(service.mock),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )

    async def serve_service(self, listener: socket.socket) -> None:
        """Serve from opening the database to closing it."""
        async with self._service.opened():
            await self.serve(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What start-up made stays for good: the collector need never look at it.
        gc.freeze()
        gc.enable()
        assert sockets
        host, port = sockets[0].getsockname()[:2]
        base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        print(self._service.greeting(base_url), file=sys.stderr, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._service.mock:  # whose streams would not end by themselves
            await self._service.mock.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again when it is done, before the database is closed.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
