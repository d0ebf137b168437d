"""Fixtures for pytest: `tallystick`, a mock in its initial state for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

# Every run of pytest imports this: only the standard library comes with it.
from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the setting with the options of the mocks."""
    parser.addini("tallystick_options", "Options of `tallystick mock`.", type="args", default=[])


@pytest.fixture
def tallystick(tallystick_session: Tallystick) -> Tallystick:
    """Return the session's mock, reset before the test."""
    tallystick_session.reset()
    return tallystick_session


@pytest.fixture(scope="session")
def tallystick_session(pytestconfig: pytest.Config) -> Iterator[Tallystick]:
    """Start a mock for the whole session; with pytest-xdist, each worker has its own."""
    process = MockProcess(*pytestconfig.getini("tallystick_options"))
    yield Tallystick(process.url)
    process.stop()


@pytest.fixture
def start_tallystick() -> Iterator[Callable[..., Tallystick]]:
    """Start mocks of the test's own: ``start_tallystick("--seed", "1")``."""
    started: list[MockProcess] = []

    def start(*options: str) -> Tallystick:
        started.append(MockProcess(*options))
        return Tallystick(started[-1].url)

    yield start
    for process in started:
        process.stop()
