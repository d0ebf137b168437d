"""The contracts as a gate: judges servers, and compares documents."""

from tallystick.gate.command import CannotRun, diff, verify

__all__ = ["CannotRun", "diff", "verify"]
