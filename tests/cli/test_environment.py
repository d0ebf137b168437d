"""A wrong setting is told by the name under which it was given, and a misspelt one by another."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import tallystick
from tallystick.cli.environment import find_misspelt


@pytest.mark.parametrize(
    ("variable", "warnings"),
    [
        ("TALLYSTICK_PROT", ["TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?"]),
        (
            "TALLYSTICK_RETENTION_DAY",
            ["TALLYSTICK_RETENTION_DAY is no setting; did you mean TALLYSTICK_RETENTION_DAYS?"],
        ),
        ("TALLYSTICK_XYZ", ["TALLYSTICK_XYZ is no setting"]),
        ("TALLYSTICK_PORT", []),
        ("TALLYSTICK_CHARON_KEY", []),
        ("TALLYSTICK_SEED", []),
        ("TALLYSTICK_SEDE", ["TALLYSTICK_SEDE is no setting; did you mean TALLYSTICK_SEED?"]),
        ("TALLYSTICK_KNOWN_SERVICE", []),
        ("TALLYSTICK_SERVICE_HOST", []),
        ("TALLYSTICK_PORT_8080_TCP_ADDR", []),
        ("tallystick_prot", []),
        ("HOME", []),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_setting(
    variable: str, warnings: list[str]
) -> None:
    assert list(find_misspelt({variable: "1"})) == warnings


def test_a_misspelt_variable_stops_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_PROT="1")
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == [
        "tallystick: warning: TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?",
        f"tallystick: making the database {tmp_path / 'x.db'}",
    ]


@pytest.mark.parametrize("line", ["TALLYSTICK_PORT 8080", "TALLYSTICK_PORT", "TALLYSTICK_HOST='a"])
@pytest.mark.parametrize("command", ["check", "keys list"])
def test_a_line_of_the_file_that_is_no_setting_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, command: str
) -> None:
    (tmp_path / "tallystick.env").write_text(f"# ours\n\n{line}\nTALLYSTICK_DEV=true\n")
    monkeypatch.chdir(tmp_path)
    ran = tallystick(*command.split())
    assert ran.returncode in (1, 2)
    assert "can't read tallystick.env: line 3 is no NAME=VALUE" in ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["KAFKA", "RABBITMQ"])
@pytest.mark.parametrize("value", ["{bad", "", '{"a": {"password": "geheim"'])
def test_a_value_that_should_be_json_is_told_by_its_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    variable, url = f"TALLYSTICK_EVENTGRID_{name}", f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, **{variable: value})
    assert ran.returncode == 2
    assert ran.stderr == f"tallystick: {variable}: that is not JSON\n"


def test_a_wrong_value_is_told_by_its_variable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_PORT="abc")
    assert ran.returncode == 2
    assert ran.stderr.startswith("tallystick: TALLYSTICK_PORT: Input should be a valid integer")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ('{"east": {}}', "east servers"),
        ('{"east": {"servers": ["h:1"], "tls": "?"}}', "east tls"),
        ('{"east": {"servers": ["h:1"], "pass": "geheim"}}', "east pass"),
    ],
)
def test_a_wrong_member_of_json_is_named(tmp_path: Path, value: str, place: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_EVENTGRID_KAFKA=value)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"tallystick: TALLYSTICK_EVENTGRID_KAFKA {place}: ")
    assert "geheim" not in ran.stderr
