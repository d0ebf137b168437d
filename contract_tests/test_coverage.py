from __future__ import annotations

from pathlib import Path

import pytest

from .coverage import Coverage

_HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _whole_run(request: pytest.FixtureRequest) -> None:
    """A part of the suite can't see everything."""
    config = request.config
    ran = {item.path for item in request.session.items if item.path.parent == _HERE}
    if ran != set(_HERE.glob("test_*.py")) or config.getoption("-k") or config.getoption("-m"):
        pytest.skip("only a part of the suite runs")
    if config.getoption("--base-url"):
        pytest.skip("a foreign server can't be made to give every answer")
    if config.getoption("--connexion"):
        pytest.skip("the bytes and the fuzzing are not sent to unmodified Connexion")


def test_every_answer_that_the_contract_declares_was_seen(coverage: Coverage) -> None:
    assert not coverage.missing()


def test_no_answer_was_seen_that_the_contract_does_not_declare(coverage: Coverage) -> None:
    assert not coverage.undeclared()
