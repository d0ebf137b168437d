"""charon: executions of crons, and a monitor that notices what did not run."""

from tallystick.apis.charon.room import Room

__all__ = ["Room"]
