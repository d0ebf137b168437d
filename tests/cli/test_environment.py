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


def test_a_wrong_value_is_told_by_its_variable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_PORT="abc")
    assert ran.returncode == 2
    assert ran.stderr.startswith("tallystick: TALLYSTICK_PORT: Input should be a valid integer")
