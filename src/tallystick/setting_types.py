"""How the text of a setting becomes its value, beside the types that click has.

An error never repeats a possible secret.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from click import BOOL, STRING, Context, Parameter, ParamType

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Value = TypeVar("Value")

KAFKA = {
    "type": "object",
    "required": ["servers"],
    "additionalProperties": False,
    "properties": {
        "servers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5},
        "tls": {"type": "boolean"},
        "user": {"type": "string", "minLength": 1, "maxLength": 255},
        "password": {"type": "string", "minLength": 1, "maxLength": 1024},
        "mechanism": {"enum": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]},
    },
}
"""The members of the destination `kafka` for its connection, as the contract has them."""

KAFKA_SERVER = re.compile(
    r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$"
)
"""The form of one of its servers, as the contract has it."""

MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
"""The form of the address of a mail, as the contract of eventhos has it."""

_HOST = re.compile(r"[^\s:/?#@\[\]]+")
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^\s/?#@]+")
_DIGITS = re.compile("[0-9]{1,19}")
_BASE_URL = re.compile("https?://[^\\s/?#]+(/[^\\s/?#]+)*/?")
_SHORTEST_KEY = 32


def setting(
    default: Value, kind: ParamType[Any], description: str, *, is_secret: bool = False
) -> Value:
    """Return a dataclass's field for a setting, with the type of its text and its description."""
    metadata = {"kind": kind, "description": description, "default": default}
    given: dict[str, Any] = {"default": default}
    if isinstance(default, dict):  # which is no default of a dataclass
        given = {"default_factory": default.copy}
    made: Any = field(**given, repr=not is_secret, metadata=metadata)
    return made  # type: ignore[no-any-return]  # mypy knows a field by this class's value alone


class Read(ParamType[Value]):
    """Take values by a function; its `ValueError` has the words of a refusal."""

    name = "text"

    def __init__(self, read: Callable[[Any], Value]) -> None:
        """Take a function of the text, or of a value that is read already."""
        self._read = read

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> Value:
        """Return the value; raise `click.BadParameter`."""
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def matching(pattern: str, words: str) -> Read[str]:
    """Take a text with a form that `words` tell."""
    compiled = re.compile(pattern, re.DOTALL)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(words)
        return text

    return Read(read)


def base_url(example: str) -> Read[str]:
    """Take the URL of a server, without the slash at its end; or an empty text."""

    def read(text: str) -> str:
        if text and not is_base_url(text):
            raise ValueError(f"give a URL such as {example}")
        return text.removesuffix("/")

    return Read(read)


def is_base_url(text: str) -> bool:
    """Return whether a text is a URL of HTTP with a host, and with a port and a path at most."""
    from yarl import URL

    try:
        return bool(_BASE_URL.fullmatch(text) and _has_port(text) and URL(text).host)
    except ValueError:  # a host without a form for DNS
        return False


def number(least: int, most: int | None = None) -> Read[int]:
    """Take a whole number with its bounds."""
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"

    def read(given: str | int) -> int:
        # Python would also take 1_000, and the digits of other scripts.
        is_number = isinstance(given, int) or _DIGITS.fullmatch(given.strip())
        if not is_number or int(given) < least or (most is not None and int(given) > most):
            raise ValueError(f"give a whole number {bounds}")
        return int(given)

    return Read(read)


def _flag(given: str | bool) -> bool:
    # click takes an empty text for false.
    value = BOOL.str_to_bool(given) if str(given).strip() else None
    if value is None:
        raise ValueError("give true or false")
    return value


def _file(given: str | Path) -> Path:
    # An empty one is the folder at hand.
    if given in ("", Path()):
        raise ValueError("give the path of a file, or leave it out")
    return Path(given)


def several(kind: ParamType[Value]) -> Read[tuple[Value, ...]]:
    """Take values separated by commas, or a sequence of them."""

    def read(given: str | tuple[Any, ...]) -> tuple[Value, ...]:
        if isinstance(given, str):
            given = tuple(item.strip() for item in given.split(",") if item.strip())
        return tuple(kind.convert(item, None, None) for item in given)

    return Read(read)


def by_name(read_one: Callable[[Any], Value]) -> Read[Mapping[str, Value]]:
    """Take a JSON object; an error begins with the name of the wrong member."""

    def read(text: str) -> Mapping[str, Value]:
        return dict(_named(name, each, read_one) for name, each in _parse_object(text).items())

    return Read(read)


def _parse_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("that is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("that is no JSON object")
    return value


def _named(name: str, given: Any, read: Callable[[Any], Value]) -> tuple[str, Value]:
    try:
        return name, read(given)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


def _broker(given: Any) -> str:
    is_address = isinstance(given, str) and re.fullmatch(r"amqps?://[^\s/?#@:][^\s/?#@]*/?", given)
    if not is_address or not _has_port(given):
        raise ValueError("must be an address such as amqps://HOST:PORT, without a user")
    return str(given)


def _has_port(url: str) -> bool:
    """Return whether a URL has a usable port, or none."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _kafka(given: Any) -> Mapping[str, Any]:
    from jsonschema_rs import validator_for

    for error in validator_for(KAFKA, mask="").iter_errors(given):
        raise ValueError(" ".join([*map(str, error.instance_path), error.message.strip()]))
    known: Mapping[str, Any] = given
    for number, server in enumerate(known["servers"]):
        if not (KAFKA_SERVER.fullmatch(server) and _has_port(f"//{server}")):
            raise ValueError(
                f"servers {number} must be a host and a port, such as kafka.example.org:9093"
            )
    if len(known.keys() & {"user", "password"}) == 1:
        raise ValueError("must have both of user and password, or neither")
    return known


def _origin(text: str) -> str:
    if not (_ORIGIN.fullmatch(text) and _has_port(text)):
        raise ValueError(f"{text} is no origin: write https://app.example, without a path, or *")
    return text


def _keys(text: str) -> str:
    if any(len(key.strip()) < _SHORTEST_KEY for key in text.split(",")):
        raise ValueError(f"a key has {_SHORTEST_KEY} characters or more")
    return text


def _mailbox(text: str) -> str:
    from email.utils import getaddresses

    # The parser leaves spaces and comments out: `a@b c` would be a@bc.
    found = [address for _, address in getaddresses([text]) if address in text]
    if len(found) == 1 and MAIL_ADDRESS.fullmatch(found[0]) and text.isprintable():
        return text
    raise ValueError("give an address such as alarms@example.com")


def _sender(text: str) -> str:
    return text and _mailbox(text)


def _recipients(text: str) -> str:
    # Bounds such as quotes don't keep a comma from being one between two of them.
    for each in text.split(","):
        _sender(each.strip())
    return text


def _host(text: str) -> str:
    if text and not _HOST.fullmatch(text) and not _is_ipv6(text):
        raise ValueError("give a host such as mail.example.com, without a scheme or a port")
    return text


def _is_ipv6(text: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(text))
    except ValueError:
        return False


FLAG = Read(_flag)
"""True or false, in click's words."""

A_FILE = Read(_file)

NAMES = several(STRING)

ORIGINS = several(Read(_origin))
"""Origins of browser calls."""

NETWORKS: Read[tuple[Network, ...]] = several(Read(ipaddress.ip_network))

CREDENTIALS = several(matching("[^=]+=.+", "give SCHEME=VALUE, such as apiKey=secret"))

KEYS = Read(_keys)
"""One key or more, separated by commas."""

A_HOST = Read(_host)
"""A name or an address of a machine, or an empty text."""

SENDER = Read(_sender)
"""The sender of a mail: an address, or a name with one in angle brackets."""

RECIPIENTS = Read(_recipients)
"""Such senders, separated by commas."""

BROKERS = by_name(_broker)
"""Each name's address of a RabbitMQ."""

KAFKAS = by_name(_kafka)
"""Each name's options of the destination `kafka`, without the topic."""
