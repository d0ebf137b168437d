"""`ingest`: reads CloudEvents from a broker into the log, until you stop it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from tallystick.cli.command import Command
from tallystick.cli.options import database, fail, host, own_port, read_settings

if TYPE_CHECKING:
    from tallystick.ingest.origin import Origin
    from tallystick.ingest.origin_url import OriginUrl

_API = re.compile(r"[a-z][a-z0-9_]{0,31}")


@click.command(cls=Command)
@click.option(
    "--from",
    "from_",
    required=True,
    metavar="URL",
    envvar="TALLYSTICK_INGEST_FROM",
    help="kafka://HOST:PORT/TOPIC or amqp://HOST:PORT/QUEUE; with TLS kafkas, amqps.",
)
@click.option("--as", "as_", required=True, metavar="API", help="API that accepts the events.")
@database
@host
@own_port
def ingest(from_: str, as_: str, database: str | None, host: str | None, port: str | None) -> None:
    """Read CloudEvents from a topic of Kafka or a queue of RabbitMQ into the log.

    Examples:

      tallystick ingest --from kafka://127.0.0.1:9092/orders --as crm
      tallystick ingest --from amqp://127.0.0.1:5672/orders --as crm --port 9090

    Messages are stored in batches, and acknowledged when they are on disk. An event that comes
    twice within a week is stored once, by its source and id. Start several processes to share the
    work.
    Give a URL with a password by TALLYSTICK_INGEST_FROM, which no list of processes shows.
    """
    from tallystick.ingest.origin_url import BadOrigin, parse_origin

    if not _API.fullmatch(as_):
        fail("--as is the name of an API: a letter, then letters, digits and _, all in lower case")
    try:
        url = parse_origin(from_)
    except BadOrigin as error:
        fail(f"--from {error}")
    _refuse_missing("aiokafka" if url.is_kafka else "aio_pika")
    settings = read_settings(database=database, host=host, port=port)
    from tallystick import server

    try:
        server.run_ingest(
            settings, lambda: _origin(url, as_), as_, url.shown, listens=port is not None
        )
    except server.CannotStart as error:
        fail(str(error), error.exit_code)


def _refuse_missing(module: str) -> None:
    if find_spec(module) is None:
        fail(f"{module} is missing: install tallystick[brokers]")


def _origin(url: OriginUrl, api: str) -> Origin:
    if url.is_kafka:
        from tallystick.ingest.kafka_origin import KafkaOrigin

        return KafkaOrigin(url, f"tallystick-{api}")
    from tallystick.ingest.amqp_origin import AmqpOrigin

    return AmqpOrigin(url)
