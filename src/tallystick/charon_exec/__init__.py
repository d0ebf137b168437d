"""`tallystick charon exec`: run a command as an execution of a cron, without any of the server."""
