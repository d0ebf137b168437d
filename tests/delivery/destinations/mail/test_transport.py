"""Mails by a real SMTP server on loopback."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from mail_server import PASSWORD, USER, MailServer, mail_server
from tallystick.delivery import AttemptOutcome, DeliveryFailure, EndpointResponse
from tallystick.delivery.destinations.mail import bounded_smtp
from tallystick.delivery.destinations.mail.message import Mail, mail_request
from tallystick.delivery.destinations.mail.transport import MailTransport
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

MAIL = Mail("1.2", ["ops@example.com"], "subject", "text ü", 1_769_847_330_123, "<p>html ü</p>")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def transport(port: int, **given: Any) -> MailTransport:
    settings: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"}
    return MailTransport(Settings(**settings, smtp_from="Tally <service@example.com>", **given))


async def send(by: MailTransport, mail: Mail = MAIL) -> EndpointResponse:
    request = mail_request(mail, by)
    return await by.send_request(request, request.headers)


async def failure(by: MailTransport, mail: Mail = MAIL) -> DeliveryFailure:
    with pytest.raises(DeliveryFailure) as failed:
        await send(by, mail)
    return failed.value


async def test_a_mail_has_a_text_and_an_html_part(server: MailServer) -> None:
    assert (await send(transport(server.port))).status == 250
    [mail] = server.mails
    assert (mail.sender, mail.recipients) == ("service@example.com", ["ops@example.com"])
    assert (mail.text, mail.html) == ("text ü\r\n", "<p>html ü</p>\r\n")
    head = mail.message
    assert (head["From"], head["To"]) == ("Tally <service@example.com>", "ops@example.com")
    assert (head["Subject"], head["Message-ID"]) == ("subject", "<1.2@tallystick>")
    assert head["Date"] == "Sat, 31 Jan 2026 08:15:30 +0000"
    assert head["Auto-Submitted"] == "auto-generated"


async def test_no_subject_adds_a_header(server: MailServer) -> None:
    await send(
        transport(server.port), MAIL._replace(subject="a\r\nBcc: x@example.com\r\n\0\ud800ü")
    )
    [mail] = server.mails
    assert mail.message["Subject"] == "a Bcc: x@example.com \ufffd?ü"
    assert (mail.message["Bcc"], mail.recipients) == (None, ["ops@example.com"])


async def test_a_recipient_that_is_refused_leaves_the_others(server: MailServer) -> None:
    server.replies["gone@example.com"] = "550 no such user"
    mail = MAIL._replace(to=["gone@example.com", "ops@example.com"])
    response = await send(transport(server.port), mail)
    assert response.body == b"gone@example.com: 550 no such user"
    assert [mail.recipients for mail in server.mails] == [["ops@example.com"]]


@pytest.mark.parametrize(
    ("place", "reply", "outcome"),
    [
        ("ops@example.com", "550 no such user", AttemptOutcome.UNDELIVERABLE),
        ("ops@example.com", "450 mailbox busy", AttemptOutcome.SERVER_ERROR),
        ("DATA", "554 spam", AttemptOutcome.UNDELIVERABLE),
        ("DATA", "452 disk full", AttemptOutcome.SERVER_ERROR),
    ],
)
async def test_a_refusal_is_final_from_500_on(
    server: MailServer, place: str, reply: str, outcome: AttemptOutcome
) -> None:
    server.replies[place] = reply
    failed = await failure(transport(server.port))
    assert failed.outcome is outcome
    assert reply in str(failed)


class Talker:
    """A mail server on a thread that says what a test has it say."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.is_left = Event()
        """Set when the client has closed the connection."""
        self._talk = talk
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listening, self._listening.accept()[0] as client:
            client.settimeout(30)
            with suppress(ConnectionError):
                self._talk(client)
            self.is_left.set()


def talk_without_end(client: socket.socket) -> None:
    while True:
        client.sendall(b"220-welcome\r\n")


def talk_slowly(client: socket.socket) -> None:
    while True:
        client.sendall(b"2")
        time.sleep(0.05)


def take_a_mail(client: socket.socket) -> None:
    """Take a mail, and answer the leave as no server should."""
    client.sendall(b"220 here\r\n")
    with client.makefile("rb") as lines:
        for line in lines:
            is_data = line.upper().startswith(b"DATA")
            client.sendall(b"354 go\r\n" if is_data else b"250 ok\r\n")
            if is_data:
                while next(lines) != b".\r\n":
                    pass
                client.sendall(b"250 taken\r\n")


async def test_replies_without_an_end_are_ended() -> None:
    server = Talker(talk_without_end)
    failed = await failure(transport(server.port))
    assert failed.outcome is AttemptOutcome.BROKEN
    assert "its replies have more than" in str(failed)
    assert server.is_left.wait(30)


async def test_a_server_that_talks_for_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_smtp, "TOTAL_S", 0.3)
    server = Talker(talk_slowly)
    assert "timed out" in str(await failure(transport(server.port)))
    assert server.is_left.wait(30)


async def test_a_mail_that_was_taken_is_sent_whatever_follows() -> None:
    server = Talker(take_a_mail)
    assert (await send(transport(server.port))).status == 250
    assert server.is_left.wait(30)


async def test_the_user_logs_in() -> None:
    with mail_server(needs_login=True) as server:
        by = transport(server.port, smtp_user=USER, smtp_password=PASSWORD)
        assert (await send(by)).status == 250


@pytest.mark.parametrize(
    "login", [{}, {"smtp_user": USER, "smtp_password": "wrong"}], ids=["none", "wrong"]
)
async def test_a_login_that_fails_is_the_operators_to_mend(login: dict[str, Any]) -> None:
    with mail_server(needs_login=True) as server:
        failed = await failure(transport(server.port, **login))
    assert failed.outcome is AttemptOutcome.LOCAL
    assert "wrong" not in str(failed)


async def test_without_a_mail_server_a_mail_waits_for_one() -> None:
    by = MailTransport(Settings())
    failed = await failure(by)
    assert (failed.outcome, by.is_set) == (AttemptOutcome.LOCAL, False)
    assert "TALLYSTICK_SMTP_HOST" in str(failed)


async def test_a_mail_server_that_is_away_is_unreachable(server: MailServer) -> None:
    server.close()
    failed = await failure(transport(server.port))
    assert failed.outcome is AttemptOutcome.UNREACHABLE


async def test_a_mail_goes_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(tls=_context(certificate)) as server:
        by = MailTransport(_settings(server.port, "starttls"))
        assert (await send(by)).status == 250


async def test_a_mail_goes_encrypted_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = _context(certificate)

    def talk(client: socket.socket) -> None:
        with context.wrap_socket(client, server_side=True) as encrypted:
            take_a_mail(encrypted)

    server = Talker(talk)
    assert (await send(MailTransport(_settings(server.port, "tls")))).status == 250
    assert server.is_left.wait(30)


async def test_a_certificate_that_nobody_trusts_stops_the_mail(tmp_path: Path) -> None:
    with mail_server(tls=_context(_certificate(tmp_path))) as server:
        failed = await failure(MailTransport(_settings(server.port, "starttls")))
    assert failed.outcome is AttemptOutcome.TLS_ERROR
    assert not server.mails


async def test_a_server_without_encryption_gets_no_mail(server: MailServer) -> None:
    failed = await failure(MailTransport(_settings(server.port, "starttls")))
    assert failed.outcome is AttemptOutcome.LOCAL
    assert not server.mails


def _settings(port: int, tls: Any) -> Settings:
    host, sender = "localhost", "service@example.com"
    return Settings(smtp_host=host, smtp_port=port, smtp_tls=tls, smtp_from=sender)


def _certificate(folder: Path) -> Path:
    """Write a certificate of localhost with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, day = datetime.now(UTC), timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - day).not_valid_after(now + day)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    pem, clear = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(
        made.sign(key, SHA256()).public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear)
    )
    return file


def _context(certificate: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate)
    return made
