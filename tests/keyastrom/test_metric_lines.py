from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.apis.keyastrom.metric_lines import MOST_TOLD, LineFault, check_lines, find_fault

NOW = 1_764_064_800_000


@pytest.mark.parametrize(
    "line",
    [
        "cpu.temperature,hostname=hostA,cpu=1 55",
        "cpu.temperature,hostname=hostA,cpu=1 gauge,45",
        "cpu.temperature gauge,min=17.1,max=17.3,sum=34.4,count=2",
        "new_user_count,region=EAST count,delta=50",
        'workHours,team="devops\\\\bugfixing",project="\\"product\\"_improvement" 1000',
        "cpu.load,dt.entity.host=HOST-06F288EE2A930951 -1.5e3",
        f"cpu.load 5 {NOW}",
        f"cpu.load 5 {NOW - 3_599_999}",
        f"cpu.load 5 {NOW + 599_999}",
        "a-b_c.1d 0",
        "abc 5",
        "a" * 255 + " 5",
        "cpu" + "".join(f",k{n}=v" for n in range(50)) + " 5",
        '#cpu.temperature gauge dt.meta.unit=count,dt.meta.displayname="CPU temperature"',
    ],
)
def test_a_line_of_the_protocol_has_no_fault(line: str) -> None:
    assert find_fault(line, NOW) is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ab 5", "invalid metric key"),
        ("a" * 256 + " 5", "invalid metric key"),
        ("1cpu 5", "invalid metric key"),
        ("-cpu 5", "invalid metric key"),
        ("cpu.-load 5", "invalid metric key"),
        ("cpu..load 5", "invalid metric key"),
        ("cpü.load 5", "invalid metric key"),
        ("dt.cpu 5", "invalid metric key"),
        ("cpu.load", "invalid metric key"),
        ("cpu.load,Host=a 5", "invalid dimension"),
        ('cpu.load,host="a 5', "invalid dimension"),
        ("cpu.load,host 5", "invalid dimension"),
        ("cpu" + "".join(f",k{n}=v" for n in range(51)) + " 5", "more than 50 dimensions"),
        ("cpu.load x", "invalid payload"),
        ("cpu.load count,delta=x", "invalid payload"),
        ("cpu.load 5 soon", "invalid payload"),
        ("cpu.load gauge,min=1max=9,max=2,sum=3,count=2", "invalid payload"),
        ("cpu.load gauge,min=1,max=2", "a gauge has min, max, sum and count"),
        ("cpu.load gauge,min=1,max=2,sum=3,count=2,", "a gauge has min, max, sum and count"),
        (f"cpu.load 5 {NOW - 3_600_001}", "timestamp is out of range"),
        (f"cpu.load 5 {NOW + 600_001}", "timestamp is out of range"),
        (f"cpu.load 5 {'9' * 5_000}", "timestamp is out of range"),
        ("#cpu.load gauge", "invalid metadata"),
        ("#1 gauge dt.meta.unit=a", "invalid metadata"),
    ],
)
def test_another_line_has_the_fault_of_its_rule(line: str, fault: str) -> None:
    assert find_fault(line, NOW) == fault


def test_lines_are_counted_and_faults_have_their_numbers() -> None:
    text = "cpu.load 5\r\n\n1cpu 5\ncpu.load x\n"
    assert check_lines(text, NOW) == (
        1,
        2,
        [LineFault(3, "invalid metric key"), LineFault(4, "invalid payload")],
    )


def test_the_first_thousand_faults_are_told() -> None:
    count = check_lines("x\n" * 5_000, NOW)
    assert (count.ok, count.invalid, len(count.faults)) == (0, 5_000, MOST_TOLD)


@pytest.mark.parametrize("part", [",a=", ',a="\\"', "=", ".a", "1", " ", ",k=\\ ", "gauge,min=1,"])
def test_no_line_takes_long(part: str) -> None:
    assert find_fault("cpu.load" + part * 100_000 + "!", NOW) is not None


@given(st.text(alphabet='cpu.load,=" \\5gaugemin#\n', max_size=60))
def test_any_text_is_counted(text: str) -> None:
    count = check_lines(text, NOW)
    assert count.ok + count.invalid == sum(1 for line in text.splitlines() if line.strip())
