"""Whom a proxy trusts as its upstream, and how it shows itself there."""

from __future__ import annotations

import ssl
from pathlib import Path

from tallystick.tls_context import load_authority, load_certificate


def create_upstream_context(
    ca: Path | None = None, client_certificate: Path | None = None, *, insecure: bool = False
) -> ssl.SSLContext:
    """Return a context for a client that trusts this machine's CAs and those of the file `ca`.

    `client_certificate` is a PEM file with a certificate and its key; with `insecure`, every
    server is trusted. Raises `BadCertificate`.
    """
    context = ssl.create_default_context()
    if ca:
        load_authority(context, ca)
    if client_certificate:
        load_certificate(context, client_certificate)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
