"""The output of a command without its secrets, for an alarm that leaves the house."""

from __future__ import annotations

import re

from tallystick.secret_names import MASK, is_secret_name, mask_text

_URL_PASSWORD = re.compile(r"(://[^/\s:@]{0,200}:)[^/\s@]{1,500}@")
_SCHEME = re.compile(r"\b(bearer|basic|api-token|apikey)([ \t]+)[^\s\"',;]+", re.IGNORECASE)
# The header of a JSON Web Token is JSON, and `{"` is `eyJ` in base64url.
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
# Names are bounded, so that no text is slow.
_PAIR = re.compile(r"(?<![\w.-])([\w.-]{1,128})([ \t]*[:=][ \t]*)([^\s\"',;&]+)")
_OPTION = re.compile(r"(?<!\S)(--?[\w-]{1,128})([ \t]+)([^\s-]\S*)")


def mask_output(text: str) -> str:
    """Return a text with passwords in URLs, tokens and values with a secret's name masked."""
    text = _URL_PASSWORD.sub(rf"\1{MASK}@", mask_text(text))
    text = _JWT.sub(MASK, _SCHEME.sub(rf"\1\2{MASK}", text))
    return _OPTION.sub(_mask_named, _PAIR.sub(_mask_named, text))


def _mask_named(pair: re.Match[str]) -> str:
    name, between, _ = pair.groups()
    return f"{name}{between}{MASK}" if is_secret_name(name) else pair[0]
