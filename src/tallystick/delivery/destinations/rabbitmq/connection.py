"""Connections to RabbitMQ at permitted addresses, by aio-pika, which is loaded at the first."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from tallystick.delivery.adapter import DeliveryFailure
from tallystick.delivery.addresses import (
    Addresses,
    AddressRefused,
    InvalidUrl,
    Origin,
    read_origin,
)
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.local_failure import is_local, refusal

if TYPE_CHECKING:
    from aio_pika import Connection
    from aio_pika.abc import AbstractConnection

CONNECT_S = 10.0
CLOSE_S = 2.0
HEARTBEAT_S = 20
"""The seconds of silence after which a connection counts as lost, about three times over."""

WORDS_LIMIT = 300
"""The longest reason in characters."""

NOT_INSTALLED = "aio-pika is missing: install `tallystick[brokers]`"

_PORTS = {"amqp": 5672, "amqps": 5671}


class BrokerLogin(NamedTuple):
    """Who reads or writes, and in which virtual host."""

    user: str
    password: str
    virtual_host: str


def check_broker_address(addresses: Addresses, url: str) -> Origin:
    """Return the broker of a URL such as ``amqps://rabbit.example``; raise `AddressRefused`."""
    origin = read_origin(url, _PORTS)
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise InvalidUrl("a URL may not have a user or a password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InvalidUrl("must end with its host or its port")
    addresses.check_host(origin.host)
    return origin


@asynccontextmanager
async def open_broker_connection(
    addresses: Addresses, url: str, login: BrokerLogin
) -> AsyncIterator[AbstractConnection]:
    """Connect for the block; raise `DeliveryFailure` for what goes wrong with the broker in it."""
    with broker_failures():
        connection = await connect_broker(addresses, url, login)
        try:
            yield connection
        finally:
            await close_broker_connection(connection)


async def connect_broker(addresses: Addresses, url: str, login: BrokerLogin) -> AbstractConnection:
    """Return a new connection; raise what `broker_failures` translates."""
    from aio_pika import Connection
    from aio_pika.exceptions import ProtocolSyntaxError
    from yarl import URL

    _keep_log()
    origin = check_broker_address(addresses, url)
    to = URL.build(
        scheme=origin.scheme,
        host=origin.host,
        port=origin.port,
        user=login.user,
        password=login.password,
        query={"heartbeat": str(HEARTBEAT_S), "name": "tallystick"},
    ).joinpath(login.virtual_host.replace("/", "%2F"), encoded=False)
    connection = Connection(to)
    connection.kwargs["transport_factory"] = _GuardedStreams(addresses, origin)
    try:
        await begin_connection(connection)
    except ProtocolSyntaxError:
        # The library drops the broker's own words at this step.
        words = f"the broker does not open the virtual host {login.virtual_host}"
        raise DeliveryFailure(AttemptOutcome.REJECTED, words) from None
    return connection


async def begin_connection(connection: Connection) -> None:
    """Connect within `CONNECT_S`, and close a connection that fails.

    The library would close it when it is collected, maybe in a thread without a loop.
    """
    try:
        async with asyncio.timeout(CONNECT_S):
            await connection.connect()
    except BaseException:
        await close_broker_connection(connection)
        raise


async def close_broker_connection(connection: AbstractConnection) -> None:
    """Close a connection, which may be broken already."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await connection.close()


@contextmanager
def broker_failures() -> Iterator[None]:
    """Raise `DeliveryFailure` for an error of the broker or of its library in the block."""
    try:
        yield
    except DeliveryFailure:
        raise
    except AddressRefused as error:
        raise refusal(error) from None
    except ImportError:
        raise DeliveryFailure(AttemptOutcome.LOCAL, NOT_INSTALLED) from None
    except Exception as error:
        raise DeliveryFailure(_outcome(error), _words(error)) from error


class _GuardedStreams:
    """A factory of aiormq that opens each socket at a permitted address."""

    def __init__(self, addresses: Addresses, origin: Origin) -> None:
        self._addresses = addresses
        self._origin = origin

    async def create(self, *_: Any, **__: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the streams of a new connection."""
        # Imported late, as it loads aiohttp.
        from tallystick.delivery.resolver import NameResolver

        scheme, host, port = self._origin
        found = await NameResolver().resolve(host, port, socket.AF_UNSPEC)
        # Checked here, on the address that the socket connects to: a name may resolve to another
        # one at each look-up.
        for each in found:
            if not self._addresses.permits(each["host"]):
                raise AddressRefused(f"nothing may be sent to {each['host']}")
        tls: dict[str, Any] = {}
        if scheme == "amqps":
            tls = {"ssl": ssl.create_default_context(), "server_hostname": host}
        for each in found[:-1]:
            with suppress(OSError):
                return await asyncio.open_connection(each["host"], port, **tls)
        return await asyncio.open_connection(found[-1]["host"], port, **tls)


@cache
def _keep_log() -> None:
    """Let no line of the library's log out of this module: a failure is told once, in words."""
    for name in ("aio_pika", "aiormq"):
        log = logging.getLogger(name)
        log.addHandler(logging.NullHandler())
        log.propagate = False


def _outcome(error: Exception) -> AttemptOutcome:
    if is_local(error):
        return AttemptOutcome.LOCAL
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome
    return AttemptOutcome.REJECTED if _is_refusal(error) else AttemptOutcome.UNREACHABLE


_OUTCOMES: Sequence[tuple[type[Exception], AttemptOutcome]] = (
    (TimeoutError, AttemptOutcome.TIMEOUT),
    (ssl.SSLError, AttemptOutcome.TLS_ERROR),
    (socket.gaierror, AttemptOutcome.DNS_ERROR),
)


def _is_refusal(error: Exception) -> bool:
    from aio_pika import exceptions

    refusals = (
        exceptions.AMQPChannelError,
        exceptions.AuthenticationError,
        exceptions.ProbableAuthenticationError,
    )
    return isinstance(error, refusals)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the broker did not answer in time"
    if isinstance(error, ssl.SSLError | socket.gaierror):
        return f"can't connect to the broker: {error.strerror or error}"
    if isinstance(error, OSError) and error.errno and error.errno > 0 and not _is_refusal(error):
        return f"can't connect to the broker: {os.strerror(error.errno)}"
    said = [text for text in error.args if isinstance(text, str)]
    return " ".join(said)[:WORDS_LIMIT] or type(error).__name__
