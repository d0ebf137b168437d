"""What Connexion does for the service, in either mode."""

from __future__ import annotations

import subprocess
import sys

import pytest
from connexion.resolver import Resolution, Resolver

from tallystick.contract.document import read_documents
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

TEST_CLIENT = """
import tallystick.server
import connexion

with connexion.AsyncApp("x").test_client() as client:
    print(client.get("/").status_code)
"""


@pytest.mark.parametrize("connexion", [False, True], ids=["compiled", "connexion"])
def test_connexions_resolver_binds_every_operation(
    connexion: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    resolve = Resolver.resolve

    def watch(self: Resolver, operation: object) -> Resolution:
        resolution = resolve(self, operation)
        asked.add(resolution.operation_id)
        return resolution

    monkeypatch.setattr(Resolver, "resolve", watch)
    ServerRuntime(Settings(dev=True, database="sqlite://", connexion=connexion))

    assert asked == {o["operationId"] for d in read_documents() for _, _, o in d.operations()}


def test_connexions_own_test_client_works_beside_the_service() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", TEST_CLIENT], capture_output=True, text=True, check=False
    )
    assert ran.stdout == "404\n", ran.stderr
