"""A real SMTP server on loopback that keeps the mails it takes."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from threading import Event, Thread
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "service", "a password of the service"


class ReceivedMail(NamedTuple):
    """A mail as the server took it."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""


class MailServer:
    """An SMTP server on a thread."""

    def __init__(
        self, port: int = 0, tls: ssl.SSLContext | None = None, *, needs_login: bool = False
    ) -> None:
        self.mails: list[ReceivedMail] = []
        self.replies: dict[str, str] = {}
        """Recipient → the reply that refuses them; ``DATA`` → the reply to each mail."""
        self._options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if needs_login:
            self._options |= {"authenticator": _authenticate, "auth_required": True}
            self._options |= {"auth_require_tls": False}
        self._port = port
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: Any, _session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.replies:
            return self.replies["DATA"]
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=SMTP_POLICY)
        assert isinstance(message, EmailMessage)
        self.mails.append(ReceivedMail(str(envelope.mail_from), envelope.rcpt_tos, message))
        return "250 taken"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._protocol, "127.0.0.1", self._port)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    def _protocol(self) -> SMTP:
        with warnings.catch_warnings():
            # It warns of a login without TLS, which no test listens to on loopback.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(self, hostname="mail.test", ident="test", **self._options)


def _authenticate(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
) -> AuthResult:
    assert isinstance(given, LoginPassword)
    is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Run a mail server during the block."""
    made = MailServer(**options)
    try:
        yield made
    finally:
        made.close()
