"""Queries that cannot be read are refused."""

from __future__ import annotations

from typing import Any

import pytest

from keyastrom_world import Kept
from tallystick.contract.exceptions import Invalid


@pytest.mark.parametrize(
    "parameters",
    [
        {"event_selector": "status(OTHER)"},
        {"event_selector": ""},
        {"event_selector": "title(x)"},
        {"event_selector": "status(OPEN"},
        {"entity_selector": "entityName(x)"},
        {"event_selector": "property.a(\0)"},
    ],
)
def test_a_selector_that_can_t_be_read_is_refused(world: Kept, parameters: Any) -> None:
    with pytest.raises(Invalid, match=r"Found near 1-based column range \[\d+,\d+\)"):
        world.events(**parameters)
