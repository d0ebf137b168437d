"""What a command says is sent while it runs, and its end is told."""

from __future__ import annotations

import time

from charon_runs import KEY, Cron
from server_process import StartServer
from tallystick.charon_exec.client import CharonClient
from tallystick.charon_exec.report import ExecutionReport


def test_lines_are_sent_while_the_command_runs(cron: Cron) -> None:
    process = cron.start("sh", "-c", "echo first; read nothing < /dev/zero; sleep 60")
    try:
        cron.wait_until(lambda: cron.executions() and cron.said() == ["first"])
        assert cron.execution()["ended"] is None
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_many_lines_are_few_messages_and_all_of_them(cron: Cron) -> None:
    started = time.monotonic()
    assert cron.run("seq", "1", "50000").returncode == 0
    assert cron.said() == [str(n) for n in range(1, 50_001)]
    assert cron.execution()["messageCount"] < 500
    assert time.monotonic() - started < 15


def test_of_more_output_than_can_be_sent_the_end_is_kept(cron: Cron) -> None:
    done = cron.run("seq", "1", "2700000")
    assert len(done.stdout) == 20_488_896
    said = cron.execution()["messages"]
    assert said[-2]["message"].endswith("2699999\n2700000")
    assert any("lines are missing here" in message["message"] for message in said)


def test_a_line_over_the_limit_is_sent_in_pieces(cron: Cron) -> None:
    cron.run("sh", "-c", "head -c 200000 /dev/zero | tr '\\0' 'x'; echo")
    texts = [m["message"] for m in cron.execution()["messages"] if m["type"] == "info"]
    assert [len(text) for text in texts] == [65_536, 65_536, 65_536, 3_392]


def test_what_a_command_says_is_sent_when_somebody_has_ended_its_execution(cron: Cron) -> None:
    charon, warnings = CharonClient(cron.server.url, KEY), list[str]()
    execution = charon.start_execution(charon.can_start(cron.slug).id)
    charon.end_execution(execution, "rebooted", 0)
    report = ExecutionReport(charon, execution, warnings.append)
    for line in ("first", "second"):
        report.add_output("info", f"{line}\n".encode())
        cron.wait_until(lambda line=line: cron.said()[-1:] == [line])  # type: ignore[misc]  # mypy takes no defaults here
    report.finish("exit code 0", 0)
    assert warnings == []


def test_a_server_that_restarts_is_waited_for(start_server: StartServer, nowhere: str) -> None:
    # The last of two options counts: here, a port that is the same after the restart.
    server = start_server("--port", nowhere.rpartition(":")[2])
    cron = Cron(server)
    process = cron.start("sh", "-c", "for n in 1 2 3 4 5 6; do echo $n; sleep 0.5; done")
    cron.wait_until(lambda: cron.executions() and cron.said()[:1] == ["1"])
    server.kill()
    time.sleep(1)
    server.start()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"1\n2\n3\n4\n5\n6\n")
    assert b"messages wait: " in err
    assert sorted(set(cron.said())) == ["1", "2", "3", "4", "5", "6"]
    assert cron.execution()["success"] is True


def test_a_server_that_goes_away_for_good_costs_no_exit_code(start_server: StartServer) -> None:
    server = start_server()
    cron = Cron(server)
    process = cron.start("sh", "-c", "echo 1; sleep 1; echo 2; exit 5")
    assert process.stdout is not None
    process.stdout.readline()
    server.kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert b"the last messages were not sent" in err
    assert b"the end was not sent to charon" in err


def test_a_second_signal_gives_the_telling_up(start_server: StartServer) -> None:
    server = start_server()
    cron = Cron(server)
    process = cron.start("sh", "-c", "echo 1; sleep 1; exit 5")
    assert process.stdout is not None
    process.stdout.readline()
    server.kill()
    started = time.monotonic()
    time.sleep(3)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 5
    assert time.monotonic() - started < 10
