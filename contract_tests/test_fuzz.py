from __future__ import annotations

import pytest

from . import contract
from .coverage import Coverage
from .fuzz import failures
from .servers import FUZZED, Servers


@pytest.mark.parametrize("api", contract.apis())
def test_schemathesis_finds_nothing_wrong(
    api: str,
    servers: Servers,
    coverage: Coverage,
    connexion: bool,
    pytestconfig: pytest.Config,
) -> None:
    if connexion:
        pytest.skip("unmodified Connexion is less strict")
    server = servers.get(FUZZED)
    found = failures(api, server, coverage, pytestconfig.getoption("--examples"))
    assert not found, "\n\n".join(found)
    assert server.alive
