"""Reports show no secret and nothing that no report can hold."""

from __future__ import annotations

from dataclasses import replace

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
