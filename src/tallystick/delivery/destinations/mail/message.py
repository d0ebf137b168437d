"""Mails as requests of the mail transport."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

from tallystick.delivery.adapter import OutgoingRequest
from tallystick.delivery.destinations.mail.transport import MailTransport
from tallystick.storable_text import replace_unstorable


class Mail(NamedTuple):
    """A mail to send."""

    id: str
    """The same for each attempt, so that a reader's program sees one mail."""
    to: Sequence[str]
    subject: str
    text: str
    time_ms: int
    html: str = ""
    """The same content in HTML; empty for a mail of text alone."""


def mail_request(mail: Mail, transport: MailTransport) -> OutgoingRequest:
    """Return the request that sends a mail to all its recipients."""
    headers = [
        ("From", transport.sender),
        ("To", ", ".join(mail.to)),
        ("Subject", " ".join(replace_unstorable(mail.subject).split())),
        ("Message-ID", f"<{mail.id}@tallystick>"),
    ]
    return OutgoingRequest(
        "MAIL",
        transport.endpoint,
        headers,
        _compose(mail, headers),
        masked=transport.secrets,
        transport=transport,
        endpoint=transport.endpoint,
    )


def _compose(mail: Mail, headers: Sequence[tuple[str, str]]) -> bytes:
    message = EmailMessage(policy=SMTP)
    for name, value in headers:
        message[name] = value
    message["Date"] = datetime.fromtimestamp(mail.time_ms / 1000, UTC)
    # RFC 3834: no program should answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(replace_unstorable(mail.text), cte="quoted-printable")
    if mail.html:
        html = replace_unstorable(mail.html)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()
