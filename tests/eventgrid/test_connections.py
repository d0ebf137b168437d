"""There is one connection, and every project has it."""

from __future__ import annotations

import pytest

from tallystick.apis.eventgrid import connections
from tallystick.contract.exceptions import NotFound


def test_the_one_connection_is_found_by_its_id() -> None:
    [known] = connections.list_connections()
    assert connections.get_connection(connections.DEFAULT) == known
    with pytest.raises(NotFound):
        connections.get_connection("another")
