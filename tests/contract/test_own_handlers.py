"""Handlers in a package of one's own are bound by operationId, as Connexion binds them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tallystick.contract.answer import Answer
from tallystick.contract.document import ContractError
from tallystick.contract.own_handlers import find_handler, load_package

HANDLERS = """
from connexion.exceptions import ProblemException
from connexion.problem import problem

def create_customer(body): return {"made": body}, 201
async def getCustomer(customerId): return {"id": customerId}
def list_customers(page_size=10): return page_size
def everything(**given): return given
def refuse(): return problem(409, "Taken", "It is there.")
def tell(): return {1, 2}
def fail(): raise ProblemException(status=418, title="No", detail="A teapot.")
"""


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with a module in it, which can be imported while the test runs."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text(HANDLERS)
    (folder / "notes.py").write_text("def add(): return 'added'\n")
    (folder / "broken.py").write_text("import nothing_of_that_name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def query(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "in": "query"} for name in names]


def answer(operation_id: str, given: Mapping[str, Any] = {}, **more: Any) -> Any:
    handler = find_handler("shop", {"operationId": operation_id, **more})
    assert handler
    return asyncio.run(handler(**given))


def said(operation_id: str, given: Mapping[str, Any] = {}, **more: Any) -> tuple[Any, int]:
    """What a function answers, and its status."""
    found = answer(operation_id, given, **more)
    return json.loads(found.body), found.status


def test_a_function_is_found_by_the_operation_id_in_either_spelling() -> None:
    assert said("createCustomer", {"body": {"name": "Ada"}}) == ({"made": {"name": "Ada"}}, 201)
    parameters = query("customerId")
    assert said("getCustomer", {"customer_id": "7"}, parameters=parameters) == ({"id": "7"}, 200)


def test_a_function_gets_the_arguments_that_it_names_in_either_spelling() -> None:
    given = {"page_size": 5, "unnamed": 1}
    assert said("listCustomers", given, parameters=query("pageSize")) == (5, 200)
    assert said("listCustomers") == (10, 200)
    assert said("everything", given) == (given, 200)


def test_a_function_that_wants_what_its_operation_lacks_is_refused() -> None:
    with pytest.raises(ContractError, match="wants customerId, which getCustomer"):
        find_handler("shop", {"operationId": "getCustomer", "parameters": query("id")})


def test_a_function_is_found_in_the_module_that_the_contract_names() -> None:
    assert said("notes.add") == ("added", 200)
    for module in ("notes", "shop.notes"):
        controller: dict[str, Any] = {"x-openapi-router-controller": module}
        assert said("add", {}, **controller) == ("added", 200)


def test_an_answer_that_is_no_json_is_the_functions_failure() -> None:
    with pytest.raises(TypeError):
        answer("tell")


def test_connexions_responses_and_problems_are_answers() -> None:
    taken = answer("refuse")
    assert isinstance(taken, Answer)
    assert (taken.status, taken.headers["Content-Type"]) == (409, "application/problem+json")
    assert answer("fail").status == 418


def test_an_operation_without_a_function_has_none() -> None:
    assert find_handler("shop", {"operationId": "deleteCustomer"}) is None
    assert find_handler("shop", {"operationId": "other.module"}) is None


def test_a_package_that_cannot_be_loaded_is_said_with_the_reason() -> None:
    with pytest.raises(ContractError, match="nowhere"):
        load_package("nowhere")
    with pytest.raises(ContractError, match="nothing_of_that_name"):
        find_handler("shop", {"operationId": "broken.add"})
