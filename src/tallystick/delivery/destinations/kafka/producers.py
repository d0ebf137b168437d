"""Connected producers of Kafka, in an event loop of their own, by what they connect with."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tallystick.delivery.addresses import Addresses
from tallystick.delivery.destinations.destination_kind import Options
from tallystick.delivery.destinations.kafka.message import KafkaMessage
from tallystick.delivery.guarded_loop import GuardedLoop, refused_addresses

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

REQUEST_S = 10.0
"""The time in seconds to connect, and for the brokers to take a message."""

STOP_S = 5.0
"""The time in seconds to close a producer."""

IDLE_S = 60.0
"""The time in seconds after which an unused producer is closed."""

PRODUCERS = 64
"""The number of connected producers; beyond it the one unused for longest is closed."""

MESSAGE_BYTES = 64 * 1024 * 1024
"""The largest message in bytes: a topic's own limit is far less."""

NOTED = 4
"""The number of errors that are kept of a producer's connections."""

_noted: ContextVar[deque[BaseException] | None] = ContextVar("noted", default=None)


class NotInstalled(Exception):
    """aiokafka is missing: install `tallystick[brokers]`."""


class KafkaNotSent(Exception):
    """A message was not acknowledged."""

    def __init__(self, reason: BaseException, refused: str) -> None:
        super().__init__(str(reason))
        self.reason = reason
        """The error of aiokafka, or the error of a connection behind it."""
        self.refused = refused
        """An address that may not be connected to; empty if none was asked for."""


class KafkaPlace(NamedTuple):
    """Where a message was stored."""

    partition: int
    offset: int


class KafkaProducers:
    """The producers of a process; the first message loads aiokafka and starts their loop."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._loop: GuardedLoop | None = None
        self._known: OrderedDict[tuple[object, ...], _Producer] = OrderedDict()

    async def send_message(self, options: Options, message: KafkaMessage) -> KafkaPlace:
        """Return where all replicas in sync have a message; raise `NotInstalled`, `KafkaNotSent`.

        A caller that is cancelled may leave a message that is sent later.
        """
        _load()
        if self._loop is None:
            self._loop = GuardedLoop(self._addresses).start()
        return await self._loop.run(self._send(options, message))

    async def _send(self, options: Options, message: KafkaMessage) -> KafkaPlace:
        key = _key(options)
        producer = self._known.get(key)
        if producer is None:
            producer = self._known[key] = _Producer(options)
            self._close_surplus()
        self._known.move_to_end(key)
        try:
            return await producer.send(options["topic"], message)
        finally:
            seconds = 0.0 if producer.is_lost else IDLE_S
            producer.close_later(seconds, lambda: self._close(key, producer))

    def _close_surplus(self) -> None:
        while len(self._known) > PRODUCERS:
            key, oldest = next(iter(self._known.items()))
            self._close(key, oldest)

    def _close(self, key: tuple[object, ...], producer: _Producer) -> None:
        if self._known.get(key) is producer:
            del self._known[key]
            producer.close()


class _Producer:
    """One producer, started by the first message; all wait for the same start."""

    def __init__(self, options: Options) -> None:
        self._refused: list[str] = []
        self._errors: deque[BaseException] = deque(maxlen=NOTED)
        self._started = asyncio.get_running_loop().create_task(self._start(options))
        self._started.add_done_callback(_retrieve)
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self.is_lost = False
        """Whether its connections failed, so that a new one is better."""

    async def send(self, topic: str, message: KafkaMessage) -> KafkaPlace:
        """Return where a message was stored; raise `KafkaNotSent`."""
        from aiokafka.errors import BrokerResponseError, KafkaError

        headers = [(name, value.encode(errors="replace")) for name, value in message.headers]
        key = message.key.encode(errors="replace")
        try:
            producer = await asyncio.shield(self._started)
            sent = await producer.send_and_wait(topic, message.value, key, headers=headers)
        except KafkaError as error:
            # What can be tried again may hide a connection that failed.
            noted = self._errors[-1] if self._errors and error.retriable else None
            self.is_lost = noted is not None or not isinstance(error, BrokerResponseError)
            raise KafkaNotSent(noted or error, "".join(self._refused[-1:])) from error
        self._errors.clear()
        self._refused.clear()
        return KafkaPlace(sent.partition, sent.offset)

    def close_later(self, seconds: float, close: Callable[[], object]) -> None:
        """Have it closed after a time without a further call."""
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, close)

    def close(self) -> None:
        """Close it, once what is under way has ended."""
        if self._timer:
            self._timer.cancel()
        self._closing = asyncio.get_running_loop().create_task(self._stop())

    async def _start(self, options: Options) -> AIOKafkaProducer:
        # The tasks of the producer begin here, and so note into this context's lists.
        refused_addresses.set(self._refused)
        _noted.set(self._errors)
        producer = _create(options)
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _stop(self) -> None:
        with suppress(Exception):
            producer = await self._started
            async with asyncio.timeout(STOP_S):
                await producer.stop()


def _retrieve(started: asyncio.Task[AIOKafkaProducer]) -> None:
    """Take the error of a start, as all who waited for it may have been cancelled."""
    if not started.cancelled():
        started.exception()


def _key(options: Options) -> tuple[object, ...]:
    names = ("tls", "user", "password", "mechanism")
    return (*options["servers"], *(options.get(name) for name in names))


def _create(options: Options) -> AIOKafkaProducer:
    from aiokafka import AIOKafkaProducer

    milliseconds = int(REQUEST_S * 1000)
    return AIOKafkaProducer(
        bootstrap_servers=list(options["servers"]),
        client_id="tallystick",
        acks="all",
        request_timeout_ms=milliseconds,
        max_request_size=MESSAGE_BYTES,
        **connection_options(options),
    )


def connection_options(options: Options) -> dict[str, object]:
    """Return how a client of aiokafka connects: with or without TLS and a password."""
    is_encrypted = options.get("tls", True)
    security = "SSL" if is_encrypted else "PLAINTEXT"
    given: dict[str, object] = {"ssl_context": ssl.create_default_context()} if is_encrypted else {}
    if "user" not in options:
        return given | {"security_protocol": security}
    return given | {
        "security_protocol": f"SASL_{security}",
        "sasl_mechanism": options.get("mechanism", "PLAIN"),
        "sasl_plain_username": options["user"],
        "sasl_plain_password": options["password"],
    }


@cache
def _load() -> None:
    """Load aiokafka, and let its log end here: an error of a connection is in its lines alone."""
    try:
        import aiokafka  # noqa: F401  # its parts are imported where they are used
    except ImportError:
        raise NotInstalled(str(NotInstalled.__doc__)) from None
    log = logging.getLogger("aiokafka")
    log.addHandler(_Noting(logging.WARNING))
    log.propagate = False


class _Noting(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception that a line is about, for the producer whose task wrote it."""
        errors = _noted.get()
        found = [part for part in record.args or () if isinstance(part, BaseException)]
        if errors is not None and found:
            errors.append(found[-1])
