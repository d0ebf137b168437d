"""The pages show every document, run under their policy and ask nobody."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
import requests
from markupsafe import escape
from playwright.sync_api import Browser, Page, Request

from server_process import ServerProcess
from tallystick import web
from tallystick.clients import list_languages, write_programs
from tallystick.contract.document import Document, read_document, read_documents

DOCUMENTS = read_documents()
BY_API = {document.api: document for document in DOCUMENTS}
HOSTILE = b"""
openapi: 3.0.3
info: {title: <script>alert(1)</script>, version: 1.0.0, description: <img src=x onerror=alert(2)>}
paths:
  /a:
    get:
      operationId: getA
      summary: </style><script>alert(3)</script>
      description: '[click](javascript:alert(4))'
      responses: {'200': {description: '<b onclick="alert(5)">'}}
"""


@cache
def programs_of(api: str) -> Mapping[str, Mapping[str, str]]:
    """Return the programs of an API's operations."""
    return write_programs(BY_API[api])


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """A tab at the server; what the page asks of others, or complains of, fails the test."""
    context = browser.new_context(base_url=server.url)
    tab = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.is_navigation_request() and not request.url.endswith("/readyz"):
            asked.append(request.url)

    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", note)
    yield tab
    context.close()
    assert complaints == []
    assert asked == []


def test_the_reference_has_every_operation_and_every_error_code() -> None:
    index = web.reference_index(DOCUMENTS).html.decode()

    for document in DOCUMENTS:
        html = web.reference_page(document.api, DOCUMENTS).html.decode()
        for path, _, operation in document.operations():
            assert f'<article id="{operation["operationId"]}"' in html
            assert f"<code>{path}</code>" in html
            assert f'href="/docs/{document.api}#{operation["operationId"]}"' in index
        for code in document.codes:
            assert f'<th scope="row"><code>{code}</code></th>' in html
            assert f'href="/docs/{document.api}#code-{code}"' in index


def test_no_page_is_larger_than_150_kb_on_the_wire() -> None:
    made = [web.reference_index(DOCUMENTS), web.landing_page(DOCUMENTS, is_mock=True, dev=True)]
    made += [web.reference_page(d.api, DOCUMENTS, programs_of(d.api)) for d in DOCUMENTS]

    assert max(len(gzip.compress(page.html, 6)) for page in made) <= 150_000


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.api)
def test_every_link_within_a_page_of_the_reference_leads_somewhere(document: Document) -> None:
    html = web.reference_page(document.api, DOCUMENTS, programs_of(document.api)).html.decode()

    ids = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


def test_the_pages_name_nothing_to_load() -> None:
    for made in (
        web.reference_index(DOCUMENTS),
        web.reference_page("gateway", DOCUMENTS),
        web.landing_page(DOCUMENTS, is_mock=True, dev=True),
    ):
        html = made.html.decode()
        assert re.findall(r"<(?:script|img|iframe|object|embed)\s[^>]*", html) == []
        assert re.findall(r"<link(?! rel=\"icon\" href=\"data:)[^>]*", html) == []
        assert "@import" not in html
        assert "url(" not in html


def test_what_a_document_says_is_shown_and_never_run() -> None:
    html = web.reference_page("hostile", [read_document("hostile", HOSTILE)]).html.decode()

    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<b onclick" not in html
    assert 'href="javascript:' not in html


def test_the_reference_runs_under_its_policy_and_asks_nobody(page: Page) -> None:
    page.goto("/docs/gateway")

    assert "Tallystick" in page.title()
    # The script has run: the lines go to where the page came from.
    assert "127.0.0.1:8080" not in page.inner_text("#listStoredEvents .curl")


def test_the_filter_is_reached_and_left_by_keyboard(page: Page) -> None:
    page.goto("/docs/gateway")
    articles = page.locator("article[data-operation]:visible")
    count = articles.count()

    page.keyboard.press("/")
    page.keyboard.type("cursor Specversion")
    assert articles.evaluate_all("all => all.map(a => a.id)") == ["listStoredEvents"]
    page.keyboard.type(" nowhere")
    assert page.is_visible("#nothing")
    page.keyboard.press("Escape")
    assert articles.count() == count


def test_the_index_finds_an_error_code_of_any_api(page: Page) -> None:
    page.goto("/docs")

    page.fill("#filter", "C002")
    page.locator("[data-code]:visible a").first.click()

    page.wait_for_url("**/docs/event_store#code-C002")
    assert page.is_visible("#code-C002")


def test_answers_stand_open_beside_the_request_on_a_wide_screen(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/docs/event_store")
    request = page.locator("#createEvent .request").bounding_box()
    answers = page.locator("#createEvent .answers").bounding_box()

    assert request
    assert answers
    assert answers["x"] > request["x"] + request["width"]
    assert answers["y"] == request["y"]
    assert page.locator(".answer:not([open])").count() == 0


@pytest.mark.parametrize("api", ["charon", "event_store", "eventgrid", "eventhos", "keyastrom"])
def test_the_page_of_an_api_has_a_program_of_each_operation_in_each_language(
    server: ServerProcess, api: str
) -> None:
    # The tests of the clients build these same programs.
    html = requests.get(f"{server.url}/docs/{api}", timeout=20).text

    for _, _, operation in BY_API[api].operations():
        for language in list_languages():
            program = programs_of(api)[operation["operationId"]][language]
            assert f"<code>{escape(program)}</code>" in html


def test_a_link_leads_to_an_operation_that_the_filter_hides(page: Page) -> None:
    page.goto("/docs/gateway")
    page.fill("#filter", "nowhere")

    page.evaluate("location.hash = 'getReadiness'")

    page.wait_for_selector("#getReadiness", state="visible")


def test_the_reference_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/docs/gateway")

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert not page.is_visible("nav li")


def test_the_choice_of_dark_is_remembered(page: Page) -> None:
    page.goto("/docs/gateway")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.click("#theme")
    page.reload()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_the_landing_page_says_how_the_server_is(page: Page) -> None:
    page.goto("/")

    page.wait_for_selector("#state.ready")
    assert page.inner_text("#state") == "It is ready: it takes events."
    assert "dev world" in page.inner_text("main")


@pytest.mark.parametrize("path", ["/nothing", "/gateway/v1/nothing", "/api/v2/nothing/at/all"])
def test_a_browser_at_an_unknown_path_gets_a_page(server: ServerProcess, path: str) -> None:
    browsing = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = requests.get(server.url + path, headers=browsing, timeout=20)

    assert page.status_code == 404
    assert page.headers["Content-Type"] == "text/html"
    assert "<h1>404 Not Found</h1>" in page.text
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0"):
        answer = requests.get(server.url + path, headers={"Accept": accept}, timeout=20)
        assert answer.status_code == 404
        assert "json" in answer.headers["Content-Type"]


def test_a_browser_keeps_the_other_statuses(server: ServerProcess) -> None:
    answer = requests.post(f"{server.url}/docs", headers={"Accept": "text/html"}, timeout=20)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "<h1>405 Method Not Allowed</h1>" in answer.text


def test_every_link_of_the_landing_page_leads_somewhere(page: Page) -> None:
    page.goto("/")
    links = page.eval_on_selector_all("a", "all => all.map(a => a.href)")

    assert len(links) > len(DOCUMENTS)
    for link in links:
        assert page.request.get(link).status == 200
