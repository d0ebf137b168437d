"""eventgrid: sources publish CloudEvents to channels, subscriptions take them from there."""

from __future__ import annotations

from tallystick.apis.eventgrid.new_key import make_key
from tallystick.apis.eventgrid.room import Room

__all__ = ["Room", "make_key"]
