"""Judge mock servers that serve our contracts, and our own: ``python -m benchmarks.scoreboard``."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks.kinds import kind
from benchmarks.peer_servers import (
    ENVIRONMENT,
    MOCKOON,
    PRISM,
    SPECMATIC,
    says_anything,
    start_command,
)
from benchmarks.process import free_port, serving
from benchmarks.results import machine
from benchmarks.scores import OURS, SUITES, Contestant, Score, Scoreboard, Tally
from tallystick import defaults
from tallystick.contract import document
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome, VerifyRun

APIS = ("event_store", "charon", "keyastrom", "eventgrid", "eventhos")
BUDGET = "quick"


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
    for peer in _PEERS:
        if peer.missing:
            board.left_out[peer.name] = peer.missing
        else:
            board.contestants[peer.name] = Contestant(peer.version, peer.mode, peer.command)
    return board


_PEERS = (PRISM, MOCKOON, SPECMATIC)


def _judged(contestant: Contestant, api: str) -> Score:
    port = free_port()
    command = start_command(contestant.command, _contract(api), port)
    with (
        tempfile.TemporaryDirectory(prefix="tallystick-scoreboard-") as folder,
        serving(command, ENVIRONMENT, Path(folder), port, says_anything) as server,
    ):
        found = score(runner.run_suites(Configuration(server.url, (api,), BUDGET)))
        # What came after its end is not counted against it.
        return found if server.running else Score.of_none(found, "its process ended in the run")


def _contract(api: str) -> Path:
    """The contract with all that it merges by `<<` written out, which none of the peers reads."""
    file = Path("build", f"scoreboard-{api}.yaml")
    source = Path("openapi", f"{api}.yaml").read_bytes()
    file.write_bytes(document.to_yaml(document.read_document(api, source).content))
    return file


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
