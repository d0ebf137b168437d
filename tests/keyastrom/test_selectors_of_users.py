"""What public programs and the vendor's pages select, in one topology."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from keyastrom_world import NOW, Kept, ids
from tallystick.apis.keyastrom import topology

WRITTEN: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("selectors_of_users.yaml").read_bytes()
)


@pytest.fixture(scope="module")
def topology_of_users() -> Iterator[Kept]:
    kept = Kept("sqlite://")
    kept.add(*topology.read_topology({"entities": WRITTEN["entities"]}, NOW))
    yield kept
    kept.close()


@pytest.mark.parametrize("case", WRITTEN["selectors"], ids=lambda case: case["selector"])
def test_a_selector_of_a_user_matches_what_they_mean(
    topology_of_users: Kept, case: dict[str, Any]
) -> None:
    assert ids(topology_of_users.entities(entity_selector=case["selector"])) == case["matches"]
