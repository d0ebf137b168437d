"""Events on monitored entities: selectors, problems that open and close, tokens with scopes."""

from __future__ import annotations

from tallystick.apis.keyastrom.room import Room

__all__ = ["Room"]
