"""Traces of calls and deliveries, sent by OpenTelemetry's protocol (OTLP)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from typing import Any

import orjson

from tallystick.call_context import CALL
from tallystick.contract.compiled import App
from tallystick.contract.operation import Operation
from tallystick.delivery import AttemptOutcome, Delivery
from tallystick.events import Event
from tallystick.once_per_minute import OncePerMinute

try:
    from opentelemetry.context import Context
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as error:
    raise ImportError("TALLYSTICK_TRACES_URL needs an extra: install tallystick[otel]") from error

SEND_S = 2
"""Seconds that a collector has to take spans, at the end of the process too."""

HEADER = "traceparent"
SPAN = "tallystick.span"
"""The member of a request's scope with its span."""

_PROPAGATOR = TraceContextTextMapPropagator()

_log = logging.getLogger(__name__)


class Tracing:
    """The tracer of one process; it sends spans from a thread of its own."""

    def __init__(self, collector: str) -> None:
        """`collector` is the base URL of an OTLP collector."""
        resource = Resource.create(
            {"service.name": "tallystick", "service.version": version("tallystick")}
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{collector}/v1/traces", timeout=SEND_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tallystick")
        _tell_troubles()

    async def open(self) -> None:
        """Do nothing: spans are sent from the first one on."""

    async def close(self) -> None:
        """Send the last spans, if the collector takes them in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SEND_S):
                await asyncio.to_thread(self._provider.shutdown)

    def with_spans(self, app: App) -> App:
        """Return the application with a span for each call, in its caller's trace."""

        async def call(scope: Any, receive: Any, send: Any) -> None:
            parent = _context(_text(dict(scope.get("headers", ()))))
            with self._tracer.start_as_current_span(
                scope["method"],
                context=parent,
                kind=SpanKind.SERVER,
                record_exception=False,  # its text may hold a secret
                set_status_on_exception=False,
            ) as span:
                scope[SPAN] = span
                if known := CALL.get():
                    known.trace_id = f"{span.get_span_context().trace_id:032x}"
                await app(scope, receive, send)

        return call

    def observe(
        self,
        scope: Mapping[str, Any],
        operation: Operation | None,
        status: int,
        size: int,  # noqa: ARG002  # what an `Observer` is told
        seconds: float,  # noqa: ARG002  # likewise
    ) -> None:
        """Name the span of an answered call by its operation."""
        span = scope[SPAN]
        span.set_attribute("http.request.method", scope["method"])
        span.set_attribute("http.response.status_code", status)
        if operation:
            span.update_name(operation.id)
            span.set_attribute("http.route", operation.path)
            span.set_attribute("tallystick.api", operation.api)
        if status >= 500:
            span.set_status(StatusCode.ERROR)

    def mark_event(self, event: Event) -> Event:
        """Return an event with the `traceparent` of the call at hand, unless it has one."""
        traceparent = _current()
        if not traceparent or f'"{HEADER}"' in event.attributes:
            return event
        # As text: the attributes may hold escapes that no encoder would write again.
        rest = event.attributes[1:]
        joint = "" if rest == "}" else ","
        return event._replace(attributes=f'{{"{HEADER}":"{traceparent}"{joint}{rest}')

    @contextmanager
    def trace_attempt(
        self, delivery: Delivery, event: Event | None
    ) -> Iterator[Callable[[AttemptOutcome], None]]:
        """Trace an attempt during the block, which calls the yielded function with its outcome."""
        names: dict[str, str | int] = {
            "tallystick.kind": delivery.kind,
            "tallystick.delivery": delivery.id,
            "tallystick.attempt": delivery.attempts,
        }
        with self._tracer.start_as_current_span(
            f"deliver {delivery.kind}",
            context=_context(_kept(event)),
            kind=SpanKind.CLIENT,
            attributes=names,
            record_exception=False,  # its text may hold a secret
            set_status_on_exception=False,
        ) as span:

            def end(outcome: AttemptOutcome) -> None:
                span.set_attribute("tallystick.outcome", outcome.value)
                if outcome is not AttemptOutcome.DELIVERED:
                    span.set_status(StatusCode.ERROR)

            yield end

    def add_header(self, headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Return an attempt's headers with its `traceparent`, which replaces an earlier one."""
        others = [(name, value) for name, value in headers if name.lower() != HEADER]
        return [*others, (HEADER, _current())]


class _Troubles(logging.Handler):
    """Tells each trouble of OpenTelemetry once a minute, however many spans it meets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said = OncePerMinute()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it as a warning of ours: spans are lost, and calls go on."""
        if self._said.is_due(record.msg):
            _log.warning("spans are lost: %s", record.getMessage(), exc_info=record.exc_info)


def _tell_troubles() -> None:
    # A handler, as a filter of a logger holds back nothing of the loggers below it.
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Troubles()]
    logger.propagate = False


def _context(traceparent: str) -> Context:
    # A new context, as the task at hand may have been made within another trace.
    return _PROPAGATOR.extract({HEADER: traceparent}, context=Context())


def _current() -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(HEADER, "")


def _text(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(HEADER.encode(), b"").decode("latin-1")


def _kept(event: Event | None) -> str:
    """Return the `traceparent` that is stored with an event; empty without one."""
    if event is None or f'"{HEADER}"' not in event.attributes:
        return ""
    return str(orjson.loads(event.attributes).get(HEADER, ""))
