"""The suite itself: a vector that says less than it seems to would pass for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import strict_yaml
from .matching import Matching, differences
from .vectors import BadVector, read

_FILE = """
source: a page
request: {path: /x, headers: {X-A: '1'}}
fields: {a: 'ü', b: c}
ways: {GET: {method: GET, fields: query}, POST: {method: POST, fields: json}}
vectors:
  - {name: One, source: line 1, fields: {b: d}, expected: {status: 200}}
"""


def _read(folder: Path, text: str) -> list[str]:
    api = folder / "api"
    api.mkdir()
    path = api / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return [f"{vector.name}: {vector.request}" for vector in read(path)]


def test_a_vector_is_sent_each_way(tmp_path: Path) -> None:
    assert _read(tmp_path, _FILE) == [
        "One, by GET: VectorRequest(method='GET', target='/x?a=%C3%BC&b=d', "
        "headers=(('X-A', '1'),), body=None)",
        "One, by POST: VectorRequest(method='POST', target='/x', headers=(('Content-Type', "
        "'application/json'), ('X-A', '1')), body=b'{\"a\": \"\\xc3\\xbc\", \"b\": \"d\"}')",
    ]


@pytest.mark.parametrize(
    ("written", "misspelt"),
    [
        ("status: 200", "statuss: 200"),
        ("name: One", "title: One"),
        ("path: /x", "url: /x"),
        ("source: a page", "sauce: a page"),
        ("source: line 1", "source: line 1, needs: nothing"),
        ("status: 200", "status: 200, status: 201"),
        ("b: d", "b: 1"),
    ],
)
def test_a_misspelt_vector_is_refused(written: str, misspelt: str, tmp_path: Path) -> None:
    with pytest.raises(BadVector):
        _read(tmp_path, _FILE.replace(written, misspelt))


def test_yaml_has_the_types_of_json_alone() -> None:
    text = "{no: NO, time: 1:30, day: 2024-02-01, one: 1, half: 0.5, nothing: null}"
    assert strict_yaml.load(text) == {
        "no": "NO", "time": "1:30", "day": "2024-02-01", "one": 1, "half": 0.5, "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "actual", "exact", "count"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, False, 0),
        ({"a": 1}, {"a": 1, "b": 2}, True, 1),
        ({"a": 1}, {"a": True}, False, 1),
        ({"a": 1}, {"a": 1.0}, False, 1),
        ({"a": 1}, {}, False, 1),
        ([1], [1, 2], False, 1),
        ([{"a": 1}], [{"a": 1, "b": 2}], False, 0),
        (Matching("[a-z]+"), "abc\n", True, 1),
        (Matching("[a-z]+"), 5, True, 1),
        ({"a": None}, {"a": None}, True, 0),
    ],
)
def test_each_difference_is_found(
    expected: object, actual: object, exact: bool, count: int
) -> None:
    assert len(list(differences(expected, actual, exact))) == count
