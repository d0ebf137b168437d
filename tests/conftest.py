"""Fixtures of all tests: a real server, PostgreSQL, and a network limited to this machine."""

from __future__ import annotations

import ipaddress
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

import rabbitmq_broker
import reliability
import vendor_clients
from browser import CHROMIUM, running_browser
from kafka_broker import KafkaBroker
from postgres import Cluster
from rabbitmq_broker import RabbitmqBroker
from reliability import Figures
from server_process import ServerProcess, StartServer
from thread_tracing import trace_in_turn

# How long an example takes is the machine's matter.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


class ClientsOnOneWorker(LoadFileScheduling):
    """Give each file to one worker, and the tests of the clients to one, which builds them once."""

    def _split_scope(self, nodeid: str) -> str:
        folder = "tests/clients/"
        return folder if nodeid.startswith(folder) else str(super()._split_scope(nodeid))


class NetworkRefused(RuntimeError):
    """A test used the network beyond this machine."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make this machine's own time another one than UTC."""
    with monkeypatch.context() as context:
        context.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "reliability(case): of a row of docs/reliability.md")
    config.addinivalue_line("markers", "vendor_client(name): of a row of docs/keyastrom.md")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ClientsOnOneWorker:
    return ClientsOnOneWorker(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail for a mark without a row in its table."""
    for item in items:
        reliability.case_of(item)
        vendor_clients.client_of(item)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """Return the figures of a test; they are stored if it passes at its full length."""
    noted = Figures()
    failed = request.session.testsfailed
    yield noted
    if request.session.testsfailed == failed:
        reliability.keep(request.node, noted)


@pytest.fixture(autouse=True)
def _of_the_table(request: pytest.FixtureRequest) -> None:
    """Store the result of each test in the table, also without figures."""
    if reliability.case_of(request.node):
        request.getfixturevalue("figures")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Return a dev server shared by the whole run: leave it running, and expect others' events."""
    process = ServerProcess(folder=tmp_path_factory.mktemp("server")).start()
    yield process
    if process.running:
        process.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Return a starter of dev servers for a single test.

    Call it as `start_server("--connexion", TALLYSTICK_QUEUE="0")`.
    """
    started: list[ServerProcess] = []

    def start(*options: str, **env: str) -> ServerProcess:
        folder = tmp_path / f"server{len(started)}"
        folder.mkdir()
        started.append(ServerProcess(*options, folder=folder, env=env))
        return started[-1].start()

    yield start
    for process in started:
        if process.running:
            process.kill()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Return a PostgreSQL server shared by the whole run: leave it running."""
    with Cluster().running() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """Return the URL of a new PostgreSQL database that has the service's tables, without rows."""
    with postgres.database(postgres.prepared) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres: Cluster) -> Iterator[str]:
    """Return the URL of a new, empty PostgreSQL database."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitmqBroker]:
    """Return a RabbitMQ shared by the whole run: leave it running."""
    if not rabbitmq_broker.is_installed():
        pytest.skip("RabbitMQ is NOT tested: this needs `make build/rabbitmq`")
    with RabbitmqBroker().running() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaBroker]:
    """Return a Kafka broker shared by the whole run: leave it running."""
    with KafkaBroker().running() as broker:
        yield broker


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser that the module shares."""
    if CHROMIUM is None:
        pytest.skip("the pages are NOT tested in a browser: this needs `make browser`")
    with running_browser() as chromium:
        yield chromium


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and not _is_on_this_machine(arguments[1]):
        raise NetworkRefused(f"connect to {arguments[1]}")
    if event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        raise NetworkRefused(f"look up {arguments[0]}")


def _is_on_this_machine(address: object) -> bool:
    return not isinstance(address, tuple) or _is_loopback(address[0])


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


# An audit hook sees what a patched socket class would miss, such as asyncio's own look-ups.
sys.addaudithook(_refuse_the_network)
trace_in_turn()
