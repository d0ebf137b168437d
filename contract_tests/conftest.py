"""The servers under test, the coverage of the run and the order of the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .coverage import Coverage
from .servers import Server, Servers

_LAST = Path(__file__).with_name("test_coverage.py")
_COVERAGE = pytest.StashKey[Coverage]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    group = parser.getgroup("contract")
    group.addoption(
        "--connexion", action="store_true", help="Test the server on unmodified Connexion."
    )
    group.addoption("--mock", action="store_true", help="Test mocks instead of servers.")
    group.addoption(
        "--examples", type=int, default=50, help="Fuzz with N examples of each kind.", metavar="N"
    )
    group.addoption("--database", help="Keep the events there instead of in files.", metavar="URL")
    # pytest-playwright brings an option of the same name and meaning, and insists on it.
    if not pluginmanager.hasplugin("playwright"):
        group.addoption("--base-url", help="Test the server at this URL instead of one's own.")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_COVERAGE] = Coverage()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the coverage after all others."""
    items.sort(key=lambda item: item.path == _LAST)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    coverage = config.stash[_COVERAGE]
    if not coverage.seen:
        return
    if not config.getoption("--connexion") and not config.getoption("--mock"):
        file = config.rootpath / "var" / "contract-coverage.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(coverage.as_json(), indent=1) + "\n", encoding="utf-8")
    terminalreporter.section("answers that the contract declares: seen / all")
    for line in coverage.table():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def coverage(pytestconfig: pytest.Config) -> Coverage:
    """Return the coverage of the whole run."""
    return pytestconfig.stash[_COVERAGE]


@pytest.fixture(scope="session")
def connexion(pytestconfig: pytest.Config) -> bool:
    """Return whether the server runs on unmodified Connexion."""
    return bool(pytestconfig.getoption("--connexion"))


@pytest.fixture(scope="session")
def servers(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    coverage: Coverage,
    connexion: bool,
) -> Iterator[Servers]:
    """Return every variant of the server, each started at its first use."""
    database = pytestconfig.getoption("--database")
    servers = Servers(
        tmp_path_factory.mktemp("servers"),
        coverage,
        pytestconfig.getoption("--base-url"),
        (*(["--connexion"] if connexion else []), *(["--database", database] if database else [])),
        are_mocks=bool(pytestconfig.getoption("--mock")),
    )
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def server(servers: Servers) -> Server:
    """Return the server with its defaults."""
    return servers.get("default")
