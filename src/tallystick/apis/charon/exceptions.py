"""The errors of charon beyond those of its contract's schemas."""

from __future__ import annotations

from tallystick.contract.exceptions import Refused


class CronNotFound(Refused):
    """There is no such cron."""

    status = 404
    code = "404-cron"


class ExecutionNotFound(Refused):
    """There is no such execution."""

    status = 404
    code = "404-execution"


class CronNotActive(Refused):
    """The cron is not active."""

    status = 418


class AlreadyRunning(Refused):
    """An execution of the cron is running, and it must not overlap."""

    status = 409
    code = "409-running"


class AlreadyEnded(Refused):
    """The execution has ended already."""

    status = 409


class SlugTaken(Refused):
    """Another cron has this slug."""

    status = 409
