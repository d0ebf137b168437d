"""Fixtures for pytest: `tallystick`, a mock in its initial state for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

# Every run of pytest imports this: only the standard library comes with it.
from .async_client import AsyncTallystick
from .client import Tallystick
from .journal_report import describe_journal
from .process import MockProcess

__all__ = [
    "async_tallystick",
    "pytest_addoption",
    "pytest_runtest_makereport",
    "start_tallystick",
    "tallystick",
    "tallystick_session",
]

_STARTED = pytest.StashKey[list[Tallystick]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the settings of the session's mock."""
    parser.addini("tallystick_options", "Options of `tallystick mock`.", type="args", default=[])
    parser.addini("tallystick_image", "Image of a container to start the mock in.", default="")
    parser.addini("tallystick_mock_url", "URL of a mock that runs already.", default="")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the journal of each mock of a failed test to its report."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for mock in _mocks_of(item):
            report.sections.append((f"Tallystick at {mock.url}", describe_journal(mock)))


def _mocks_of(item: pytest.Item) -> list[Tallystick]:
    given = getattr(item, "funcargs", {}).values()
    mocks = [g.mock if isinstance(g, AsyncTallystick) else g for g in given]
    found = [mock for mock in mocks if isinstance(mock, Tallystick)]
    return [*dict.fromkeys([*found, *item.stash.get(_STARTED, [])])]


@pytest.fixture
def tallystick(tallystick_session: Tallystick) -> Tallystick:
    """Return the session's mock, reset before the test."""
    tallystick_session.reset()
    return tallystick_session


@pytest.fixture
def async_tallystick(tallystick: Tallystick) -> AsyncTallystick:
    """Return the same mock for a test that is a coroutine of asyncio."""
    return AsyncTallystick(tallystick)


@pytest.fixture(scope="session")
def tallystick_session(pytestconfig: pytest.Config) -> Iterator[Tallystick]:
    """Start a mock for the whole session; with pytest-xdist, each worker has its own."""
    if url := pytestconfig.getini("tallystick_mock_url"):
        yield Tallystick(url)
        return
    options = pytestconfig.getini("tallystick_options")
    process = MockProcess(*options, image=pytestconfig.getini("tallystick_image"))
    yield Tallystick(process.url, process.ca)
    process.stop()


@pytest.fixture
def start_tallystick(request: pytest.FixtureRequest) -> Iterator[Callable[..., Tallystick]]:
    """Start mocks of the test's own: ``start_tallystick("--seed", "1")``."""
    started: list[MockProcess] = []
    mocks: list[Tallystick] = request.node.stash.setdefault(_STARTED, [])
    image = request.config.getini("tallystick_image")

    def start(*options: str) -> Tallystick:
        started.append(MockProcess(*options, image=image))
        mocks.append(Tallystick(started[-1].url, started[-1].ca))
        return mocks[-1]

    yield start
    for process in started:
        process.stop()
