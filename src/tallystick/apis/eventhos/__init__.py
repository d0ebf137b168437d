"""eventhos: clients of a system send its events, which other systems wait for."""

from __future__ import annotations

from tallystick.apis.eventhos.new_key import make_key
from tallystick.apis.eventhos.room import Room

__all__ = ["Room", "make_key"]
