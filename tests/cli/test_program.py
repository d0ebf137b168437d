"""The program runs the command that is asked for, and nothing slows it down meanwhile."""

from __future__ import annotations

import gc
from importlib.metadata import version

import click
import pytest

from command_line import tallystick
from tallystick.cli import program
from tallystick.collector import without_collector


def test_the_version_is_the_package_s() -> None:
    assert tallystick("--version").stdout == f"tallystick {version('tallystick')}\n"


def test_a_command_collects_garbage_though_its_imports_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collects = []
    probe = click.Command("probe", callback=lambda: collects.append(gc.isenabled()))
    monkeypatch.setitem(program.commands, "probe", probe)

    with without_collector():
        program(["probe"], standalone_mode=False)
    assert collects == [True]
    gc.unfreeze()


def test_what_was_made_without_the_collector_is_looked_at_by_none_later() -> None:
    gc.unfreeze()
    with without_collector():
        made = [[number] for number in range(1_000)]
    passed_over = gc.get_freeze_count()
    gc.unfreeze()
    assert passed_over >= len(made)


def test_a_command_ended_by_ctrl_c_says_nothing_and_has_the_exit_code_of_shells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(program.commands, "probe", click.Command("probe", callback=interrupt))

    with pytest.raises(SystemExit) as ended:
        program(["probe"])
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "")
