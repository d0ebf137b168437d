"""Two recordings are compared by their requests and the answers of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import tallystick
from tallystick.mock.recording_diff import compare_recordings
from tallystick.mock.world import BadWorld

ONE = """
rules:
- operation: createEvent
  match: {body: {$.cl: EDF}}
  answer: {code: 200, body: {a: [1, {b: x}], at: '2026-01-01T00:00:00Z', same: 1}}
- operation: createEvent
  match: {body: {$.cl: EDF}}
  answer: {code: 503}
  times: 2
- {operation: canStart, answer: {code: 200}}
"""
OTHER = """
rules:
- operation: createEvent
  match: {body: {$.cl: EDF}}
  answer: {code: 200, body: {a: [1, {b: y}], at: '2026-02-02T10:00:00.5Z', same: true}}
- operation: createEvent
  match: {body: {$.cl: EDF}}
  answer: {code: 503, headers: {Retry-After: '1'}}
- {operation: canStop, answer: {code: 200}}
"""


def write(folder: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [folder / f"{name}.yaml" for name in texts]


def test_every_difference_is_a_line(tmp_path: Path) -> None:
    old, new = write(tmp_path, old=ONE, new=OTHER)
    request = 'createEvent {"body": {"$.cl": "EDF"}}'

    assert compare_recordings(old, new) == [
        "gone     canStart",
        "new      canStop",
        f'changed  {request}: headers of answer 1 was not there and is {{"Retry-After": "1"}}',
        f"changed  {request}: code of answer 2 was 503 and is 200",
        f"changed  {request}: body of answer 2 was not there and is "
        '{"a": [1, {"b": "y"}], "at": "2026-02-02T10:00:00.5Z", "same": true}',
        f"changed  {request}: it had 3 answers and has 2",
    ]


def test_members_are_compared_one_by_one_and_times_not_at_all(tmp_path: Path) -> None:
    old, new = write(tmp_path, old=ONE, new=ONE.replace("b: x", "b: y").replace("01-01", "01-02"))
    [line] = compare_recordings(old, new)
    assert line.endswith('body.a[1].b of answer 3 was "x" and is "y"')


@pytest.mark.parametrize("text", ["rules: 7", "rules: [7]", "rules: [{times: 0}]", "[", "7"])
def test_a_file_that_is_no_world_is_told(tmp_path: Path, text: str) -> None:
    old, new = write(tmp_path, old=text, new=ONE)
    with pytest.raises(BadWorld, match=r"old\.yaml"):
        compare_recordings(old, new)


def test_the_exit_code_tells_whether_they_are_equal(tmp_path: Path) -> None:
    old, new = map(str, write(tmp_path, old=ONE, new=OTHER))
    assert tallystick("compare", old, old).returncode == 0
    assert tallystick("compare", old, new).returncode == 1
    assert tallystick("compare", old, "none.yaml").returncode == 2
