"""Documents are compared as they mean, wherever their parts are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.diff.framed import told
from tallystick.gate.comparison import compare
from tallystick.gate.outcome import COULD_NOT_RUN, Outcome, VerifyRun

ITEM = """\
get:
  security: []
  parameters:
    - {name: n, in: query, schema: {type: string, maxLength: 9, x-error-codes: {maxLength: C1}}}
  responses: {'200': {description: Done.}}
"""
TOP = """\
openapi: 3.1.0
info: {title: Parcels, version: '1'}
x-codes: {C1: {status: 400, message: a}, C2: {status: 400, message: b}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
"""
IN_FILE = "paths: {/a: {$ref: './items/a.yaml'}}\n"
LOCAL = "paths: {/a: {$ref: '#/x-items/a'}}\nx-items:\n  a:\n"
CHANGES = {
    "a code is renamed": ("{maxLength: C1}", "{maxLength: C2}", "code-renamed"),
    "a limit is tighter": ("maxLength: 9", "maxLength: 5", "request-bound-changed"),
    "it is closed by a key": ("security: []", "security: [{key: []}]", "security-tightened"),
}


def write_document(folder: Path, item: str, *, is_local: bool) -> Path:
    folder.mkdir()
    file = folder / "openapi.yaml"
    if is_local:
        indented = "".join(f"    {line}\n" for line in item.splitlines())
        file.write_text(TOP + LOCAL + indented, encoding="utf-8")
        return file
    (folder / "items").mkdir()
    (folder / "items" / "a.yaml").write_text(item, encoding="utf-8")
    file.write_text(TOP + IN_FILE, encoding="utf-8")
    return file


@pytest.mark.parametrize("is_local", [True, False], ids=["local", "in another file"])
@pytest.mark.parametrize(("find", "put", "rule"), CHANGES.values(), ids=CHANGES)
def test_a_change_behind_the_reference_of_a_path_is_found(
    find: str, put: str, rule: str, is_local: bool, tmp_path: Path
) -> None:
    old = write_document(tmp_path / "old", ITEM, is_local=is_local)
    new = write_document(tmp_path / "new", ITEM.replace(find, put), is_local=is_local)
    run = compare(old, new)
    assert ("breaking", rule) in told(run)
    assert run.exit_code == 1


def test_both_places_are_told_by_file_and_line(tmp_path: Path) -> None:
    old = write_document(tmp_path / "old", ITEM, is_local=True)
    new = write_document(tmp_path / "new", ITEM.replace("9", "5"), is_local=False)
    [failure] = compare(old, new).list_results(Outcome.FAILED)
    assert [str(place) for place in failure.places] == [
        f"{old}:12",
        f"{new.parent / 'items' / 'a.yaml'}:4",
    ]
    assert failure.objections[-1].startswith("callers: You send")


def test_a_document_that_is_split_into_files_is_as_it_was(tmp_path: Path) -> None:
    old = write_document(tmp_path / "old", ITEM, is_local=True)
    new = write_document(tmp_path / "new", ITEM, is_local=False)
    run = compare(old, new)
    assert told(run) == []
    assert run.exit_code == 0


def test_a_parameter_in_another_file_is_compared(tmp_path: Path) -> None:
    item = "get:\n  parameters: [{$ref: '../p.yaml#/n'}]\n  responses: {}\n"
    old, new = (write_document(tmp_path / name, item, is_local=False) for name in ("old", "new"))
    for file, type_ in ((old, "string"), (new, "integer")):
        text = f"n: {{name: n, in: query, schema: {{type: {type_}}}}}\n"
        (file.parent / "p.yaml").write_text(text, encoding="utf-8")
    assert told(compare(old, new)) == [("breaking", "request-type-changed")]


def test_a_schema_that_leads_back_to_itself_is_compared(tmp_path: Path) -> None:
    def write(name: str, type_: str) -> Path:
        file = tmp_path / name
        file.write_text(
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {description: '', content: "
            "{application/json: {schema: {$ref: '#/components/schemas/T'}}}}}}}}\n"
            "components: {schemas: {T: {type: object, properties: {t: {type: array, items: "
            f"{{$ref: '#/components/schemas/T'}}}}, n: {{type: {type_}}}}}}}}}}}\n",
            encoding="utf-8",
        )
        return file

    run = compare(write("a.yaml", "integer"), write("b.yaml", "string"))
    assert told(run) == [("breaking", "answer-type-changed")]


def compare_paths(folder: Path, old: str, new: str) -> VerifyRun:
    files = folder / "old.yaml", folder / "new.yaml"
    for file, paths in zip(files, (old, new), strict=True):
        file.write_text(f"openapi: 3.0.3\n{paths}", encoding="utf-8")
    return compare(*files)


GOOD = """\
paths:
  /a: {get: {responses: {'200': {description: '', content: {application/json: {schema: {}}}}}}}
"""


@pytest.mark.parametrize(
    "bad",
    [
        "paths: {/a: {get: {parameters: [{in: query}], responses: {}}}}\n",
        "paths: {/a: {get: {parameters: [{$ref: '#/components/parameters/N'}], responses: {}}}}\n",
        "paths: {/a: {get: {parameters: [{$ref: nowhere.yaml}], responses: {}}}}\n",
        "paths: {/a: {$ref: nowhere.yaml}}\n",
        "paths: {/a: 7}\n",
        "paths: 7\n",
        "paths: {/a: {get: 7}}\n",
        "paths: {/a: {get: {responses: {'200': {$ref: '#/nowhere'}}}}}\n",
        "paths: {/a: {get: {responses: {'200': {description: '', content: "
        "{application/json: {schema: {type: 7}}}}}}}}\n",
        "paths: {/a: {get: {responses: {'200': {description: '', content: "
        "{application/json: {schema: 7}}}}}}}\n",
        "info: {title: a, title: b}\n" + GOOD,
        "x-codes: {C1: 7}\n" + GOOD,
        "components: {securitySchemes: {k: 7}}\n" + GOOD,
        "security: 7\n" + GOOD,
        "security: [7]\n" + GOOD,
    ],
)
def test_a_part_that_is_not_understood_is_an_error(bad: str, tmp_path: Path) -> None:
    run = compare_paths(tmp_path, GOOD, bad)
    [error] = run.list_results(Outcome.ERROR)
    assert error.places[0].file == str(tmp_path / "new.yaml")
    assert error.reason != ""
    assert [level for level, _ in told(run) if level == "breaking"] == []
    assert run.exit_code == COULD_NOT_RUN


@pytest.mark.parametrize("empty", ["paths: {}\n", "paths:\n", "", "paths: {/a: {get: {}}}\n"])
def test_an_empty_part_is_no_error(empty: str, tmp_path: Path) -> None:
    assert compare_paths(tmp_path, empty, GOOD).exit_code != COULD_NOT_RUN
    assert compare_paths(tmp_path, empty, empty).exit_code == 0


@pytest.mark.parametrize(
    "parameter", ["{in: query}", "{name: n}", "{$ref: '#/nowhere'}", "{$ref: nowhere.yaml}", "7"]
)
def test_a_parameter_that_is_none_is_an_error_in_both(parameter: str, tmp_path: Path) -> None:
    paths = f"paths: {{/a: {{get: {{parameters: [{parameter}], responses: {{}}}}}}}}\n"
    run = compare_paths(tmp_path, paths, paths)
    assert run.exit_code == COULD_NOT_RUN
    assert len(run.list_results(Outcome.ERROR)) == 2
