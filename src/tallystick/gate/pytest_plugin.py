"""Checks a server from pytest: ``pytest --tallystick-url http://127.0.0.1:9000``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tallystick.gate.configuration import Configuration


class NotConforming(Exception):
    """The server does not conform to the contract; the message has every failure."""


class CouldNotJudge(Exception):
    """The server could not be checked; the message says why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options for the server, the APIs and the budget."""
    group = parser.getgroup("tallystick")
    group.addoption("--tallystick-url", metavar="URL", help="Judge this server by the contracts.")
    group.addoption(
        "--tallystick-api",
        action="append",
        default=[],
        metavar="NAME",
        help="API to judge; repeatable. All but the gateway.",
    )
    group.addoption(
        "--tallystick-contract",
        action="append",
        default=[],
        metavar="FILE|URL",
        help="OpenAPI document to judge by instead; repeatable.",
    )
    group.addoption(
        "--tallystick-budget", default=None, metavar="BUDGET", help="quick, normal or thorough."
    )


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add a test for each API, if a server is given."""
    url = session.config.getoption("--tallystick-url")
    for name, told in _list_judgements(session.config, url) if url else ():
        items.append(JudgementItem.from_parent(session, name=f"tallystick[{name}]", told=told))


def _list_judgements(config: pytest.Config, url: str) -> Iterator[tuple[str, Configuration]]:
    """Yield the name of each test with its run's configuration."""
    # Every run of pytest imports this module: what it needs is imported where it is needed.
    from tallystick.contract_tests.api_facts import judged_apis
    from tallystick.gate.configuration import BadConfiguration, configuration

    try:
        told = configuration(
            url,
            apis=tuple(config.getoption("--tallystick-api")),
            contracts=tuple(config.getoption("--tallystick-contract")),
            budget=config.getoption("--tallystick-budget"),
        )
    except BadConfiguration as error:
        raise pytest.UsageError(str(error)) from error
    if told.contracts and not told.apis:
        for place in told.contracts:
            yield Path(place).stem, replace(told, contracts=(place,))
    else:
        for api in told.apis or judged_apis():
            yield api, replace(told, apis=(api,))


class JudgementItem(pytest.Item):
    """A test of a server's conformance to one contract, one of an API's or your own."""

    def __init__(self, *, told: Configuration, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._told = told

    def runtest(self) -> None:
        """Check the server; raise `NotConforming` or `CouldNotJudge`."""
        from tallystick.file_errors import explain_os_error
        from tallystick.gate import runner
        from tallystick.gate.configuration import BadConfiguration
        from tallystick.gate.outcome import COULD_NOT_RUN, DOES_NOT_CONFORM, Outcome, details

        try:
            run = runner.run_suites(self._told)
        except (BadConfiguration, runner.NotInstalled) as error:
            raise CouldNotJudge(str(error)) from error
        except OSError as error:
            raise CouldNotJudge(explain_os_error(error)) from error
        found = run.list_results(Outcome.FAILED, Outcome.ERROR)
        text = "\n\n".join(f"{result.outcome}  {result.id}\n{details(result)}" for result in found)
        if run.exit_code == DOES_NOT_CONFORM:
            raise NotConforming(text)
        if run.exit_code == COULD_NOT_RUN:
            raise CouldNotJudge(text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return all failures, without a traceback."""
        if isinstance(excinfo.value, NotConforming | CouldNotJudge):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the test's place for pytest's report."""
        return self.path, None, self.name
