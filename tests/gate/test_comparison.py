"""Every single edit that breaks clients is found by its rule, and no other is raised."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tallystick.gate.comparison import compare
from tallystick.gate.error_code_changes import find_code_changes
from tallystick.gate.openapi_document import NotADocument, read_document
from tallystick.gate.outcome import Outcome, VerifyRun

HERE = Path(__file__).parent
BASE = HERE / "parcels.yaml"
EDITS: list[dict[str, str]] = yaml.safe_load((HERE / "edits.yaml").read_text(encoding="utf-8"))


def edited(edit: dict[str, str]) -> str:
    text = BASE.read_text(encoding="utf-8")
    if edit["find"].startswith("*"):
        return text.replace(edit["find"][1:], edit["put"])
    assert text.count(edit["find"]) == 1, edit
    return text.replace(edit["find"], edit["put"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, VerifyRun]:
    folder = tmp_path_factory.mktemp("edits")
    found = {}
    for number, edit in enumerate(EDITS):
        file = folder / f"parcels{number}.yaml"
        file.write_text(edited(edit), encoding="utf-8")
        found[edit["name"]] = compare(BASE, file)
    return found


@pytest.mark.parametrize("edit", EDITS, ids=[edit["name"] for edit in EDITS])
def test_an_edit_is_judged_as_it_is_labelled(
    edit: dict[str, str], runs: dict[str, VerifyRun]
) -> None:
    run = runs[edit["name"]]
    assert run.list_results(Outcome.ERROR) == []
    breaking = [result.name for result in run.list_results(Outcome.FAILED)]
    if "by" in edit:
        says = edit.get("says", "")
        found = [name for name in breaking if name.startswith(edit["by"]) and name.endswith(says)]
        assert found != [], breaking
        assert run.exit_code == 1
    else:
        assert breaking == []
        assert run.exit_code == 0


def test_the_corpus_is_large_enough_and_has_both_kinds() -> None:
    breaking = [edit for edit in EDITS if "by" in edit]
    assert len(EDITS) >= 40
    assert 10 < len(breaking) < len(EDITS) - 10


def test_the_page_tells_what_is_found() -> None:
    page = (HERE.parent.parent / "docs" / "diff.md").read_text(encoding="utf-8")
    rows = [
        f"| {edit['name']} | {'breaking' if 'by' in edit else 'harmless'} | {_found_by(edit)} |"
        for edit in EDITS
    ]
    table = "\n".join(["| edit | | found by |", "|---|---|---|", *rows])
    assert table in page, table


def _found_by(edit: dict[str, str]) -> str:
    return ": ".join(edit[name] for name in ("by", "says") if name in edit)


def test_a_folder_is_compared_by_its_documents(tmp_path: Path) -> None:
    for name, limit in (("old", 9), ("new", 5)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.yaml").write_text("openapi: 3.0.3\npaths: {/a: {$ref: part.yaml}}\n")
        parameter = f"{{name: n, in: query, schema: {{type: string, maxLength: {limit}}}}}"
        (folder / "part.yaml").write_text(f"get: {{parameters: [{parameter}], responses: {{}}}}\n")
    (tmp_path / "old" / "list.yaml").write_text("[]\n")
    run = compare(tmp_path / "old", tmp_path / "new")
    assert [result.rule for result in run.list_results(Outcome.FAILED)] == ["request-bound-changed"]
    assert run.apis == ("a",)


def test_operations_of_openapi_3_2_are_compared(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    item = "{query: {responses: {}}, additionalOperations: {COPY: {responses: {}}}}"
    old.write_text(f"openapi: 3.2.0\npaths: {{/a: {item}}}\n")
    new.write_text("openapi: 3.2.0\npaths: {/a: {}}\n")
    names = [result.name for result in compare(old, new).list_results(Outcome.FAILED)]
    assert names == ["path-removed /a: it is no longer there"]


def test_a_document_that_is_none_any_more_can_not_be_compared(tmp_path: Path) -> None:
    for name, top in (("old", "openapi: 3.0.3"), ("new", "x: 1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(f"{top}\npaths: {{}}\n")
    with pytest.raises(NotADocument, match=r"new/a\.yaml is no OpenAPI document"):
        compare(tmp_path / "old", tmp_path / "new")


def test_codes_in_files_that_no_rule_of_ours_reads_are_compared(tmp_path: Path) -> None:
    parts = []
    for name, code in (("old", "C1"), ("new", "C2")):
        file = tmp_path / f"{name}.yaml"
        file.write_text(
            "openapi: 3.0.3\nx-codes: {C1: {status: 400}, C2: {status: 400}}\n"
            f"paths: {{/a: {{get: {{parameters: [{{$ref: {name}-n.yaml}}], responses: {{}}}}}}}}\n"
        )
        schema = f"{{type: string, x-error-codes: {{type: {code}}}}}"
        (tmp_path / f"{name}-n.yaml").write_text(f"{{name: n, in: query, schema: {schema}}}\n")
        parts.append(read_document(file))
    assert [each.rule for each in find_code_changes(*parts)] == ["code-renamed"]
