"""The proxy passes calls on as they are, and says what is wrong with them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest
import requests
import zstandard

from tallystick.mock.client import MockRefused, Tallystick
from tallystick.mock.process import MockProcess, NotStarted

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"
CREATED = {"statusCode": 200, "message": "Event created successfully", "id": ID}
SECRET = "the-vendors-own-key"
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class Vendor:
    """The real server: answers as it is told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.missing = 0
        self.status = 200
        self.headers: dict[str, str] = JSON
        self.body = json.dumps(CREATED).encode()
        self.seen: list[tuple[str, dict[str, str], bytes]] = []


@pytest.fixture
def vendor() -> Iterator[tuple[Vendor, str]]:
    told = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.seen.append((self.requestline, {**self.headers}, body))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body) + told.missing))
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_GET = _answer  # noqa: N815  # named by the standard library

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told, f"http://127.0.0.1:{server.server_port}/base"
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(vendor: tuple[Vendor, str]) -> Iterator[Tallystick]:
    process = MockProcess("--upstream", vendor[1], command="proxy")
    yield Tallystick(process.url)
    process.stop()


def _create(proxy: Tallystick, **members: Any) -> requests.Response:
    body = {**EVENT, **members}
    return requests.post(
        f"{proxy.url}/create?x=%2F%20y", json=body, headers={"x-api-key": SECRET}, timeout=10
    )


def test_a_call_and_its_answer_are_passed_as_they_are(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    answer = _create(proxy)

    [(line, headers, body)] = vendor[0].seen
    assert line == "POST /base/create?x=%2F%20y HTTP/1.1"
    assert headers["x-api-key"] == SECRET
    assert headers["Host"] == vendor[1].split("/")[2]
    assert json.loads(body) == EVENT
    assert answer.json() == CREATED
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Tallystick-Violations" not in answer.headers
    assert len(answer.raw.headers.getlist("Date")) == 1


def test_what_is_wrong_with_a_call_is_said_and_it_is_passed_all_the_same(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    answer = _create(proxy, cl="x")

    assert answer.json() == CREATED
    assert "body cl must have at least 3" in answer.headers["Tallystick-Violations"]
    assert len(vendor[0].seen) == 1
    assert [v["code"] for v in proxy.requests[0].violations] == ["C002"]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda raw: zlib.compress(raw, wbits=-zlib.MAX_WBITS)),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_a_valid_encoded_answer_is_no_violation_and_a_broken_one_is_found(
    proxy: Tallystick,
    vendor: tuple[Vendor, str],
    encoding: str,
    encode: Callable[[bytes], bytes],
) -> None:
    vendor[0].headers = {**JSON, "Content-Encoding": encoding}
    vendor[0].body = encode(json.dumps(CREATED).encode())
    answer = _create_raw(proxy)
    assert answer.raw.read() == vendor[0].body
    assert "Tallystick-Violations" not in answer.headers
    assert "Tallystick-Unjudged" not in answer.headers
    assert proxy.requests[0].answer["body"] == CREATED

    vendor[0].body = encode(b"{}")
    assert "statusCode is missing" in _create_raw(proxy).headers["Tallystick-Violations"]


def _create_raw(proxy: Tallystick) -> requests.Response:
    url, headers = f"{proxy.url}/create", {"x-api-key": SECRET}
    return requests.post(url, json=EVENT, headers=headers, timeout=10, stream=True)


def test_an_answer_that_can_not_be_decoded_is_not_judged(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    vendor[0].headers = {**JSON, "Content-Encoding": "compress"}

    answer = _create_raw(proxy)

    assert answer.headers["Tallystick-Unjudged"] == "answer body can't be decoded from compress"
    assert "Tallystick-Violations" not in answer.headers
    assert proxy.requests[0].unjudged == ["answer body can't be decoded from compress"]


@pytest.mark.parametrize(
    ("encoding", "body", "unjudged"),
    [
        ("br", brotli.compress(json.dumps(EVENT).encode()), None),
        ("compress", b"x", "request body can't be decoded from compress"),
    ],
)
def test_an_encoded_request_is_judged_by_its_content(
    proxy: Tallystick, encoding: str, body: bytes, unjudged: str | None
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding, "x-api-key": "k"}

    answer = requests.post(f"{proxy.url}/create", data=body, headers=headers, timeout=10)

    assert "Tallystick-Violations" not in answer.headers
    assert answer.headers.get("Tallystick-Unjudged") == unjudged


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (418, JSON, b"{}", "answer status is 418"),
        (200, JSON, b"{}", "answer statusCode is missing"),
        (200, JSON, b"{", "answer body is not JSON"),
        (200, {"Content-Type": "text/plain"}, b"ok", "answer Content-Type must be"),
        (503, JSON, b'{"statusCode":503,"code":"503","message":"x","errors":[]}', "Retry-After"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_and_it_is_passed_all_the_same(
    proxy: Tallystick,
    vendor: tuple[Vendor, str],
    status: int,
    headers: dict[str, str],
    body: bytes,
    said: str,
) -> None:
    vendor[0].status, vendor[0].headers, vendor[0].body = status, headers, body

    answer = _create(proxy)

    assert (answer.status_code, answer.content) == (status, body)
    assert said in answer.headers["Tallystick-Violations"]
    assert proxy.requests[0].violations[0]["where"] == "answer"


def test_it_says_where_calls_go_and_offers_no_credentials_of_its_own(
    vendor: tuple[Vendor, str],
) -> None:
    command = [sys.executable, "-m", "tallystick", "proxy", "--port", "0", "--upstream"]
    with subprocess.Popen(
        [*command, vendor[1].replace("//", "//user:password@")], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        said = [next(process.stderr) for _ in range(3)]
        process.terminate()

    assert said[0] == f"passing calls on to {vendor[1]}\n"
    assert said[1].startswith("requests at http")
    assert said[2].startswith("listening on http")


def test_a_compressed_answer_is_judged_and_passed_compressed(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    vendor[0].headers = {**JSON, "Content-Encoding": "gzip"}
    vendor[0].body = gzip.compress(json.dumps(CREATED).encode())

    answer = _create(proxy)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json() == CREATED
    assert "Tallystick-Violations" not in answer.headers
    assert proxy.requests[0].answer["body"] == CREATED


def test_an_answer_of_40_megabytes_is_passed_as_it_comes(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    vendor[0].body = b'{"a":"' + b"x" * 40_000_000 + b'"}'

    answer = _create(proxy)

    assert answer.content == vendor[0].body
    assert "body is too large" in answer.headers["Tallystick-Unjudged"]
    assert "body" not in answer.headers.get("Tallystick-Violations", "")


def test_an_answer_that_breaks_off_is_broken_off(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    vendor[0].body, vendor[0].missing = b"x" * 40_000_000, 1

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _create(proxy)
    vendor[0].body, vendor[0].missing = json.dumps(CREATED).encode(), 0
    assert _create(proxy).json() == CREATED


def test_paths_that_the_contract_does_not_know_are_passed_too(
    proxy: Tallystick, vendor: tuple[Vendor, str]
) -> None:
    answer = requests.get(f"{proxy.url}/other", timeout=10)

    assert answer.json() == CREATED
    assert "outside the contract" in answer.headers["Tallystick-Violations"]
    assert requests.get(f"{proxy.url}/healthz", timeout=10).json() == CREATED
    assert len(vendor[0].seen) == 2


def test_credentials_are_masked(proxy: Tallystick, vendor: tuple[Vendor, str]) -> None:
    _create(proxy)

    assert SECRET not in str(proxy.requests[0].content)
    assert SECRET in str(vendor[0].seen)


def test_a_server_that_is_not_there_is_a_502_of_the_proxy_s() -> None:
    process = MockProcess("--upstream", "http://127.0.0.1:1", command="proxy")
    try:
        answer = requests.get(f"{process.url}/create", timeout=10)
    finally:
        process.stop()

    assert answer.status_code == 502
    assert answer.headers["Tallystick-Proxy"] == "not passed"


def test_a_proxy_makes_up_no_answer(proxy: Tallystick) -> None:
    with pytest.raises(MockRefused, match="no answers of its own"):
        proxy.fail_next("createEvent")


def test_what_was_sent_is_verified(proxy: Tallystick) -> None:
    _create(proxy)

    proxy.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=1)


@pytest.mark.parametrize(
    ("options", "env", "said"),
    [
        (["--ca", "none.pem"], {}, "none.pem: No such file"),
        (["--client-cert", "none.pem"], {}, "none.pem: No such file"),
        ([], {"HTTPS_PROXY": "socks5://x:1"}, "HTTPS_PROXY must be a URL of http://"),
    ],
)
def test_what_it_can_not_use_on_the_way_to_the_upstream_is_told(
    monkeypatch: pytest.MonkeyPatch, options: list[str], env: dict[str, str], said: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotStarted, match=said):
        MockProcess("--upstream", "https://api.test", *options, command="proxy")


def test_insecure_is_a_warning(vendor: tuple[Vendor, str]) -> None:
    command = [sys.executable, "-m", "tallystick", "proxy", "--port", "0", "--insecure"]
    with subprocess.Popen(
        [*command, "--upstream", vendor[1]], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert next(process.stderr).startswith("WARNING --insecure")
        process.terminate()


def test_a_strict_proxy_passes_no_call_with_violations(vendor: tuple[Vendor, str]) -> None:
    process = MockProcess("--upstream", vendor[1], "--strict", command="proxy")
    try:
        proxy = Tallystick(process.url)
        assert _create(proxy).json() == CREATED
        answer = _create(proxy, cl="x")
        assert answer.status_code == 502
        assert answer.headers["Tallystick-Proxy"] == "not passed"
        assert "body cl must have at least 3" in answer.json()["detail"]
        assert len(vendor[0].seen) == 1
        assert [request.status for request in proxy.requests] == [200, 502]

        vendor[0].body = b"{}"
        answer = _create(proxy)
        assert answer.status_code == 502
        assert "answer statusCode is missing" in answer.json()["detail"]
    finally:
        process.stop()
