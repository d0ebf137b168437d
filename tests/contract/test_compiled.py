"""A problem has the shape of the API that its path belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tallystick.contract.answer import Answer, ErrorRenderer
from tallystick.contract.binding import bind
from tallystick.contract.compiled import ApiBinding, Plan
from tallystick.contract.document import ContractError, join_documents, read_document
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import NotFound, Problem

DOCUMENT = """
openapi: 3.0.3
info: {{title: {api}, version: '1'}}
paths: {{{paths}}}
"""


def operation(name: str, more: str = "") -> str:
    return f"{{get: {{operationId: {name}, responses: {{}}{more}}}}}"


def shape(api: str) -> ErrorRenderer:
    def render(problem: Problem, codes: Codes) -> Answer:  # noqa: ARG001  # a renderer's own
        return Answer(api, problem.status)

    return render


def stranger(problem: Problem, scope: Mapping[str, Any]) -> Answer:  # noqa: ARG001  # likewise
    return Answer("nobody", problem.status)


def nothing() -> dict[str, object]:
    return {}


def plan(**paths: str) -> Plan:
    documents = [
        read_document(api, DOCUMENT.format(api=api, paths=own).encode())
        for api, own in paths.items()
    ]
    bindings = [ApiBinding(d, None, shape(d.api), d.codes) for d in documents]
    handlers = dict.fromkeys(("answer", "manage", "other"), nothing)
    return Plan(bind(join_documents(documents), {}), bindings, handlers, stranger, 100)


def answered_by(found: Plan, path: bytes) -> object:
    try:
        operation, _ = found.route("GET", path)
    except NotFound as problem:
        return found.render(problem, None, {"raw_path": path}).body
    return found.render(Problem(), operation, {"raw_path": path}).body


def test_an_operation_has_the_errors_of_the_api_that_it_names() -> None:
    found = plan(
        one=f"/ones: {operation('answer')}, /two/ones: {operation('manage', ', x-errors: two')}",
        two=f"/two/all: {operation('other')}",
    )
    assert answered_by(found, b"/ones") == "one"
    assert answered_by(found, b"/ones/more") == "one"
    assert answered_by(found, b"/two/ones") == "two"
    assert answered_by(found, b"/two/ones/more") == "two"
    assert answered_by(found, b"/two/nothing") == "two"
    assert answered_by(found, b"/three") == "nobody"


def test_a_browser_at_a_path_without_an_operation_is_a_stranger() -> None:
    found = plan(one=f"/ones: {operation('answer')}")
    scope = {"raw_path": b"/ones/more", "headers": [(b"accept", b"text/html,*/*;q=0.8")]}

    assert found.render(NotFound(), None, scope).body == "nobody"
    assert found.render(NotFound(), found.operations[0], scope).body == "one"


def test_errors_of_an_api_that_there_is_not_are_refused() -> None:
    with pytest.raises(ContractError, match="x-errors names three, an unknown API"):
        plan(one=f"/ones: {operation('answer', ', x-errors: three')}")


def test_a_path_without_a_template_is_known_at_once_under_the_server_s_path_too() -> None:
    text = DOCUMENT.format(api="one", paths=f"/ones: {operation('answer')}") + "x-base-path: /v1\n"
    document = read_document("one", text.encode())
    binding = ApiBinding(document, None, shape("one"), document.codes)
    joined = bind(join_documents([document]), {})
    found = Plan(joined, [binding], {"answer": nothing}, stranger, 100)
    assert found.route("GET", b"/v1/ones") == found.route("GET", b"/ones")
    assert answered_by(found, b"/v1/nothing") == "one"
    assert answered_by(found, b"/v2") == "nobody"


FAULTY = "/ones: {get: {operationId: answer, responses: {}, parameters: [%s, %s]}}" % (
    ("{name: a, in: query, schema: {type: string}}",) * 2
)


def faulty_plan(*, is_foreign: bool, judged: bool) -> Plan:
    text = DOCUMENT.format(api="one", paths=FAULTY)
    document = read_document("one", text.encode())._replace(is_foreign=is_foreign)
    binding = ApiBinding(document, None, shape("one"), document.codes)
    joined = bind(join_documents([document]), {})
    return Plan(joined, [binding], {"answer": nothing}, stranger, 100, judged=judged)


@pytest.mark.parametrize(("is_foreign", "judged"), [(False, False), (True, False), (True, True)])
def test_a_faulty_operation_stops_the_start(is_foreign: bool, judged: bool) -> None:
    with pytest.raises(ContractError, match=r"one.yaml, GET /ones: two parameters of one name: a"):
        faulty_plan(is_foreign=is_foreign, judged=judged)


def test_operations_that_were_judged_are_compiled_when_they_are_used() -> None:
    [operation] = faulty_plan(is_foreign=False, judged=True).operations
    with pytest.raises(ContractError):
        operation.compile()
