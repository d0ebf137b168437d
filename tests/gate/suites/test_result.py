"""A failure shows what was sent and what came, and no more of it than a page can bear."""

from __future__ import annotations

from tallystick.contract_tests.wire import WireReply

from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SHOWN, failed

PASSED = CheckResult("charon", "vector", "a call", Outcome.PASSED, asked="200")


def test_a_failure_has_the_request_and_the_reply() -> None:
    reply = WireReply(418, (("X-A", "b"), ("X-C", "d")), b"{}")
    result = failed(PASSED, ["one", "two"], "curl http://x", reply)
    assert (result.outcome, result.objections) == (Outcome.FAILED, ("one", "two"))
    assert (result.sent, result.asked, result.name) == ("curl http://x", "200", "a call")
    assert result.came == "418\nX-A: b\nX-C: d\n\n{}"


def test_a_reply_without_a_body_ends_with_its_headers() -> None:
    assert failed(PASSED, [], "", WireReply(204, (("X-A", "b"),), b"")).came == "204\nX-A: b"


def test_a_long_body_is_cut_and_what_is_no_text_is_written_out() -> None:
    came = failed(PASSED, [], "", WireReply(200, (), b"\xff" + b"x" * 2 * SHOWN)).came
    assert came == "200\n\n\\xff" + "x" * (SHOWN - 1)


def test_no_reply_is_said_in_words() -> None:
    came = failed(PASSED, [], "", None).came
    assert came == "no answer: the connection was closed, or silent for 5 s"
