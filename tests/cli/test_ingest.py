"""What `tallystick ingest` refuses before it reads anything."""

from __future__ import annotations

import pytest

from command_line import tallystick

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    ("url", "api", "said"),
    [
        ("http://h:1/t", "crm", "--from must be kafka://HOST:PORT/TOPIC or amqp://HOST:PORT/QUEUE"),
        (f"kafka://u:{PASSWORD}@h/t", "crm", "--from needs a host and a port"),
        (f"kafka://u:{PASSWORD}@h:1/t?a=b", "crm", "--from has the unknown option a"),
        (f"kafka://u:{PASSWORD}@h:1/t", "CRM", "--as is the name of an API"),
    ],
)
def test_a_wrong_option_is_named_and_no_password_is_shown(url: str, api: str, said: str) -> None:
    done = tallystick("ingest", "--as", api, TALLYSTICK_INGEST_FROM=url)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert PASSWORD not in done.stderr
    assert "is no setting" not in done.stderr
