"""A pre-commit hook: compares each changed contract with the last commit's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tallystick.gate.command import CannotRun, diff
from tallystick.gate.outcome import COULD_NOT_RUN


def main() -> int:
    """Return the worst exit code of `tallystick diff` over all named files."""
    return max((_compared(Path(name)) for name in sys.argv[1:]), default=0)


def _compared(file: Path) -> int:
    before = subprocess.run(
        ["git", "show", f"HEAD:./{file.as_posix()}"], capture_output=True, check=False
    )
    if before.returncode:
        return 0  # it is new, and nobody relies on it
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder, file.name)
        old.write_bytes(before.stdout)
        try:
            return diff(old, file, (), None)
        except CannotRun as error:
            print(f"tallystick: {error}", file=sys.stderr)
            return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
