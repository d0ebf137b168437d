"""The output in an alarm has no secrets."""

from __future__ import annotations

import pytest

from tallystick.apis.charon.output_masking import mask_output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2 user=joe", "password=*** user=joe"),
        ("DB_PASSWORD: hunter2", "DB_PASSWORD: ***"),
        ("curl --token abc --silent x", "curl --token *** --silent x"),
        ("Authorization: Bearer abc.def", "Authorization: *** ***"),
        ("sent Bearer abc.def, twice", "sent Bearer ***, twice"),
        ("postgresql://joe:hunter2@db/x", "postgresql://joe:***@db/x"),
        ('{"secret": "hunter2", "n": 1}', '{"secret": "***", "n": 1}'),
        ("got eyJhbGciOi.eyJzdWIi.sig-1", "got ***"),
        ("https://h/?api_key=abc&n=1", "https://h/?api_key=***&n=1"),
        ("at 12:30:00 disk=full, exit code 3", "at 12:30:00 disk=full, exit code 3"),
    ],
)
def test_a_secret_is_masked_and_the_rest_is_not(text: str, shown: str) -> None:
    assert mask_output(text) == shown
