"""Names that tell of a secret: of headers, of query parameters, of members of JSON."""

from __future__ import annotations

import re
from functools import lru_cache

MASK = "***"

_ENDINGS = (
    "authorization", "cookie", "credential", "credentials", "jwt", "passphrase", "passwd",
    "password", "secret", "secrets", "token", "accesskey", "apikey", "authkey", "privatekey",
    "secretkey", "subscriptionkey",
)  # fmt: skip
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_QUERY_FIELD = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]*)")


@lru_cache(maxsize=1_000)
def is_secret_name(name: str) -> bool:
    """Return whether such a name has a secret: ``Private-Token``, ``apikey``, ``refreshToken``."""
    words = _SEPARATORS.split(name.lower())
    return "".join(words).endswith(_ENDINGS) or words[-1] == "sk"


def mask_url(url: str) -> str:
    """Return a URL whose query parameters of such names are masked."""
    return _QUERY_FIELD.sub(_mask_field, url)


def _mask_field(field: re.Match[str]) -> str:
    return f"{field[1]}={MASK}" if is_secret_name(field[1]) and field[2] else field[0]
