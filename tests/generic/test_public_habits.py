"""What well-known public APIs do with their paths and lists works in a mock of theirs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract_runtime import ContractCaller, mocking

pytestmark = pytest.mark.anyio

CONTRACT = """
openapi: 3.1.0
info: {title: Public, version: '1'}
paths:
  /customers:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: email, in: query, schema: {type: string}}
        - {name: starting_after, in: query, schema: {type: string}}
        - {name: ending_before, in: query, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        '200':
          description: Some.
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Customer'}}
                  has_more: {type: boolean}
    post:
      requestBody: &customer
        content:
          application/json:
            schema: {type: object, properties: {name: {type: string}, email: {type: string}}}
      responses: &answers
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        default: {description: An error.}
  /customers/{customer}:
    parameters: [{name: customer, in: path, required: true, schema: {type: string}}]
    get: {responses: *answers}
    post: {requestBody: *customer, responses: *answers}
  /issues:
    get:
      parameters:
        - name: state
          in: query
          schema: {type: string, enum: [open, closed, all], default: open}
        - {name: kind, in: query, schema: {type: string, default: bug}}
        - {name: per_page, in: query, schema: {type: integer, default: 30}}
      responses:
        '200':
          description: All.
          headers:
            X-Total-Count: {required: true, schema: {type: integer}}
            x-per-page: {schema: {type: integer}}
            X-RateLimit-Limit: {schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Issue'}}
    post:
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {title: {type: string}}}}
      responses:
        '201': &issue
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Issue'}}}
  /issues/{issue_number}:
    parameters: [{name: issue_number, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *issue, '404': {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': *issue, '404': {description: None.}}
  /payments:
    post:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}
      responses:
        '201':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}
  /payments/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Payment'}}}
  /members:
    get:
      responses: &members
        '200':
          description: All.
          content:
            application/json: {schema: {type: array, items: {type: object, required: [id]}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: *members
  /members/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': {description: Gone.}}}
  /refunds:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {reason: {type: string}, team: {type: string}}}
      responses: &refund
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Refund'}}}
  /refunds/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: *refund}
    put:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Refund'}}}
      responses: *refund
  /articles:
    post: &makes_articles
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: &article
        '201': &article_shown
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Article'}}}
        '409': {description: Taken.}
  /articles/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *article_shown, '404': {description: None.}}}
  /invoices:
    post: *makes_articles
  /invoices/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, maxLength: 20}}]
    get: {responses: {'200': *article_shown, '404': {description: None.}}}
  /report:
    get:
      responses:
        '200':
          description: In two types.
          headers:
            Content-Disposition: {schema: {type: string}, example: attachment}
          content:
            text/csv: {schema: {type: string}, example: "a,b"}
            application/json: {schema: {type: array}, example: [a, b]}
  /archive:
    get:
      responses:
        '302': {description: Elsewhere., headers: {Location: {schema: {type: string}}}}
components:
  schemas:
    Customer:
      type: object
      required: [id, created]
      properties:
        id: {type: string}
        created: {type: integer}
        name: {type: string}
        email: {type: string}
        metadata: {type: object, additionalProperties: {type: string}}
    Issue:
      type: object
      required: [id, number, state]
      properties:
        id: {type: integer}
        number: {type: integer}
        title: {type: string}
        state: {type: string}
        kind: {type: string}
    Article: {type: object, properties: {id: {type: string, readOnly: true}}}
    Refund:
      type: object
      properties:
        id: {type: string, readOnly: true}
        note: {type: string}
        reason: {type: string, readOnly: true}
        team: {type: string, readOnly: true}
        state: {type: string, readOnly: true, example: open}
    Payment: {oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Bank'}]}
    Card:
      type: object
      required: [kind, number]
      properties: {id: {type: string}, kind: {const: card}, number: {type: string}}
    Bank:
      type: object
      required: [kind, iban]
      properties:
        id: {type: string}
        kind: {const: bank}
        iban: {type: string}
        bic: {type: string, default: NONE}
"""


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[ContractCaller]:
    async with mocking(tmp_path, CONTRACT) as caller:
        yield caller


async def test_a_post_at_an_item_changes_it(public: ContractCaller) -> None:
    sent = {"name": "Ada", "metadata": {"a": "1"}}
    made = (await public.call("POST", "/customers", sent)).body
    change = {"name": "Eve", "metadata": {"b": "2"}}
    changed = await public.call("POST", f"/customers/{made['id']}", change)
    whole = {**made, "name": "Eve", "metadata": {"a": "1", "b": "2"}}
    assert (changed.status, changed.body) == (200, whole)
    assert (await public.call("GET", f"/customers/{made['id']}")).body == whole
    assert (await public.call("POST", "/customers/nobody", change)).status == 404


@pytest.mark.parametrize(("query", "sizes"), [("limit=2", [2, 2, 1]), ("limit=1&email=b", [1, 1])])
async def test_a_list_goes_on_behind_the_item_that_its_cursor_names(
    public: ContractCaller, query: str, sizes: list[int]
) -> None:
    for email in "ababa":
        await public.call("POST", "/customers", {"email": email})
    pages, after = [], ""
    for _ in sizes:
        pages.append((await public.call("GET", f"/customers?{query}{after}")).body)
        after = f"&starting_after={pages[-1]['data'][-1]['id']}"
    assert [page["has_more"] for page in pages] == [True] * (len(sizes) - 1) + [False]
    assert [len(page["data"]) for page in pages] == sizes
    assert len({item["id"] for page in pages for item in page["data"]}) == sum(sizes)


@pytest.mark.parametrize(("query", "sizes"), [("limit=2", [2, 2]), ("limit=1&email=b", [1, 1])])
async def test_a_list_goes_back_from_the_item_that_its_cursor_names(
    public: ContractCaller, query: str, sizes: list[int]
) -> None:
    made = [(await public.call("POST", "/customers", {"email": each})).body for each in "abab"]
    last = (await public.call("POST", "/customers", {"email": "c"})).body["id"]
    wanted = [each["id"] for each in made if "email" not in query or each["email"] == "b"]
    before, pages = last, list[Any]()
    for _ in sizes:
        found = (await public.call("GET", f"/customers?{query}&ending_before={before}")).body
        pages.insert(0, found)
        before = found["data"][0]["id"]
    assert [page["has_more"] for page in pages] == [False, True]
    assert [item["id"] for page in pages for item in page["data"]] == wanted
    found = (await public.call("GET", f"/customers?{query}&ending_before={before}")).body
    assert found == {"data": [], "has_more": False}


async def test_a_list_goes_one_way_at_a_time(public: ContractCaller) -> None:
    id_ = (await public.call("POST", "/customers", {})).body["id"]
    for other in (f"ending_before={id_}&starting_after={id_}", f"ending_before={id_}&page=2"):
        assert (await public.call("GET", f"/customers?{other}")).status == 400
    assert (await public.call("GET", "/customers?ending_before=nobody")).status == 400


async def test_a_member_of_the_post_alone_is_kept_as_it_was_sent(public: ContractCaller) -> None:
    made = (await public.call("POST", "/refunds", {"reason": "late"})).body
    assert made == {"id": made["id"], "reason": "late", "state": "open"}
    address = f"/refunds/{made['id']}"
    assert (await public.call("GET", address)).body == made
    changed = await public.call("PUT", address, {"note": "n", "reason": "lost", "team": "x"})
    assert changed.body == {**made, "note": "n"}


@pytest.mark.parametrize(("path", "form"), [("/articles", "[0-9]+"), ("/invoices", "[0-9a-f]{20}")])
async def test_an_id_is_one_that_the_path_of_its_item_takes(
    public: ContractCaller, path: str, form: str
) -> None:
    made = [await public.call("POST", path, {"title": "A"}) for _ in range(20)]
    ids = [each.body["id"] for each in made]
    assert len(set(ids)) == 20
    assert all(re.fullmatch(form, each) for each in ids)
    for each in made:
        assert (await public.call("GET", f"{path}/{each.body['id']}")).body == each.body


async def test_a_cursor_may_name_an_item_that_is_gone_by_now(public: ContractCaller) -> None:
    made = [(await public.call("POST", "/customers", {})).body["id"] for _ in range(2)]
    listed = await public.call("GET", f"/customers?starting_after={made[0]}")
    assert [item["id"] for item in listed.body["data"]] == made[1:]


async def test_an_id_is_the_member_that_the_end_of_its_parameter_names(
    public: ContractCaller,
) -> None:
    made = [(await public.call("POST", "/issues", {"title": "A"})).body for _ in range(2)]
    assert [each["number"] for each in made] == [1, 2]
    assert made[0]["id"] != made[1]["id"]
    assert (await public.call("GET", "/issues/2")).body == made[1]


async def test_a_list_with_a_default_filter_shows_what_is_new(public: ContractCaller) -> None:
    for title in "AB":
        await public.call("POST", "/issues", {"title": title})
    await public.call("PATCH", "/issues/1", {"state": "closed"})

    async def titles(query: str) -> str:
        listed = (await public.call("GET", f"/issues{query}")).body
        return "".join(issue["title"] for issue in listed)

    found = [await titles(query) for query in ("", "?state=open", "?state=closed", "?state=all")]
    assert found == ["B", "B", "A", "AB"]
    assert await titles("?state=all&kind=idea") == ""


async def test_headers_of_a_list_count_its_items(public: ContractCaller) -> None:
    for _ in range(3):
        await public.call("POST", "/issues", {})
    headers = (await public.call("GET", "/issues?per_page=2")).headers
    assert (headers["x-total-count"], headers["x-per-page"]) == ("3", "2")
    assert "x-ratelimit-limit" not in headers


async def test_of_several_forms_the_sent_one_is_completed(public: ContractCaller) -> None:
    made = await public.call("POST", "/payments", {"kind": "bank", "iban": "DE"})
    assert {**made.body, "id": ""} == {"kind": "bank", "iban": "DE", "bic": "NONE", "id": ""}


async def test_a_created_item_is_in_the_list_that_is_its_answer(public: ContractCaller) -> None:
    made = await public.call("POST", "/members", {"name": "Ada"})
    assert [member["name"] for member in made.body] == ["Ada"]


@pytest.mark.parametrize(
    ("accept", "body", "media_type"),
    [
        ("*/*", ["a", "b"], "application/json"),
        ("text/csv", "a,b", "text/csv"),
        ("image/png", ["a", "b"], "application/json"),
    ],
)
async def test_an_example_is_in_the_media_type_that_the_caller_takes(
    public: ContractCaller, accept: str, body: object, media_type: str
) -> None:
    said = await public.call("GET", "/report", headers={"accept": accept})
    assert (said.body, said.headers["content-type"]) == (body, media_type)
    assert said.headers["content-disposition"] == "attachment"


async def test_a_redirection_leads_somewhere(public: ContractCaller) -> None:
    assert (await public.call("GET", "/archive")).headers["location"] == "/"
