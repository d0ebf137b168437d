"""A real Kafka broker for the tests: one node in KRaft mode, on loopback, in a folder of its own.

`make kafka` puts its jars into `build/kafka`. It has four listeners for clients: in plain, with a
password, through a relay that a test closes, and one that sends them to an address elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import AIOKafkaProducer, ConsumerRecord

JARS = Path(__file__).parents[1] / "build" / "kafka"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
READ_TIMEOUT_S = 20.0
USER, PASSWORD = "service", "a-password-of-kafka"
ELSEWHERE = "10.1.2.3"
"""The address that one of its listeners tells its clients to go to."""

_JAVA = ("java", "-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAIN://127.0.0.1:{plain},SASL://127.0.0.1:{sasl},RELAYED://127.0.0.1:{relayed},\
ELSEWHERE://127.0.0.1:{elsewhere},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAIN://127.0.0.1:{plain},SASL://127.0.0.1:{sasl},\
RELAYED://127.0.0.1:{relay},ELSEWHERE://{away}:9092
listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,RELAYED:PLAINTEXT,\
ELSEWHERE:PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
required user_{user}="{password}";
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
log.dirs={folder}/data
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
log.cleaner.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
"""


class KafkaBroker:
    """A broker that may be killed and started again over the same data."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tallystick-kafka-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        names = ("plain", "sasl", "relayed", "elsewhere", "controller", "relay")
        self.ports: Mapping[str, int] = dict(zip(names, _free_ports(len(names)), strict=True))
        self.server = f"127.0.0.1:{self.ports['plain']}"
        """The address for clients without a password."""

    @contextmanager
    def running(self) -> Iterator[KafkaBroker]:
        """Run the broker during the block, and remove its folder afterwards."""
        try:
            self._format()
            self.start()
            yield self
        finally:
            self.kill()
            shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it answers; it ends with this process in every case."""
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", *self._command("kafka.Kafka"), self._settings],
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError((self._folder / "log.txt").read_text()[-4000:])
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as in a crash."""
        if self._process:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None

    async def create_topic(self, partitions: int = 1, **settings: str) -> str:
        """Make a topic, and return its name."""
        from aiokafka.admin import AIOKafkaAdminClient, NewTopic

        name = f"topic{next(self._numbers)}-{uuid.uuid4().hex[:8]}"
        topic = NewTopic(name, partitions, 1, topic_configs=_dotted(settings))
        async with _closed(AIOKafkaAdminClient(bootstrap_servers=self.server)) as admin:
            await asyncio.wait_for(admin.create_topics([topic]), READ_TIMEOUT_S)
        return name

    async def change_topic(self, topic: str, **settings: str) -> None:
        """Change a topic's settings, such as `max_message_bytes="100"`."""
        from aiokafka.admin import AIOKafkaAdminClient
        from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

        changed = ConfigResource(ConfigResourceType.TOPIC, topic, configs=_dotted(settings))
        async with _closed(AIOKafkaAdminClient(bootstrap_servers=self.server)) as admin:
            await asyncio.wait_for(admin.alter_configs([changed]), READ_TIMEOUT_S)

    async def delete_topic(self, topic: str) -> None:
        """Delete a topic with its messages."""
        from aiokafka.admin import AIOKafkaAdminClient

        async with _closed(AIOKafkaAdminClient(bootstrap_servers=self.server)) as admin:
            await asyncio.wait_for(admin.delete_topics([topic]), READ_TIMEOUT_S)

    @asynccontextmanager
    async def producer(self, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
        """Have a producer during the block."""
        from aiokafka import AIOKafkaProducer

        made = AIOKafkaProducer(bootstrap_servers=self.server, acks="all", **options)
        async with _closed(made):
            yield made

    async def read(self, topic: str) -> Sequence[ConsumerRecord]:
        """Return all messages of a topic, each partition's in its order."""
        from aiokafka import AIOKafkaConsumer

        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=self.server, auto_offset_reset="earliest"
        )
        async with asyncio.timeout(READ_TIMEOUT_S), _closed(consumer):
            ends = await consumer.end_offsets(consumer.assignment())
            found: list[ConsumerRecord] = []
            while any([await consumer.position(at) < end for at, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
            return found

    @property
    def _settings(self) -> str:
        return str(self._folder / "server.properties")

    def _format(self) -> None:
        values = {**self.ports, "folder": self._folder, "away": ELSEWHERE}
        text = _SETTINGS.format(**values, user=USER, password=PASSWORD)
        Path(self._settings).write_text(text)
        id_ = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = self._command("kafka.tools.StorageTool")
        subprocess.run(
            [*command, "format", f"--cluster-id={id_}", "-c", self._settings],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            timeout=START_TIMEOUT_S,
        )

    def _command(self, class_: str) -> Sequence[str]:
        if not JARS.is_dir():
            raise FileNotFoundError(f"{JARS} is missing: run `make kafka`")
        return [*_JAVA, "-cp", f"{JARS}/*", class_]

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.ports["plain"]), 1):
            return True
        return False


class Relay:
    """A way to the broker by its listener RELAYED, which a test may close."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._port, self._to = broker.ports["relay"], broker.ports["relayed"]
        self._tasks: set[asyncio.Task[None]] = set()
        self.server = f"127.0.0.1:{self._port}"

    async def open(self) -> Relay:
        """Begin to pass connections on."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        return self

    async def close(self) -> None:
        """End all connections, and take no further one."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the test has closed it
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
            back.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(1 << 16):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def _closed(client: Any) -> AsyncIterator[Any]:
    """Start a client of aiokafka for the block, and close it in every case."""
    stop = getattr(client, "stop", None) or client.close
    try:
        await asyncio.wait_for(client.start(), READ_TIMEOUT_S)
        yield client
    finally:
        await asyncio.wait_for(stop(), READ_TIMEOUT_S)


def _dotted(settings: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in settings.items()}


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
