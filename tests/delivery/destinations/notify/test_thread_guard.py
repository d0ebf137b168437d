"""Apprise reaches permitted addresses alone, and neither files nor programs of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread

import pytest

from tallystick.delivery import Addresses
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.destinations.notify.thread_guard import guarded_thread


def test_a_permitted_address_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, guarded_thread(Addresses(LOOPBACK)):
        socket.create_connection(server.getsockname()).close()


def _connect() -> None:
    socket.create_connection(("localhost", 9))


def _send_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"x", ("127.0.0.1", 9))


def _connect_by_path() -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect("/run/dbus/system_bus_socket")


def _connect_by_name() -> None:
    with socket.socket() as made:
        made.connect(("localhost", 9))


@pytest.mark.parametrize(
    "act",
    [
        _connect,
        _send_datagram,
        _connect_by_path,
        _connect_by_name,
        lambda: Path("/etc/passwd").read_text(encoding="utf-8"),
        lambda: subprocess.run(["true"], check=False),
        lambda: os.system("true"),
        lambda: import_module("syslog").syslog("x"),
    ],
)
def test_all_else_of_this_machine_is_refused(act: Callable[[], object]) -> None:
    with guarded_thread(Addresses()) as guard, pytest.raises(PermissionError):
        act()
    assert guard.refused


def test_no_file_of_the_current_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m` puts this folder into `sys.path`, and the database and its key may be in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    key = tmp_path / "tallystick.db.key"
    key.write_text("secret", encoding="utf-8")
    with guarded_thread(Addresses()), pytest.raises(PermissionError):
        key.read_text(encoding="utf-8")


def test_modules_are_imported_as_ever() -> None:
    sys.modules.pop("colorsys", None)
    with guarded_thread(Addresses()):
        import_module("colorsys")


def test_other_threads_and_later_calls_are_free() -> None:
    with guarded_thread(Addresses()):
        read: list[str] = []
        free = Thread(target=lambda: read.append(Path("/etc/passwd").read_text(encoding="utf-8")))
        free.start()
        free.join()
    assert read == [Path("/etc/passwd").read_text(encoding="utf-8")]
