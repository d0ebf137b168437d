"""A contract at a URL is read from its origin alone, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tallystick.contract.reader import places
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.reader.faults import UnreadableContract
from tallystick.contract.reader.places import without_secrets

CRM = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /open: {get: {responses: {}}}
  /cars: {get: {responses: {'200': {$ref: 'REFERENCE'}}}}
"""


class Site(ThreadingHTTPServer):
    """Answers with texts by path; a text that is a URL or a path is a redirect."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        text = self.server.texts.get(self.path)
        if text is None:
            self.send_response(404)
        elif text.startswith(("/", "http:")):
            self.send_response(302)
            self.send_header("Location", text)
        else:
            self.send_response(200)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(**texts: str) -> Iterator[Site]:
    site = Site({f"/{name.replace('_', '/')}.yaml": text for name, text in texts.items()})
    thread = Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


def test_a_contract_and_its_parts_are_read_from_their_origin() -> None:
    with serving(
        v1_crm=CRM.replace("REFERENCE", "../parts.yaml#/found"), parts="found: {description: D}"
    ) as site:
        [contract] = read_contracts([site.url("/v1/crm.yaml")])

        assert contract.faults == ()
        assert contract.document.api == "crm"
        assert contract.files == (site.url("/v1/crm.yaml"), site.url("/parts.yaml"))


@pytest.mark.parametrize("how", ["by reference", "by redirect", "by its own name"])
def test_nothing_is_read_from_another_origin(how: str) -> None:
    with serving(secret="found: {description: D}") as private:
        target = private.url("/secret.yaml")
        if how == "by its own name":
            target = target.replace("127.0.0.1", "localhost")
        reference = "moved.yaml" if how == "by redirect" else target
        with serving(crm=CRM.replace("REFERENCE", f"{reference}#/found"), moved=target) as site:
            [contract] = read_contracts([site.url("/crm.yaml")])

        assert [*contract.document.content["paths"]] == ["/open"]
        [fault] = contract.faults
        assert "origin" in fault.message
        assert private.asked == []


def test_a_file_is_no_part_of_a_contract_at_a_url() -> None:
    with serving(crm=CRM.replace("REFERENCE", "file:///etc/hostname")) as site:
        [contract] = read_contracts([site.url("/crm.yaml")])

    assert "leads away from the document's origin" in contract.faults[0].message


def test_references_start_from_where_a_redirect_led_to() -> None:
    with serving(
        old="/v2/crm.yaml",
        v2_crm=CRM.replace("REFERENCE", "parts.yaml#/found"),
        v2_parts="found: {description: D}",
    ) as site:
        [contract] = read_contracts([site.url("/old.yaml")])

    assert contract.faults == ()


def test_redirects_within_the_origin_are_followed_up_to_a_bound() -> None:
    with serving(
        old="/crm.yaml", crm=CRM.replace("REFERENCE", "loop.yaml"), loop="/loop.yaml"
    ) as site:
        [contract] = read_contracts([site.url("/old.yaml")])

    assert "redirects more than 5 times" in contract.faults[0].message


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:{port}/no.yaml", "was answered with 404"),
        ("http://127.0.0.1:1/crm.yaml", "can't be read"),
        ("http://[/crm.yaml", "is no URL that can be called"),
        ("http://127.0.0.1:99999/crm.yaml", "is no URL that can be called"),
    ],
)
def test_a_url_that_can_t_be_read_is_told(url: str, message: str) -> None:
    with serving() as site, pytest.raises(UnreadableContract, match=message):
        read_contracts([url.replace("{port}", str(site.server_port))])


def test_a_text_larger_than_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_BYTES", 1000)
    with (
        serving(crm=CRM + "#" * 1000) as site,
        pytest.raises(UnreadableContract, match="is larger than 1,000 bytes"),
    ):
        read_contracts([site.url("/crm.yaml")])


def test_a_site_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_SECONDS", 0.1)
    silent = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)  # listens, and answers nobody
    with pytest.raises(UnreadableContract, match=r"took longer than 0\.1 seconds"):
        read_contracts([f"http://127.0.0.1:{silent.server_port}/crm.yaml"])
    silent.server_close()


def test_a_contract_of_too_many_slow_texts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_ALL_SECONDS", -1)
    with (
        serving(crm=CRM) as site,
        pytest.raises(UnreadableContract, match="all texts took longer than -1 seconds"),
    ):
        read_contracts([site.url("/crm.yaml")])


def test_faults_show_no_secret_of_a_url() -> None:
    with serving() as site, pytest.raises(UnreadableContract) as refused:
        read_contracts([site.url("/crm.yaml?token=hidden").replace("//", "//user:hidden@")])

    assert "hidden" not in str(refused.value)
    assert without_secrets("https://a:b@example.org/c?d#e") == "https://example.org/c"
