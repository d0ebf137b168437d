"""Says in words why an upstream gave no answer, and what helps."""

from __future__ import annotations

import ssl

import aiohttp

_UNVERIFIED = "its certificate is not trusted ({}): give its CA by --ca, or --insecure to trust it"
_NO_TLS = "it does not speak TLS there: is its URL http://?"
_ALERTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it asks for a client certificate: give one by "
    "--client-cert",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the handshake; it may ask for a client "
    "certificate: give one by --client-cert",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the certificate of --client-cert",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not trust the certificate of --client-cert",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not trust the certificate of --client-cert",
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
}


_SAID: tuple[tuple[type[BaseException], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "its name can't be resolved to an address"),
    (TimeoutError, "it took too long"),
    (aiohttp.ServerDisconnectedError, "it closed the connection without an answer"),
    (aiohttp.ClientPayloadError, "its answer ends too early"),
    (aiohttp.ClientHttpProxyError, "the HTTP proxy answered {0.status}"),
    (aiohttp.ClientResponseError, "its answer is no HTTP"),
)


def explain_failure(error: BaseException) -> str:
    """Return the cause of a failed exchange, without an address or a secret."""
    said = next((said for kind, said in _SAID if isinstance(error, kind)), None)
    if said:
        return said.format(error)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return f"the HTTP proxy can't be reached: {_explain_os(error.os_error)}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _explain_tls(error.certificate_error)
    return _explain_os(error)


def _explain_os(error: BaseException) -> str:
    failed = _find_tls(error)
    if failed:
        return _explain_tls(failed)
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    said = getattr(error, "strerror", None)
    return str(said).lower() if said else type(error).__name__


def _find_tls(error: BaseException | None) -> ssl.SSLError | None:
    """Return the TLS failure behind an error, or None."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, aiohttp.ClientError):
        return error
    if error is None:
        return None
    return _find_tls(getattr(error, "os_error", None) or error.__cause__ or error.__context__)


def _explain_tls(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _UNVERIFIED.format(error.verify_message.rstrip("."))
    reason = str(getattr(error, "reason", None) or "no reason given")
    return _ALERTS.get(reason) or f"TLS failed: {reason.replace('_', ' ').lower()}"
