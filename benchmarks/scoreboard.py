"""Judge mock servers that serve our contracts, and our own: ``python -m benchmarks.scoreboard``."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from rich.console import Console

from benchmarks.kinds import kind
from benchmarks.process import free_port, serving
from benchmarks.programs import NODE_TOOLS, NOT_INSTALLED, has_node_tool
from benchmarks.results import machine
from benchmarks.scores import OURS, SUITES, Contestant, Score, Scoreboard, Tally
from tallystick import defaults
from tallystick.contract import document
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome, VerifyRun

APIS = ("event_store", "charon", "keyastrom", "eventgrid", "eventhos")
BUDGET = "quick"
_PACKAGES = NODE_TOOLS.parent
_JAR = _PACKAGES / "specmatic" / "specmatic.jar"


def main() -> None:
    """Judge each at each API, and write the JSON after each."""
    options = _options()
    console = Console(stderr=True)
    board = _board()
    for api in options.api or APIS:
        board.scores[api] = {}
        for name, contestant in board.contestants.items():
            console.print(f"{api}: {name}", style="dim")
            board.scores[api][name] = _judged(contestant, api)
            board.write(options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoreboard", description=__doc__)
    parser.add_argument("--api", action="append", choices=APIS, help="repeatable; else all")
    parser.add_argument("--out", type=Path, required=True, help="the JSON")
    return parser.parse_args()


def _board() -> Scoreboard:
    """Nothing judged yet, by all servers that can be run here."""
    date = datetime.now(UTC).date().isoformat()
    own = Contestant(version("tallystick"), "keeps your events", "tallystick mock --port PORT")
    board = Scoreboard(date, machine(), BUDGET, defaults.SEED, {}, {OURS: own})
    for name, package, command, mode in _PEERS:
        if why := _missing(command):
            board.left_out[name] = why
        else:
            board.contestants[name] = Contestant(_version(package), mode, command)
    return board


_PEERS = (
    (
        "Prism",
        "@stoplight/prism-cli",
        "prism mock FILE --port PORT --verboseLevel silent",
        "static: answers with the contract's examples (so it passed more than by `--dynamic`), "
        "and refuses requests against it",
    ),
    (
        "Mockoon",
        "@mockoon/cli",
        "mockoon-cli start --data FILE --port PORT --disable-log-to-file",
        "the contract imported as it is: answers with its examples. You would write rules for "
        "refusals by hand in its editor; here it runs without",
    ),
    (
        "Specmatic",
        "specmatic",
        "java -jar specmatic.jar stub FILE --port=PORT --host=127.0.0.1 --noConsoleLog",
        "stub: answers with examples or generated values, and refuses requests against the "
        "contract. With `--strict` it would need an example file for each answer",
    ),
)
"""Name, npm package, command and mode: of each server the one that suits it best."""


def _missing(command: str) -> str:
    """Why a server can't be run; empty where it can."""
    if command.startswith("java "):
        present = _JAR.exists() and shutil.which("java") is not None
        return "" if present else "its jar, or Java, is not installed"
    return "" if has_node_tool(command.partition(" ")[0]) else NOT_INSTALLED


def _version(package: str) -> str:
    file = _PACKAGES / package / "package.json"
    found: str = json.loads(file.read_text(encoding="utf-8"))["version"]
    return found


def _judged(contestant: Contestant, api: str) -> Score:
    port = free_port()
    command = _command(contestant.command, api, port)
    with (
        tempfile.TemporaryDirectory(prefix="tallystick-scoreboard-") as folder,
        serving(command, {}, Path(folder), port, _answers) as server,
    ):
        found = score(runner.run_suites(Configuration(server.url, (api,), BUDGET)))
        # What came after its end is not counted against it.
        return found if server.running else Score.of_none(found, "its process ended in the run")


def _command(template: str, api: str, port: int) -> list[str]:
    text = template.replace("FILE", str(_contract(api))).replace("PORT", str(port))
    text = text.replace("specmatic.jar", str(_JAR))
    program, *options = shlex.split(text)
    if program == "tallystick":
        return [sys.executable, "-m", program, *options]
    return [program if program == "java" else str(NODE_TOOLS / program), *options]


def _contract(api: str) -> Path:
    """The contract with all that it merges by `<<` written out, which none of the peers reads."""
    file = Path("build", f"scoreboard-{api}.yaml")
    source = Path("openapi", f"{api}.yaml").read_bytes()
    file.write_bytes(document.to_yaml(document.read_document(api, source).content))
    return file


def _answers(url: str) -> bool:
    """Whether a server says anything at all."""
    try:
        urlopen(url, timeout=5).close()
    except HTTPError:
        return True
    return True


def score(run: VerifyRun) -> Score:
    """What a run found, in numbers."""
    suites = {suite: _tally(run, suite) for suite in SUITES}
    failed = Counter(
        f"{SUITES[each.suite]}: {kind(each)}" for each in run.list_results(Outcome.FAILED)
    )
    errors = [f"{each.name}: {each.reason}" for each in run.list_results(Outcome.ERROR)]
    return Score(round(run.seconds), run.answers, suites, dict(failed.most_common()), errors)


def _tally(run: VerifyRun, suite: str) -> Tally:
    if suite == "coverage":
        # What nobody can provoke from outside is no server's fault.
        cells = [cell for cell in run.coverage if cell.declared and _is_provoked(cell.status)]
        return Tally(sum(bool(cell.count) for cell in cells), len(cells))
    passed = sum(each.suite == suite for each in run.list_results(Outcome.PASSED))
    return Tally(
        passed, passed + sum(each.suite == suite for each in run.list_results(Outcome.FAILED))
    )


def _is_provoked(status: int) -> bool:
    """Whether a status can be had from outside, of a server that conforms."""
    return status < 500 and status != 429


if __name__ == "__main__":
    main()
