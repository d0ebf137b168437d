"""Options go before the environment, and a wrong one ends the command in words."""

from __future__ import annotations

import pytest
from click.exceptions import Exit

from tallystick.cli.options import create_settings, fail, list_apis, read_settings
from tallystick.contract.document import read_documents
from tallystick.settings import Settings


def test_an_option_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_PORT", "9000")
    monkeypatch.setenv("TALLYSTICK_HOST", "localhost")
    settings = read_settings(port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "localhost")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"port": -1}, "--port: give a whole number from 0 to 65535"),
        ({"dev": True, "host": "0.0.0.0"}, "--dev has public credentials"),
        ({"fault": "store"}, "TALLYSTICK_FAULT and a TALLYSTICK_QUEUE below 100 need --dev"),
    ],
)
def test_a_wrong_option_ends_the_command_with_its_name_and_reason(
    given: dict[str, object], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exit) as ended:
        create_settings(Settings, given)
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.startswith(f"tallystick: {said}")


def test_every_wrong_option_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit):
        create_settings(Settings, {"port": -1, "queue": -1})
    lines = capsys.readouterr().err.splitlines()
    assert [line.removeprefix("tallystick: ").partition(":")[0] for line in lines] == [
        "--port",
        "--queue",
    ]


def test_a_command_that_fails_says_why_on_its_error_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Exit) as ended:
        fail("the reason")
    assert ended.value.exit_code == 2
    assert capsys.readouterr() == ("", "tallystick: the reason\n")


def test_the_apis_are_those_with_a_contract() -> None:
    assert list_apis() == [document.api for document in read_documents()]
