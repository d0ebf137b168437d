"""Builds all components of one server process and connects them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from starlette.middleware.cors import CORSMiddleware

from tallystick import web
from tallystick.access_log import AccessLog
from tallystick.api_services import (
    ApiService,
    Component,
    bind_services,
    create_services,
    foreign_handlers,
)
from tallystick.apis import request_id
from tallystick.apis.gateway.error_format import render as render_unowned
from tallystick.apis.gateway.server_info import MockControlsPort, ServerInfo
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import Sample, ServiceContext
from tallystick.call_tracking import noting_key, with_call_context
from tallystick.clock import SystemClock
from tallystick.compressed_answers import CompressedAnswers
from tallystick.contract import document
from tallystick.contract.answer import Answer
from tallystick.contract.application import application
from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, Observer, Scope, Send
from tallystick.contract.document import Document, join_documents
from tallystick.contract.exceptions import Problem
from tallystick.contract.judged_documents import JudgedDocuments
from tallystick.contract.media_types import prefers_html
from tallystick.contract.operation import Operation
from tallystick.contract.security import Credential
from tallystick.contract_watch import ContractWatch
from tallystick.delivery import Addresses, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.notifications import DeliveryNotifications
from tallystick.encryption import Encryptor
from tallystick.events import DigestKeeper, EventLog, PartitionKeeper, Retention
from tallystick.metric_family import MetricFamily
from tallystick.metrics import Metrics
from tallystick.rate_limit import RateLimit, with_address
from tallystick.served_documents import served_documents
from tallystick.served_pages import served_pages
from tallystick.server_metrics import Reader, ServerMetrics
from tallystick.settings import LOOPBACK_HOSTS, Settings
from tallystick.store import Database, load_keys
from tallystick.store.shared_time import SharedTime

if TYPE_CHECKING:
    from tallystick.ingest.ingestion import Ingestion
    from tallystick.mock.mock import Mock
    from tallystick.tracing import Tracing


class TracingMissing(Exception):
    """The libraries that send traces are missing."""


CATCH_UP_S = 10.0
"""How many seconds a change of the mock's clock waits for the deliveries that are due."""


class ServerRuntime:
    """The components of one server process."""

    def __init__(self, settings: Settings, mock: Mock | None = None) -> None:
        """Create all components; `mock`, if given, intercepts every call."""
        clock = mock.clock if mock else SystemClock()
        self.settings = settings
        self.mock = mock
        self._database = Database(settings.database, fault=settings.fault)
        self._keys = ApiKeys(self._database, clock, dev=settings.dev)
        log = EventLog(self._database, clock, settings.queue)
        log.limits = self._keys.limits
        self._sender = _sender(settings)
        outbox = Outbox(self._database, clock, self._sender)
        self._dispatcher = Dispatcher(
            self._database,
            clock,
            outbox,
            in_flight=settings.delivery_in_flight,
            per_endpoint=settings.delivery_per_endpoint,
        )
        self._notifications = DeliveryNotifications(
            settings.database, self._dispatcher.wake, self._sender.addresses
        )
        self.retention = Retention(log, settings.retention_days, settings.retention_count)
        self._digest_keeper = DigestKeeper(self._database, log, SharedTime(clock).read)
        self._partition_keeper = PartitionKeeper(self._database, settings.retention_days)
        self._encryptor = Encryptor()
        self._limit = RateLimit(settings.rate_limit, clock) if settings.rate_limit else None
        self.context = ServiceContext(
            settings, clock, self._database, log, self._keys, outbox, self._encryptor
        )
        if self._limit:
            count = self._limit.count_bad_credential
            self.context = self.context._replace(count_bad_credential=count)
        self.ingestion: Ingestion | None = None
        """Reads a broker into the log, if it is set before the runtime is opened."""
        self._tracing = _tracing(settings)
        if self._tracing:
            log.mark_event = self._tracing.mark_event
            outbox.tracer = self._tracing
        self._metrics = Metrics()
        self.metrics = ServerMetrics(
            self.context, self.retention, self._counters, self._metric_readers
        )
        served = served_documents(settings)
        self._watch = ContractWatch(served.files, self._reload) if settings.watch else None
        self.services: dict[str, ApiService] = {}
        self._controls_port: MockControlsPort | None = None
        judged = JudgedDocuments(served.documents)
        joined = join_documents(served.documents, judged=judged.had_no_fault())
        self._access_log = AccessLog(_secret_names(joined)) if settings.access_log else None
        self._current = self._serve_documents(served.documents, joined, judged)
        self.app: App = self._call_current if settings.watch else self._current

    def has_callers(self) -> bool:
        """Return whether any credential is known, as calls need one."""
        return bool(self.settings.contract_keys) or self._keys.has_keys()

    def _serve_documents(
        self, documents: Sequence[Document], joined: Mapping[str, Any], judged: JudgedDocuments
    ) -> App:
        """Return what answers by these documents; services with a state of their own are kept."""
        missing = [d for d in documents if d.is_foreign or d.api not in self.services]
        kept = {d.api: self.services[d.api] for d in documents if d not in missing}
        self.services = kept | create_services(missing, self.context)
        application = self._application(documents, joined, judged=judged.had_no_fault())
        app = self._allow_origins(application)
        judged.remember()
        # A proxy's answers are another server's.
        if self.mock is None or self.mock.serves:
            app = CompressedAnswers(app)
        self._describe_server(documents, joined)
        return app

    def _reload(self) -> Sequence[str]:
        """Read the contracts again, serve them, and return their files."""
        served = served_documents(self.settings)
        judged = JudgedDocuments(served.documents)
        joined = join_documents(served.documents, judged=judged.had_no_fault())
        self._current = self._serve_documents(served.documents, joined, judged)
        return served.files

    async def _call_current(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._current(scope, receive, send)

    def _describe_server(self, documents: Sequence[Document], joined: Mapping[str, Any]) -> None:
        self.services["gateway"].describe_server(  # type: ignore[attr-defined]  # the gateway's alone
            ServerInfo(
                documents={f"{d.api}.yaml": d.text for d in documents},
                joined=cache(partial(document.to_yaml, joined)),
                metrics=self.metrics.write,
                pages=served_pages(
                    documents, self.services, self.settings, is_mock=self.mock is not None
                ),
                asset=web.console_asset,
                served={d.api: d for d in documents},
                controls=self._controls(),
                cron_marker=getattr(self.services.get("charon"), "read_marker", None),
            )
        )

    def _counters(self) -> list[MetricFamily]:
        known = [self._metrics.families(), self._dispatcher.counts.families()]
        counting = (getattr(s, "families", None) for s in self.services.values())
        known += [families() for families in counting if families]  # few count anything
        known += [self.ingestion.families()] if self.ingestion else []
        return [family for families in known for family in families]

    def _metric_readers(self) -> list[Reader]:
        readers = (getattr(s, "read_metrics", None) for s in self.services.values())
        return [reader for reader in readers if reader]  # few have metrics of their own

    def _controls(self) -> MockControlsPort | None:
        if self.mock is not None and self._controls_port is None:
            self.mock.clock.add_listener(self._wake)
            request_id.use_clock(self.mock.clock)
            self._controls_port = self.mock.controls(
                self._database, self._dispatcher.paused, self._catch_up, self._begin_anew
            )
        return self._controls_port

    def _wake(self) -> None:
        """Look for due work after a change of the clock."""
        self._dispatcher.wake()
        for service in self.services.values():
            if wake := getattr(service, "wake", None):  # few wait for a time
                wake()

    async def _begin_anew(self) -> None:
        """Let services expect what is due from now on alone."""
        for service in self.services.values():
            if begin_anew := getattr(service, "begin_anew", None):  # few expect anything
                await begin_anew()

    async def _catch_up(self) -> None:
        """Let everything due by the clock happen, but wait for no slow endpoint."""
        for service in self.services.values():
            if catch_up := getattr(service, "catch_up", None):  # few wait for a time
                await catch_up()
        # A delivery that is claimed must end, so the wait alone is cut off.
        attempts = asyncio.create_task(self._dispatcher.settle())
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_S):
                await asyncio.shield(attempts)

    def _application(
        self, documents: Sequence[Document], joined: Mapping[str, Any], *, judged: bool
    ) -> App:
        app = application(
            joined,
            bind_services(documents, self.services),
            self._credentials(),
            fallback=_render_stranger,
            body_limit=self.settings.body_limit,
            observe=self._observer(),
            by_connexion=self.settings.connexion,
            interceptor=self.mock,
            handlers=foreign_handlers(documents, self.services, self.settings.handlers),
            recorder=self.services["gateway"].audit_log,  # type: ignore[attr-defined]  # the gateway's alone
            judged=judged,
        )
        app = self._keys.limits.with_limits(app)
        app = with_address(app) if self.settings.rate_limit else app
        app = self._tracing.with_spans(app) if self._tracing else app
        return with_call_context(app) if self._tracks_calls else app

    def _credentials(self) -> dict[str, Credential]:
        credentials = {
            n: f for service in self.services.values() for n, f in service.credentials.items()
        }
        if self._limit is not None:
            credentials = {n: self._limit.limited(f) for n, f in credentials.items()}
        if self._tracks_calls:
            credentials = {name: noting_key(f) for name, f in credentials.items()}
        return credentials

    @property
    def _tracks_calls(self) -> bool:
        return self.settings.log_format != "short"

    def _observer(self) -> Observer:
        observers: list[Observer] = [self._metrics.add]
        if self._access_log:
            observers.append(self._access_log.add)
        if self._tracing:
            observers.append(self._tracing.observe)
        return _joined(*observers)

    def _allow_origins(self, app: App) -> App:
        origins = self.settings.cors_origins
        pattern = self.mock.origins if self.mock else ""
        if not origins and not pattern:
            return app
        return CORSMiddleware(
            app,
            allow_origins=origins,
            allow_origin_regex=pattern or None,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=self.mock.own_headers if self.mock else (),
            max_age=600,
        )

    def samples(self, base_url: str) -> list[tuple[str, Sample]]:
        """Return the dev world's credentials with their APIs, each a shell command to paste."""
        return [
            (api, sample)
            for api, service in self.services.items()
            for sample in service.samples(base_url)
        ]

    async def end_streams(self) -> None:
        """End all answers that would not end by themselves."""
        if self.mock:
            await self.mock.close()
        for service in self.services.values():
            if end_streams := getattr(service, "end_streams", None):  # few have any
                end_streams()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open all components in order, and close them in the reverse order."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._sender.close)
            await _open(self._database, stack)
            async with self._database.alone():
                await load_keys(self.settings, self._database, self._encryptor)
                for component in self._components():
                    await _open(component, stack)
                await self._start_services()
            if self._access_log:
                self._access_log.start()
                stack.push_async_callback(self._access_log.stop)
            if self.mock:
                await self.mock.begin(self.app)
                stack.push_async_callback(self.mock.close)
            if self._watch:
                await _open(self._watch, stack)
            self._database.arm_fault()
            yield

    async def _start_services(self) -> None:
        """Let services store events of their own, now with every listener in place."""
        for service in self.services.values():
            if start := getattr(service, "start", None):  # few act without a call
                await start()

    def _components(self) -> list[Component]:
        services = self.services.values()
        tracing: list[Component] = [self._tracing] if self._tracing else []
        last: list[Component] = [self.retention, self._digest_keeper]
        last += [self._dispatcher, self._notifications]
        # Closed before all that its events need.
        last += [self.ingestion] if self.ingestion else []
        return [*tracing, self._partition_keeper, self._keys, *services, *last]


def _render_stranger(problem: Problem, scope: Mapping[str, Any]) -> Answer:
    answer = render_unowned(problem, {})
    if not prefers_html(scope):
        return answer
    html, policy = web.problem_page(answer.body["title"], answer.status, answer.body["detail"])
    headers = {"Content-Type": "text/html", "Content-Security-Policy": policy, "Vary": "Accept"}
    return Answer(html, answer.status, headers)


async def _open(component: Component, stack: AsyncExitStack) -> None:
    await component.open()
    stack.push_async_callback(component.close)


def _joined(first: Observer, second: Observer | None = None, *more: Observer) -> Observer:
    """Return an observer that calls all of them."""
    if second is None:
        return first

    def observe(
        scope: Scope, operation: Operation | None, status: int, size: int, seconds: float
    ) -> None:
        first(scope, operation, status, size, seconds)
        second(scope, operation, status, size, seconds)

    return _joined(observe, *more)


def _tracing(settings: Settings) -> Tracing | None:
    if not settings.traces_url:
        return None
    try:
        from tallystick.tracing import Tracing
    except ImportError as error:
        raise TracingMissing(str(error)) from None
    return Tracing(settings.traces_url)


def _sender(settings: Settings) -> Sender:
    # Callers from elsewhere must not make this machine call itself.
    local = settings.dev and settings.host in LOOPBACK_HOSTS
    return Sender(Addresses([*settings.delivery_networks, *(LOOPBACK if local else ())]))


def _secret_names(joined: Mapping[str, Any]) -> list[str]:
    schemes = joined["components"].get("securitySchemes", {}).values()
    return [scheme["name"] for scheme in schemes if scheme.get("in") == "query"]
