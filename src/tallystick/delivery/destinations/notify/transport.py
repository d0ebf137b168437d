"""Sends messages by Apprise, which is loaded at its first use."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from tallystick.delivery.adapter import DeliveryFailure, EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import Addresses, AddressRefused
from tallystick.delivery.daemon_threads import DaemonThreads
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.destinations.notify.thread_guard import guarded_thread
from tallystick.delivery.local_failure import refusal

if TYPE_CHECKING:
    from apprise import NotifyBase

TOTAL_S = 30.0
SOCKET_S = 10.0
"""The longest wait in seconds for a connection and for each part of an answer."""

THREADS = 64
"""The number of messages at a time, including abandoned ones."""

# How Apprise's services write the status of an answer in their warnings.
_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")


class NotInstalled(Exception):
    """Apprise is missing: install `tallystick[notify]`."""


class NotifyTransport:
    """A sender of messages in threads, as Apprise blocks; see `Transport`."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._threads = DaemonThreads(THREADS)

    async def send_request(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return 200 if the service took the message, or the status it answered."""
        title = dict(headers)["Title"]
        call = partial(self._notify, outgoing.url, title, outgoing.body.decode())
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._threads.run(call)
        except TimeoutError:
            words = "the service did not answer in time"
            raise DeliveryFailure(AttemptOutcome.TIMEOUT, words) from None
        except NotInstalled as error:
            raise DeliveryFailure(AttemptOutcome.LOCAL, str(error)) from None
        except AddressRefused as error:
            raise refusal(error) from None

    def _notify(self, url: str, title: str, text: str) -> EndpointResponse:
        service = load_service(url, self._addresses)
        if service is None:
            raise DeliveryFailure(AttemptOutcome.UNDELIVERABLE, "Apprise does not know the URL")
        with _warnings() as said, guarded_thread(self._addresses) as guard:
            try:
                is_sent = service.notify(body=text, title=title)
            except Exception as error:  # few services catch each error of their network
                is_sent = False
                said.append(str(error))
        if is_sent:
            return EndpointResponse(200, (), b"")
        if guard.refused:
            raise AddressRefused(guard.refused)
        return _refused("; ".join(said))


def load_service(url: str, addresses: Addresses) -> NotifyBase | None:
    """Return Apprise's service of a URL, None if it knows none.

    Raise `NotInstalled`, and `AddressRefused` for a URL that names a file of this machine.
    """
    try:
        from apprise import Apprise, AppriseAsset, NotifyBase
    except ImportError:
        raise NotInstalled(str(NotInstalled.__doc__)) from None
    _keep_log()
    asset = AppriseAsset(async_mode=False, http_redirects=False, secure_logging=True)
    with guarded_thread(addresses) as guard:
        made = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if guard.refused:
        raise AddressRefused(guard.refused)
    if not isinstance(made, NotifyBase):
        return None
    made.socket_connect_timeout = made.socket_read_timeout = SOCKET_S
    return made


@cache
def _keep_log() -> None:
    """Let no line of Apprise's log out of this module, as it may hold a URL."""
    log = logging.getLogger("apprise")
    log.addHandler(logging.NullHandler())
    log.propagate = False


def _refused(words: str) -> EndpointResponse:
    status = _STATUS.search(words)
    if status is None:
        raise DeliveryFailure(AttemptOutcome.UNREACHABLE, words or "the service can't be reached")
    return EndpointResponse(int(status[1]), (), words.encode())


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collect the warnings that Apprise logs in this thread, its only words for a failure."""
    handler = _ThreadHandler()
    log = logging.getLogger("apprise")
    log.addHandler(handler)
    try:
        yield handler.said
    finally:
        log.removeHandler(handler)


class _ThreadHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message, if it is of this thread."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())
