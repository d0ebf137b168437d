"""A connection to a broker goes to permitted addresses alone, and tells in words what failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from forwarder import forwarding
from rabbitmq_broker import RabbitmqBroker
from tallystick.delivery import AttemptOutcome, DeliveryFailure
from tallystick.delivery.addresses import LOOPBACK, Addresses, AddressRefused
from tallystick.delivery.destinations.rabbitmq.connection import (
    BrokerLogin,
    check_broker_address,
    open_broker_connection,
)
from tallystick.mock.certificates import make_tls
from tallystick.mock.settings import ALWAYS, MockSettings

pytestmark = pytest.mark.anyio

OPEN = Addresses(LOOPBACK)
GUEST = BrokerLogin("guest", "guest", "/")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def connect(url: str, login: BrokerLogin = GUEST, addresses: Addresses = OPEN) -> None:
    async with open_broker_connection(addresses, url, login) as connection:
        await connection.channel().initialize()


async def failure(
    url: str, login: BrokerLogin = GUEST, addresses: Addresses = OPEN
) -> tuple[AttemptOutcome, str]:
    with pytest.raises(DeliveryFailure) as failed:
        await connect(url, login, addresses)
    return failed.value.outcome, str(failed.value)


async def test_a_virtual_host_is_chosen_and_what_is_refused_is_told(
    rabbitmq: RabbitmqBroker,
) -> None:
    url = f"amqp://127.0.0.1:{rabbitmq.port}"
    rabbitmq.add_virtual_host("a b/c")
    own = BrokerLogin("guest", rabbitmq.password, "/")
    await connect(url, own)
    await connect(url, own._replace(virtual_host="a b/c"))
    wrong = await failure(url, own._replace(password="n0t-the-one"))
    assert wrong[0] is AttemptOutcome.REJECTED
    assert "ACCESS_REFUSED" in wrong[1]
    assert "n0t-the-one" not in wrong[1]
    nowhere = await failure(url, own._replace(virtual_host="nowhere"))
    assert nowhere == (
        AttemptOutcome.REJECTED,
        "the broker does not open the virtual host nowhere",
    )


async def test_tls_is_verified(
    rabbitmq: RabbitmqBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = tmp_path / "ca.pem"
    terms: dict[str, Any] = {**ALWAYS, "tls": True, "tls_ca": authority}
    settings = MockSettings(**terms)
    async with forwarding(rabbitmq.port, make_tls(settings).context) as (port, _):
        url, own = f"amqps://localhost:{port}", BrokerLogin("guest", rabbitmq.password, "/")
        assert (await failure(url, own))[0] is AttemptOutcome.TLS_ERROR
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        await connect(url, own)


async def test_what_can_t_be_reached_is_told() -> None:
    refused = "can't connect to the broker: Connection refused"
    assert await failure("amqp://127.0.0.1:1") == (AttemptOutcome.UNREACHABLE, refused)
    outcome, words = await failure("amqp://127.0.0.1:1", addresses=Addresses())
    assert outcome is AttemptOutcome.FORBIDDEN
    assert "TALLYSTICK_DELIVERY_NETWORKS" in words
    # A name is refused by the address that it leads to.
    assert (await failure("amqp://localhost:1", addresses=Addresses()))[0] is outcome


async def test_without_the_library_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aio_pika", None)
    assert await failure("amqp://127.0.0.1:1") == (
        AttemptOutcome.LOCAL,
        "aio-pika is missing: install `tallystick[brokers]`",
    )


@pytest.mark.parametrize(
    "url",
    [
        *("amqp://", "http://a", "amqp://u:p@a", "amqp://a/vhost", "amqp://a?x=1", "amqp://a:0"),
        *("amqp://10.0.0.1", "amqp://[::1]", "amqps://a b", "amqp://a\n"),
    ],
)
def test_addresses_that_can_t_work_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_broker_address(Addresses(), url)


def test_a_server_without_a_broker_loads_nothing_of_it() -> None:
    code = (
        "import sys, tallystick.server, tallystick.apis.eventgrid.service\n"
        "import tallystick.apis.gateway.service\n"
        "import tallystick.delivery.destinations.rabbitmq.destination\n"
        "print({'aio_pika', 'aiormq', 'aiohttp'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.check_output(command, text=True, timeout=60)
    assert loaded.strip() == "set()"


async def test_a_connection_that_failed_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[aio_pika.Connection] = []
    connect_once = aio_pika.Connection.connect

    async def note(connection: aio_pika.Connection, *arguments: Any) -> None:
        made.append(connection)
        await connect_once(connection, *arguments)

    monkeypatch.setattr(aio_pika.Connection, "connect", note)
    await failure("amqp://127.0.0.1:9")
    assert [connection.is_closed for connection in made] == [True]
