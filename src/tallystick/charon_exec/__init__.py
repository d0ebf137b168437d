"""`tallystick charon exec`: run a command as an execution of a cron."""

from tallystick.charon_exec.run import Options, run_execution

__all__ = ["Options", "run_execution"]
