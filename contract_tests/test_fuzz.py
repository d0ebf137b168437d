from __future__ import annotations

import pytest

from . import contract
from .coverage import Coverage
from .fuzz import failures
from .servers import FUZZED, Servers

_EXAMPLES = 150


@pytest.mark.parametrize("api", contract.apis())
def test_schemathesis_finds_nothing_wrong(
    api: str, servers: Servers, coverage: Coverage, connexion: bool
) -> None:
    if connexion:
        pytest.skip("unmodified Connexion is less strict")
    server = servers.get(FUZZED)
    found = failures(api, server, coverage, _EXAMPLES)
    assert not found, "\n\n".join(found)
    assert server.alive
