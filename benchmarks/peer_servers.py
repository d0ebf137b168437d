"""The mock servers of others: how each is started with a document, and whether it can be here."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.programs import NODE_TOOLS, NOT_INSTALLED, has_node_tool

_PACKAGES = NODE_TOOLS.parent
_JAR = _PACKAGES / "specmatic" / "specmatic.jar"

ENVIRONMENT = {"SPECMATIC_DISABLE_TELEMETRY": "true"}


class PeerServer(NamedTuple):
    """One mock server, in the mode that suits it best."""

    name: str
    package: str
    """Of npm."""
    command: str
    """``FILE`` stands for the document, ``PORT`` for the port."""
    mode: str

    @property
    def missing(self) -> str:
        """Why it can't be run; empty where it can."""
        if self.command.startswith("java "):
            present = _JAR.exists() and shutil.which("java") is not None
            return "" if present else "its jar, or Java, is not installed"
        return "" if has_node_tool(self.command.partition(" ")[0]) else NOT_INSTALLED

    @property
    def version(self) -> str:
        """Return the version that is installed."""
        file = _PACKAGES / self.package / "package.json"
        found: str = json.loads(file.read_text(encoding="utf-8"))["version"]
        return found


PRISM = PeerServer(
    "Prism",
    "@stoplight/prism-cli",
    "prism mock FILE --port PORT --verboseLevel silent",
    "static: answers with the contract's examples (so it passed more than by `--dynamic`), "
    "and refuses requests against it",
)

MOCKOON = PeerServer(
    "Mockoon",
    "@mockoon/cli",
    "mockoon-cli start --data FILE --port PORT --disable-log-to-file",
    "the contract imported as it is: answers with its examples. You would write rules for "
    "refusals by hand in its editor; here it runs without",
)

SPECMATIC = PeerServer(
    "Specmatic",
    "specmatic",
    "java -jar specmatic.jar stub FILE --port=PORT --host=127.0.0.1 --noConsoleLog",
    "stub: answers with examples or generated values, and refuses requests against the "
    "contract. With `--strict` it would need an example file for each answer",
)


def start_command(template: str, file: Path, port: int) -> list[str]:
    """Return what starts a server with a document."""
    text = template.replace("FILE", shlex.quote(str(file))).replace("PORT", str(port))
    text = text.replace("specmatic.jar", str(_JAR))
    program, *options = shlex.split(text)
    if program == "tallystick":
        return [sys.executable, "-m", program, *options]
    return [program if program == "java" else str(NODE_TOOLS / program), *options]


def says_anything(url: str) -> bool:
    """Return whether a server answers at all."""
    try:
        urlopen(url, timeout=5).close()
    except HTTPError:
        return True
    return True
