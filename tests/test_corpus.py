"""Each document of a folder is served, and each of its operations answered by the document."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.sample_request import SampleRequest
from tallystick.mock.upstream import UpstreamReply

ROOT = Path(__file__).parent.parent
DOCUMENTS = ROOT / "tests" / "fixtures" / "corpus"


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are no part of what is installed."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.mark.parametrize("name", ["styles", "bodies", "resources"])
def test_every_operation_of_a_document_succeeds_as_it_declares(name: str) -> None:
    from benchmarks.corpus import judge_document

    result = judge_document(DOCUMENTS / f"{name}.yaml")
    assert (result.failures, result.refusals) == ([], [])
    assert result.served == result.valid == result.successes > 0


def test_what_a_document_has_and_is_not_served_is_told_by_its_rule() -> None:
    from benchmarks.corpus import judge_document

    result = judge_document(DOCUMENTS / "resources.yaml")
    assert result.operations == result.served + 1
    assert result.reasons == {"ref-unresolved": 1}


def test_a_server_with_other_answers_gets_the_same_requests_and_is_judged_alike() -> None:
    from benchmarks.document_calls import DocumentCalls

    [contract] = read_contracts([str(DOCUMENTS / "resources.yaml")])
    called: list[SampleRequest] = []

    async def send(request: SampleRequest) -> UpstreamReply:
        called.append(request)
        return UpstreamReply(418, [], b"")

    calls = DocumentCalls(contract.document, send)
    results = asyncio.run(calls.call_all())
    assert len(called) == len(calls.operations) == len(results.failures)
    assert (results.valid, results.successes) == (0, 0)


def test_the_documents_of_a_folder_are_found_and_other_files_are_not(tmp_path: Path) -> None:
    from benchmarks.corpus import list_documents

    (tmp_path / "inner").mkdir()
    texts = {"a.yaml": "openapi: 3.0.3", "b.json": '{"openapi": "3.1.0"}', "c.yaml": "a: 1"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / "inner" / name).write_text(text)
    found = [str(file.relative_to(tmp_path)) for file in list_documents(tmp_path)]
    assert found == ["a.yaml", "b.json", "inner/a.yaml", "inner/b.json"]


def test_the_page_holds_the_table_between_its_marks(tmp_path: Path) -> None:
    from benchmarks.corpus_page import BEGIN, END, DocumentResult, write_page

    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n")
    result = DocumentResult("a/b", "B", "1", "3.0.3", 2, 1, 1, 1, reasons={"faulty": 1})
    result.peers = {"Prism": 1, "Specmatic": None}
    write_page(page, [result, DocumentResult("a/c", "C", "1", "3.0.3", 1, 1, 1, 1)])
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| a/b | 1 | 3.0.3 | 2 | 1 (faulty) | 1 | 1 | 0.00 s | 0 MB | 1 | – |" in text
    assert "| a/c | 1 | 3.0.3 | 1 | 1 | 1 | 1 | 0.00 s | 0 MB |  |  |" in text
    assert "Prism was given 1 of them and starts with 1: 1 of its answers keep the document" in text
