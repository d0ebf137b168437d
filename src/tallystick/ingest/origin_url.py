"""The URL of a topic or a queue to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

_URL = re.compile(
    r"(?P<scheme>kafka|kafkas|amqp|amqps)://(?:(?P<login>[^@/]*)@)?(?P<hosts>[^@/?#]+)"
    r"/(?P<name>[^?#]+)(?:\?(?P<query>[^#]*))?"
)
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_LAST_PORT = 65535
_OPTIONS = frozenset({"group", "mechanism"})


class BadOrigin(ValueError):
    """The URL names no topic and no queue; the message says what it must be."""


@dataclass(frozen=True)
class OriginUrl:
    """A topic of Kafka, or a queue of RabbitMQ, and how to connect to it."""

    scheme: str
    """``kafka``, ``kafkas``, ``amqp`` or ``amqps``; with an ``s`` it is encrypted."""
    hosts: tuple[str, ...]
    name: str
    """The topic, or the virtual host, a ``/`` and the queue."""
    user: str = ""
    password: str = field(default="", repr=False)
    group: str = ""
    """The consumer group of Kafka; empty for the one of the API."""
    mechanism: str = "PLAIN"
    """The mechanism of SASL."""

    @property
    def is_kafka(self) -> bool:
        """Return whether it is a topic."""
        return self.scheme.startswith("kafka")

    @property
    def shown(self) -> str:
        """Return the URL for people, without user and password."""
        return f"{self.scheme}://{','.join(self.hosts)}/{self.name}"


def parse_origin(url: str) -> OriginUrl:
    """Return the parts of a URL; raise `BadOrigin`, whose message has no secret."""
    found = _URL.fullmatch(url)
    if found is None:
        raise BadOrigin("must be kafka://HOST:PORT/TOPIC or amqp://HOST:PORT/QUEUE")
    hosts = tuple(found["hosts"].split(","))
    if not all(map(_has_port, hosts)):
        raise BadOrigin("needs a host and a port, such as kafka.example.org:9092")
    options = dict(parse_qsl(found["query"] or "", keep_blank_values=True))
    if unknown := options.keys() - _OPTIONS:
        raise BadOrigin(f"has the unknown option {min(unknown)}; known are group and mechanism")
    user, _, password = (found["login"] or "").partition(":")
    return OriginUrl(
        scheme=found["scheme"],
        hosts=hosts,
        name=unquote(found["name"]),
        user=unquote(user),
        password=unquote(password),
        **options,
    )


def _has_port(host: str) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and 0 < int(found[2]) <= _LAST_PORT
