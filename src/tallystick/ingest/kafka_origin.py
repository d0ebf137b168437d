"""A topic of Kafka, whose partitions all processes of a consumer group share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnsupportedCodecError

from tallystick.delivery.destinations.kafka.message import CONTENT_TYPE, PREFIX
from tallystick.delivery.destinations.kafka.producers import connection_options
from tallystick.ingest.origin import BATCH, WAIT_S, OriginFailed
from tallystick.ingest.origin_url import OriginUrl
from tallystick.ingest.received_message import ReceivedMessage
from tallystick.once_per_minute import OncePerMinute

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

FETCH_BYTES = 8 * 1024 * 1024
"""The bytes of messages that are fetched at a time; a single larger message is fetched too."""

STOP_S = 5.0
"""The time in seconds to leave the group."""


class KafkaOrigin:
    """A reader of a topic; see `Origin`."""

    def __init__(self, url: OriginUrl, group: str) -> None:
        """`group` is the consumer group, if the URL names none."""
        self._url = url
        self._group = url.group or group
        self._consumer: AIOKafkaConsumer | None = None
        self._next: dict[TopicPartition, int] = {}
        _limit_log()

    async def open(self) -> None:
        """Connect, and join the group."""
        self._next = {}
        self._consumer = _create(self._url, self._group)
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            raise OriginFailed(_words(error)) from None

    async def close(self) -> None:
        """Leave the group, so that others take over its partitions at once."""
        if self._consumer:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self._consumer.stop()
            self._consumer = None

    async def read_batch(self) -> Sequence[ReceivedMessage]:
        """Return messages, those of each partition in their order."""
        assert self._consumer
        try:
            found = await self._consumer.getmany(timeout_ms=int(WAIT_S * 1000), max_records=BATCH)
        except (KafkaError, UnsupportedCodecError) as error:
            raise OriginFailed(_words(error)) from None
        for partition, records in found.items():
            self._next[partition] = records[-1].offset + 1
        return [_message(record) for records in found.values() for record in records]

    async def settle_batch(self) -> None:
        """Commit the offsets."""
        assert self._consumer
        held = self._consumer.assignment()
        offsets = {partition: next_ for partition, next_ in self._next.items() if partition in held}
        self._next = offsets
        # Who took a partition over meanwhile reads it again, and each event is stored once.
        with suppress(KafkaError):
            if offsets:
                await self._consumer.commit(offsets)

    def lag(self) -> Mapping[str, int]:
        """Return the messages of each assigned partition that were read from."""
        if self._consumer is None:
            return {}
        ends = {at: self._consumer.highwater(at) for at in self._consumer.assignment()}
        return {
            f"{at.topic}/{at.partition}": max(0, end - self._next[at])
            for at, end in ends.items()
            if end is not None and at in self._next
        }


def _create(url: OriginUrl, group: str) -> AIOKafkaConsumer:
    login = {"user": url.user, "password": url.password} if url.user else {}
    options = {"tls": url.scheme == "kafkas", "mechanism": url.mechanism, **login}
    return AIOKafkaConsumer(
        url.name,
        bootstrap_servers=list(url.hosts),
        client_id="tallystick",
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=FETCH_BYTES,
        **connection_options(options),
    )


def _message(record: ConsumerRecord) -> ReceivedMessage:
    headers = {name.lower(): value for name, value in record.headers}
    attributes = {
        name.removeprefix(PREFIX): _text(value)
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
    place = f"{record.topic}/{record.partition}/{record.offset}"
    type_ = _text(headers.get(CONTENT_TYPE))
    return ReceivedMessage(place, type_, attributes, record.value or b"")


def _text(value: bytes | None) -> str:
    # What is no UTF-8 becomes half a surrogate pair, which no attribute may have.
    return (value or b"").decode(errors="surrogateescape")


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


class _LinesOncePerMinute(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._lines = OncePerMinute()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the record: each kind of line once a minute."""
        return self._lines.is_due(record.msg)


def _limit_log() -> None:
    """Let a broker that is away say so once a minute."""
    log = logging.getLogger("aiokafka")
    if not any(isinstance(each, _LinesOncePerMinute) for each in log.filters):
        log.addFilter(_LinesOncePerMinute())
