"""The system's own numbers of the process are among the metrics."""

from __future__ import annotations

from tallystick.process_metrics import read_process


def test_cpu_memory_files_and_start_are_told() -> None:
    found = {family.name: family for family in read_process()}

    assert found["process_cpu_seconds_total"].kind == "counter"
    for name in ("process_resident_memory_bytes", "process_open_fds"):
        assert found[name].samples[()] > 0
    assert found["process_start_time_seconds"].joined == "max"
