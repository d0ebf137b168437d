"""Runs the command line, for the script ``tallystick`` and for ``python -m tallystick``."""

from __future__ import annotations

import signal
import sys

from tallystick.shortage import TRY_LATER, find_shortage


def main() -> None:
    """Run the command line."""
    try:
        _run()
    except KeyboardInterrupt:  # during an import: later each command ends in its own way
        sys.exit(128 + signal.SIGINT)  # as shells have it


def _run() -> None:
    if sys.argv[1:3] == ["charon", "exec"]:
        # It starts with each run of a cron, and the other commands cost ten times its start.
        from tallystick.charon_exec.command import execute
        from tallystick.standard_streams import open_closed_streams

        open_closed_streams()
        sys.exit(execute(sys.argv[3:]))
    try:
        from tallystick import cli

        cli.main()
    except Exception as error:
        if not (words := find_shortage(error)):
            raise
        print(f"tallystick: {words}", file=sys.stderr)
        sys.exit(TRY_LATER)


if __name__ == "__main__":
    main()
