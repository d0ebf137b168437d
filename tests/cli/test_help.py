"""Every command tells what it does, with which defaults, and how to call it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from command_line import tallystick
from tallystick.gate.configuration import Configuration
from tallystick.settings import Settings

COMMANDS = (
    "serve", "mock", "proxy", "worker", "verify", "diff", "clients",
    "keys create", "keys list", "keys revoke", "entities import", "charon exec",
)  # fmt: skip
GROUPS = ("keys", "entities", "charon")


def show_help(command: str, option: str = "--help") -> str:
    """Return a command's help, each run of white space as one space."""
    words = f"{command} {option}".split()
    return " ".join(tallystick(*words, COLUMNS="200").stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_by_either_option_with_an_example(command: str) -> None:
    text = show_help(command)
    assert f"Usage: tallystick {command}" in text
    assert text == show_help(command, "-h")
    assert "Example" in text or command == "keys list"


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_help_by_either_option_and_alone(group: str) -> None:
    text = show_help(group)
    assert f"Usage: tallystick {group}" in text
    assert text == show_help(group, "-h")
    assert text == " ".join(tallystick(group, COLUMNS="200").stderr.split())


@pytest.mark.parametrize("option", ["host", "port", "database", "workers"])
def test_the_help_shows_the_settings_defaults(option: str) -> None:
    assert f"[default: {getattr(Settings(), option)}]" in show_help("serve")


def test_the_help_of_verify_shows_the_defaults_of_a_run() -> None:
    defaults = Configuration("http://127.0.0.1:9")
    text = show_help("verify")

    assert f"[default: {defaults.budget}]" in text
    assert f"[default: {defaults.seed}]" in text


def test_brackets_in_a_help_text_are_shown() -> None:
    assert "pip install 'tallystick[clients]'" in show_help("clients")


def test_no_command_is_help() -> None:
    assert "serve" in tallystick().stderr


def test_an_unknown_option_is_exit_code_2() -> None:
    ran = tallystick("serve", "--prot", "1")
    assert (ran.returncode, "--port" in ran.stderr) == (2, True)


def test_the_old_name_of_connexion_is_taken_and_not_shown() -> None:
    assert "--stock" not in show_help("serve")
    ran = tallystick("serve", "--stock", "--queue")
    assert "--queue" in ran.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_a_script_that_completes(shell: str) -> None:
    script = tallystick(_TALLYSTICK_COMPLETE=f"{shell}_source")
    assert f"_TALLYSTICK_COMPLETE={shell}_complete" in script.stdout


def complete(line: str) -> list[str]:
    """Return what bash offers for the last word of a line."""
    offered = tallystick(
        _TALLYSTICK_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(line.count(" "))
    )
    return [each.removeprefix("plain,") for each in offered.stdout.split()]


def test_names_of_apis_languages_and_budgets_are_completed() -> None:
    assert complete("tallystick keys create event") == ["event_store", "eventgrid", "eventhos"]
    assert complete("tallystick clients ja") == ["java"]
    assert complete("tallystick clients java --api ga") == []
    assert complete("tallystick verify --budget th") == ["thorough"]
    assert "mock" in complete("tallystick m")


def test_a_command_imports_the_modules_of_no_other() -> None:
    code = (
        "import atexit, sys; from tallystick.cli import main;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        "sys.argv = ['tallystick', 'keys', '--help']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    imported = {name for name in done.stderr.split() if name.startswith("tallystick.cli.")}
    assert {name.rpartition(".")[2] for name in imported} == {
        "command", "environment", "keys", "options", "output", "plain_text", "settings_file",
        "store",
    }  # fmt: skip
