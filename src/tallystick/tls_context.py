"""The TLS side of a server: its certificate and the callers' accepted certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tallystick.settings import Settings


class BadCertificate(Exception):
    """A certificate or key can't be used; the message names the file and the cause."""


class ServedTls(NamedTuple):
    """The TLS context of a server, with the lines to print at its start."""

    context: ssl.SSLContext
    lines: Sequence[str] = ()


def read_tls(settings: Settings) -> ServedTls:
    """Return TLS by the certificate and key of the settings; raise `BadCertificate`.

    It has a line if the certificate has ended, or begins later: it can be served, and callers
    refuse it.
    """
    assert settings.tls_cert
    context = create_context(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
    return ServedTls(context, [*_tell_validity(settings.tls_cert)])


def _tell_validity(certificate: Path) -> Iterator[str]:
    from cryptography.x509 import load_pem_x509_certificate  # for TLS alone: it is large

    try:
        read = load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:  # OpenSSL reads some that break the rules
        return
    now, begin, end = datetime.now(UTC), read.not_valid_before_utc, read.not_valid_after_utc
    if end <= now:
        yield f"the certificate {certificate} ended on {end:%Y-%m-%d}: callers refuse it"
    elif now < begin:
        yield f"the certificate {certificate} begins at {begin:%Y-%m-%dT%H:%MZ}: callers refuse it"


def create_context(
    certificate: Path, key: Path | None = None, client_ca: Path | None = None
) -> ssl.SSLContext:
    """Return a context for servers from PEM files; raise `BadCertificate`.

    Without `key`, the certificate's file has the key too. With `client_ca`, every caller needs a
    certificate signed by one of the certificates in this file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        load_authority(context, client_ca)
    return context


def load_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None = None) -> None:
    """Load a certificate with its key, from PEM files; raise `BadCertificate`."""
    named = f"{certificate} with {key}" if key else str(certificate)
    for file in filter(None, (certificate, key)):
        _refuse_unreadable(file)  # else OpenSSL would not say which of them
    try:
        # Without this answer, OpenSSL would ask for a password on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise BadCertificate(f"{named}: {_explain(error)}") from error


def load_authority(context: ssl.SSLContext, file: Path) -> None:
    """Load the certificates to trust, from a PEM file; raise `BadCertificate`."""
    try:
        context.load_verify_locations(file)
    except OSError as error:
        told = "it has no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise BadCertificate(f"{file}: {told}") from error


def _refuse_unreadable(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise BadCertificate(f"{file}: {error.strerror or error}") from error


def _explain(error: OSError) -> str:
    if not isinstance(error, ssl.SSLError):
        return error.strerror or "can't be read"
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key belongs to another certificate"
    return "this is no certificate in PEM, or its key is missing or needs a password"
