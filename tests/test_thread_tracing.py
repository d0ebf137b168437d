"""No thread dies as it starts, though coverage traces it and an audit hook lets others on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STARTS = """
import sys, threading
from coverage import Coverage
from thread_tracing import trace_in_turn

trace_in_turn()
sys.addaudithook(lambda event, args: event == "none")
sys.setswitchinterval(1e-6)
died, ran = [], []
sys.unraisablehook = died.append

def start():
    for _ in range(1_500):
        thread = threading.Thread(target=ran.append, args=[1])
        thread.start()
        thread.join()

traced = Coverage(data_file=None, config_file=False)
traced.start()
starters = [threading.Thread(target=start) for _ in range(4)]
for each in starters:
    each.start()
for each in starters:
    each.join()
traced.stop()
print(len(ran), len(died))
"""


def test_threads_that_start_at_the_same_time_are_traced_and_run() -> None:
    told = subprocess.run(
        [sys.executable, "-c", STARTS],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert told.stdout.split() == ["6000", "0"]
