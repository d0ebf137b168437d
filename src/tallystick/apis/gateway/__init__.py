"""The service's own API: stored events, health, contracts and pages."""

from tallystick.apis.gateway.room import Room
from tallystick.apis.gateway.surroundings import Surroundings

__all__ = ["Room", "Surroundings"]
