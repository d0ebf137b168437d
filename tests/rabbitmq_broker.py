"""A real RabbitMQ for the tests: it needs no installation and leaves nothing behind."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0
USER = "guest"

_LOOPBACK = "inet_dist_use_interface {127,0,0,1}"
_UNPACKED = Path(__file__).parents[1] / "build/rabbitmq"


class RabbitmqBroker:
    """A RabbitMQ on 127.0.0.1, with a folder of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tallystick-rabbitmq-"))
        self.port, self._names_port, self._own_port = _free_ports(3)
        self.password = "guest"
        self._processes: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def running(self) -> Iterator[RabbitmqBroker]:
        """Start the broker for the block, and remove it afterwards."""
        try:
            self._write_settings()
            self.start()
            yield self
        finally:
            self.kill()
            shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it takes connections; its processes end with this one."""
        # Its table of names is started here, as one that Erlang starts would stay behind.
        self._run(_program("erlang/bin/epmd"), "-address", "127.0.0.1")
        self._run(str(_home() / "sbin/rabbitmq-server"))
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > deadline or self._processes[-1].poll() is not None:
                raise RuntimeError(f"RabbitMQ did not start:\n{self._log()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as in a power cut; what was confirmed as durable stays."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGKILL)
            process.wait(STOP_TIMEOUT_S)
        self._processes.clear()

    def evaluate(self, code: str) -> str:
        """Return the result of Erlang code within the broker."""
        done = subprocess.run(
            [_program("erlang/bin/erl_call"), "-sname", "t@localhost", "-e"],
            input=f"{code}.\n",
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    def change_password(self, password: str) -> None:
        """Change the password of the user `guest`."""
        self.evaluate(
            "rabbit_auth_backend_internal:change_password("
            f'<<"{USER}">>, <<"{password}">>, <<"the tests">>)'
        )
        self.password = password

    def add_virtual_host(self, name: str) -> None:
        """Add a virtual host in which the user `guest` may do everything."""
        everything = ", ".join(['<<".*">>'] * 3)
        self.evaluate(
            f'rabbit_vhost:add(<<"{name}">>, <<"the tests">>), '
            "rabbit_auth_backend_internal:set_permissions("
            f'<<"{USER}">>, <<"{name}">>, {everything}, <<"the tests">>)'
        )

    def fill_queues(self, pattern: str) -> None:
        """Have queues with such a name refuse every further message."""
        rule = '{\\"max-length\\":0,\\"overflow\\":\\"reject-publish\\"}'
        self.evaluate(
            f'rabbit_policy:parse_set(<<"/">>, <<"{pattern}">>, <<"^{pattern}$">>, <<"{rule}">>, '
            '<<"0">>, <<"queues">>, <<"the tests">>)'
        )

    def _run(self, *command: str) -> None:
        with (self._folder / "output.txt").open("ab") as output:
            self._processes.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig=KILL", *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self._folder,
                    env=self._environment(),
                )
            )

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(5)
            try:
                probe.connect(("127.0.0.1", self.port))
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return probe.recv(1) == b"\x01"
            except OSError:
                return False

    def _log(self) -> str:
        return (self._folder / "output.txt").read_text(errors="replace")

    def _write_settings(self) -> None:
        (self._folder / "plugins").write_text("[].")
        lines = f"listeners.tcp.default = 127.0.0.1:{self.port}\nlog.console.level = error\n"
        (self._folder / "rabbitmq.conf").write_text(lines)

    def _environment(self) -> Mapping[str, str]:
        folder = str(self._folder)
        return {
            "HOME": folder,
            "PATH": f"{_program('erlang/bin')}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "ERL_ROOTDIR": _program("erlang"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_HOME": str(_home()),
            "RABBITMQ_NODENAME": "t@localhost",
            "RABBITMQ_DIST_PORT": str(self._own_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel {_LOOPBACK} +S 1:1",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            # It then stays this one process, without a shell that waits for it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def is_installed() -> bool:
    """Return whether there is a RabbitMQ to start."""
    return bool(_homes())


def _root() -> Path:
    return _UNPACKED if _UNPACKED.exists() else Path("/")


def _program(name: str) -> str:
    return str(_root() / "usr/lib" / name)


def _homes() -> Sequence[Path]:
    return sorted(_root().glob("usr/lib/rabbitmq/lib/rabbitmq_server-*"))


def _home() -> Path:
    return _homes()[-1]


def _free_ports(count: int) -> list[int]:
    """Return ports below those that the system gives to connections, as they are taken late."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found
