from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tallystick.contract.document import Document, read_documents
from tallystick.contract.scopes import required_scopes

ROOT = Path(__file__).parents[1]
DOCUMENTS = read_documents()
HEADLESS = re.compile(r"(?:What|Who|Whoever|Whose|Which)\b")


@pytest.fixture(params=DOCUMENTS, ids=lambda document: document.api)
def document(request: pytest.FixtureRequest) -> Document:
    found: Document = request.param
    return found


def test_a_document_is_valid_openapi(document: Document) -> None:
    validate(document.content)


def test_a_document_is_openapi_3_0_3(document: Document) -> None:
    assert document.content["openapi"] == "3.0.3"


def test_what_can_fail_for_the_store_says_what_it_answers_while_that_is_away(
    document: Document,
) -> None:
    for _, _, operation in document.operations():
        if "500" in operation["responses"]:
            assert "503" in operation["responses"], operation["operationId"]


def test_no_description_begins_with_a_question_word(document: Document) -> None:
    assert [text for text in descriptions(document.content) if HEADLESS.match(text)] == []


def descriptions(value: Any) -> Iterator[str]:
    """Yield each summary and description, wherever it stands."""
    if isinstance(value, dict):
        words = (value.get(name) for name in ("summary", "description"))
        yield from (text for text in words if isinstance(text, str))
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from descriptions(item)


def test_a_pattern_too_long_to_read_says_in_words_what_it_asks() -> None:
    long = [s for d in DOCUMENTS for s in _schemas(d.content) if len(s.get("pattern", "")) > 60]
    assert long
    assert [s["description"] for s in long if "x-pattern-words" not in s] == []


def test_every_scope_is_asked_for_by_an_operation() -> None:
    asked = {
        (operation.get("x-errors", document.api), scope)
        for document in DOCUMENTS
        for _, _, operation in document.operations()
        for scope in required_scopes(operation)
    }
    assert asked == {(document.api, scope) for document in DOCUMENTS for scope in document.scopes}


def test_an_operation_that_needs_a_credential_needs_a_scope_of_a_key(document: Document) -> None:
    given = document.content["security"]
    unscoped = [
        operation["operationId"]
        for _, _, operation in document.operations()
        if operation.get("security", given) and not required_scopes(operation)
    ]
    # Everybody may see and end their own session, a person may see themselves, any key of an event
    # may send it, and any key of eventgrid may ask which project is its own.
    free = {
        "gateway": ["getSession", "deleteSession"],
        "eventhos": ["showMyself", "changeMyPassword", "sendEvent"],
        "eventgrid": ["listEventgridProjects", "listEventgridDomains"],
    }
    assert unscoped == free.get(document.api, [])


def test_no_two_operations_have_one_id() -> None:
    ids = Counter(o["operationId"] for d in DOCUMENTS for _, _, o in d.operations())
    assert [name for name, count in ids.items() if count > 1] == []


def test_no_two_documents_have_one_path() -> None:
    paths = Counter(path for d in DOCUMENTS for path in d.content["paths"])
    assert [path for path, count in paths.items() if count > 1] == []


def test_one_word_names_an_api_everywhere() -> None:
    openapi = _stems(ROOT / "openapi", "*.yaml")
    assert _stems(ROOT / "handlers", "[a-z]*.py") == openapi
    # The generic service answers for contracts of one's own.
    assert _stems(ROOT / "src/tallystick/apis", "*/__init__.py") - {"generic"} == openapi
    assert _stems(ROOT / "contract_tests/vectors", "*/*.yaml") == openapi
    assert _stems(ROOT / "contract_tests/apis", "*.yaml") == openapi
    assert _stems(ROOT / "docs", "*.md") >= openapi


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Everything that has a pattern."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _schemas(each)


def _stems(folder: Path, pattern: str) -> set[str]:
    found = (path.relative_to(folder) for path in folder.glob(pattern))
    return {path.parts[0].partition(".")[0] for path in found}
