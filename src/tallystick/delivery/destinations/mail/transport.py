"""Sends mails by the mail server of the settings."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.utils import getaddresses, parseaddr
from functools import partial

from tallystick.delivery.adapter import DeliveryFailure, EndpointResponse, OutgoingRequest
from tallystick.delivery.daemon_threads import DaemonThreads
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.destinations.mail.bounded_smtp import (
    TOTAL_S,
    BoundedSmtp,
    BoundedSmtpSsl,
)
from tallystick.delivery.local_failure import is_local
from tallystick.settings import Settings

THREADS = 32
"""The number of mails at a time, including abandoned ones."""

NO_SERVER = "no mail server is set: set TALLYSTICK_SMTP_HOST and TALLYSTICK_SMTP_FROM"


class MailTransport:
    """A sender of mails in threads, as `smtplib` blocks; see `Transport`.

    The mail server is the operator's own choice, so it may have a private address.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = DaemonThreads(THREADS)
        self.sender = settings.smtp_from
        """The sender of all mails."""
        self.endpoint = f"smtp://{settings.smtp_host}:{settings.smtp_port}"
        """The name by which mails are isolated from other deliveries."""
        self.secrets = [settings.smtp_password] if settings.smtp_password else []
        """Texts to mask in records."""

    @property
    def is_set(self) -> bool:
        """Return whether there is a mail server."""
        return bool(self._settings.smtp_host)

    async def send_request(
        self, outgoing: OutgoingRequest, headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return the status of the mail server, 250, if it took the mail for a recipient."""
        if not self.is_set:
            raise DeliveryFailure(AttemptOutcome.LOCAL, NO_SERVER)
        call = partial(self._send, dict(headers)["To"], outgoing.body)
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._threads.run(call)
        except (OSError, smtplib.SMTPException) as error:  # a `TimeoutError` is an `OSError`
            raise DeliveryFailure(_outcome(error), _words(error)) from None

    def _send(self, to: str, mail: bytes) -> EndpointResponse:
        recipients = [address for _, address in getaddresses([to])]
        server = self._connected()
        try:
            refused = server.sendmail(parseaddr(self.sender)[1], recipients, mail)
        finally:
            server.leave()
        return EndpointResponse(250, (), _told(refused).encode())

    def _connected(self) -> BoundedSmtp:
        settings = self._settings
        host, port, context = settings.smtp_host, settings.smtp_port, ssl.create_default_context()
        if settings.smtp_tls == "tls":
            server: BoundedSmtp = BoundedSmtpSsl(host, port, context=context)
        else:
            server = BoundedSmtp(host, port)
        try:
            if settings.smtp_tls == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, "".join(self.secrets))
        except BaseException:
            server.close()
            raise
        return server


def _outcome(error: OSError | smtplib.SMTPException) -> AttemptOutcome:
    if is_local(error) or isinstance(error, _SETTINGS):
        return AttemptOutcome.LOCAL
    codes = _codes(error)
    if codes:
        is_final = all(code >= 500 for code in codes)
        return AttemptOutcome.UNDELIVERABLE if is_final else AttemptOutcome.SERVER_ERROR
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome
    return AttemptOutcome.UNREACHABLE


def _codes(error: Exception) -> list[int]:
    """Return the codes with which the server refused this mail; RFC 5321: from 500 on for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPDataError) else []


# What a person mends by a setting, so that no mail is lost meanwhile.
_SETTINGS = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
)
_OUTCOMES: Sequence[tuple[type[Exception], AttemptOutcome]] = (
    (TimeoutError, AttemptOutcome.TIMEOUT),
    (socket.gaierror, AttemptOutcome.DNS_ERROR),
    (ssl.SSLError, AttemptOutcome.TLS_ERROR),
    (smtplib.SMTPServerDisconnected, AttemptOutcome.BROKEN),
    (smtplib.SMTPResponseException, AttemptOutcome.SERVER_ERROR),
)


def _words(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the mail server refused {_told(error.recipients)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {_reply(error.smtp_code, error.smtp_error)}"
    if isinstance(error, smtplib.SMTPException):
        return f"the mail server: {error}"
    return f"can't connect to the mail server: {error.strerror or error}"


def _told(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address}: {_reply(*reply)}" for address, reply in refused.items())


def _reply(code: int, text: bytes | str) -> str:
    shown = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(shown.split())}"
