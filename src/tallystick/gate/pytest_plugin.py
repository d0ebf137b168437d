"""Checks a server from pytest: ``pytest --tallystick-url http://127.0.0.1:9000``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


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
    contracts = session.config.getoption("--tallystick-contract")
    for file in contracts if url else ():
        name = f"tallystick[{Path(file).stem}]"
        items.append(JudgementItem.from_parent(session, name=name, url=url, api="", contract=file))
    if url and not contracts:
        for api in session.config.getoption("--tallystick-api") or _apis():
            items.append(
                JudgementItem.from_parent(session, name=f"tallystick[{api}]", url=url, api=api)
            )


class JudgementItem(pytest.Item):
    """A test of a server's conformance to one contract, one of an API's or your own."""

    def __init__(self, *, url: str, api: str, contract: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self._told = {"contracts": (contract,)} if contract else {"apis": (api,)}

    def runtest(self) -> None:
        """Check the server; raise `NotConforming` or `CouldNotJudge`."""
        # Every run of pytest imports this module: what it needs is imported where it is needed.
        from tallystick.gate import runner
        from tallystick.gate.configuration import configuration
        from tallystick.gate.outcome import COULD_NOT_RUN, DOES_NOT_CONFORM, Outcome, details

        budget = self.config.getoption("--tallystick-budget")
        run = runner.run_suites(configuration(self._url, budget=budget, **self._told))
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


def _apis() -> list[str]:
    from tallystick.contract_tests.api_facts import judged_apis

    return judged_apis()
