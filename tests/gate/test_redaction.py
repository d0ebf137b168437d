"""Reports show no secret and nothing that no report can hold."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from gate.runs import FAILED, NASTY, run_of
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.redaction import Redaction
from tallystick.gate.sarif import sarif


def test_what_no_report_can_hold_is_written_out() -> None:
    shown = Redaction({}).result(replace(FAILED, came=NASTY, objections=(NASTY,)))
    assert shown.came == shown.objections[0] == "<script>alert(1)</script> \\x00 \\ud83d \\x1b[2J &"
    for text in (junit(run_of(shown)), html(run_of(shown), "1"), sarif(run_of(shown), "1")):
        assert "\\ud83d" in text
        text.encode()


@pytest.mark.parametrize(
    ("told", "secret", "header"),
    [
        ("sesame", "Bearer sesame", "Authorization: Bearer sesame"),
        ("sesame", "Token sesame", "Authorization: Token sesame"),
        ("ada:sesame", "Basic YWRhOnNlc2FtZQ==", "Authorization: Basic YWRhOnNlc2FtZQ=="),
        ("sesame", "sid=sesame", "Cookie: theme=dark; sid=sesame"),
        ("sesame", "sesame", "X-Api-Key: sesame"),
    ],
)
def test_a_pasted_command_sends_the_credential_that_the_run_sent(
    told: str, secret: str, header: str
) -> None:
    redaction = Redaction({"MY_KEY": secret}, {"MY_KEY": told})
    assert told not in redaction.text(f"invalid token {told}, sent as {header}")
    command = redaction.command(f"printf %s '{header}'")
    assert told not in command
    run = ["sh", "-c", command]
    assert subprocess.check_output(run, env={"MY_KEY": told}, text=True) == header
