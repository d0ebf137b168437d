"""A mock whose credentials everybody knows is for this machine, unless it is told otherwise."""

from __future__ import annotations

import pytest

from parcels import mock_settings
from tallystick.cli.environment import read_environment
from tallystick.mock.settings import ALWAYS, MockSettings


def read(**options: object) -> MockSettings:
    return read_environment(MockSettings, {**options, **ALWAYS}, with_file=False)


def test_a_mock_is_in_memory_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TALLYSTICK_DATABASE", "sqlite:///elsewhere.db")
    settings = read()
    assert (settings.database, settings.dev, settings.connexion) == ("sqlite://", True, False)


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_SEED", "1")
    assert read().seed == 1
    assert read(seed=2).seed == 2


def test_others_may_reach_a_mock_only_when_it_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"on 0\.0\.0\.0 it needs --allow-remote"):
        mock_settings(host="0.0.0.0")
    assert mock_settings(host="0.0.0.0", allow_remote=True).host == "0.0.0.0"
