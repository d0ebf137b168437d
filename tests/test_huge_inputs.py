"""One request of up to 1 MiB, of whatever text, keeps no other client waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest
from tallystick.contract_tests.api_facts import judged_apis
from tallystick.contract_tests.client import RecordingClient
from tallystick.contract_tests.credentials import ServerCredentials
from tallystick.contract_tests.event_calls import EventCall, list_event_calls
from tallystick.contract_tests.servers import Server
from tallystick.contract_tests.wire import exchange

from reliability import IS_FULL, Figures
from server_process import ServerProcess

MIB = 1024 * 1024
LONGEST_WAIT_S = 0.25


def object_of(start: bytes, member: bytes, end: bytes) -> bytes:
    """An object with many members, which may stand in one of its members."""
    return b"{" + start + b",".join(member % n for n in range(60_000)) + end + b"}"


BODIES = {
    "brackets before quotes": b"[" * 1_001 + b'\\"' * 523_000,
    "arrays that nobody closes": b"[" * MIB,
    "objects that nobody closes": b'{"a":' * (MIB // 5),
    "quotes after brackets": b'["' * (MIB // 2),
    "a key of a megabyte": b'{"' + b"k" * (MIB - 10) + b'":1}',
    "equal keys": b"{" + b'"a":1,' * (MIB // 6 - 2) + b'"a":1}',
    "other keys": b"{" + b",".join(b'"%x":1' % n for n in range(100_000)) + b"}",
    "a number of a million digits": b"9" * (MIB - 1),
    "a fraction of a million digits": b"0." + b"9" * (MIB - 3),
    "numbers of 5,000 digits": b"[" + b",".join([b"9" * 5_000] * 200) + b"]",
    "numbers too large for any machine": b"[" + b",".join([b"1e400"] * (MIB // 7)) + b"]",
    "small numbers": b"[" + b",".join([b"1"] * (MIB // 2 - 2)) + b"]",
    "small numbers and a fault": b"[" + b",".join([b"1"] * (MIB // 2 - 3)) + b",x]",
    "short texts and a fault": b"[" + b",".join([b'""'] * (MIB // 3 - 3)) + b",x]",
    "empty objects and a fault": b"[" + b",".join([b"{}"] * (MIB // 3 - 3)) + b",x]",
    "NaN at the end": b"[" + b",".join([b"1"] * (MIB // 2 - 4)) + b",NaN]",
    "escapes alone": b'"' + b"\\u0041" * (MIB // 6 - 1) + b'"',
    "half pairs": b'"' + b"\\ud800" * (MIB // 6 - 1) + b'"',
    "escaped quotes": b'"' + b'\\"' * (MIB // 2 - 1) + b'"',
    "NUL after NUL": b'"' + b"\\u0000" * (MIB // 6 - 1) + b'"',
    "UTF-16": ('{"a":"' + "x" * (MIB // 2 - 20) + '"}').encode("utf-16"),
    "overlong UTF-8": b'"' + b"\xc0\xaf" * (MIB // 2 - 1) + b'"',
    "arrays in arrays": b"[" * 999 + b"[]," * (MIB // 3 - 1_000) + b"[]" + b"]" * 999,
    "signs that turn the text": b'{"a":"' + "\u202e".encode() * 340_000 + b'"}',
    "a half pair and short texts": b'["\\ud800",' + b'"",' * (MIB // 3 - 8) + b'""]',
    "fractions that are none": b"[" + b",".join([b"1.0"] * (MIB // 4 - 2)) + b"]",
    "empty objects": b"[" + b",".join([b"{}"] * (MIB // 3 - 2)) + b"]",
    "empty objects in a list": b'{"events":[' + b",".join([b"{}"] * (MIB // 3 - 8)) + b"]}",
    "numbers as properties": object_of(b'"properties":{', b'"p%d":1', b"}"),
    "numbers as own fields": object_of(b"", b'"us_%d":1', b""),
    "texts as own fields": object_of(b"", b'"us_%d":"a"', b""),
    "placeholders": b'{"a":"' + b"${." * (MIB // 3 - 5) + b'"}',
}


class Observer:
    """A client beside: it asks again and again, and notes how long it waited."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._is_over = threading.Event()
        self.longest_s = 0.0
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Observer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _ask(self) -> None:
        connection = HTTPConnection(self._address, timeout=60)
        while not self._is_over.is_set():
            began = time.monotonic()
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            self.longest_s = max(self.longest_s, time.monotonic() - began)
        connection.close()


def calls_with_a_body() -> Iterator[EventCall]:
    """Yield the calls of each API that take JSON."""
    for api in judged_apis():
        yield from (call for call in list_event_calls(api) if call.request.body)


@pytest.mark.reliability("Huge inputs")
@pytest.mark.parametrize("call", [*calls_with_a_body()], ids=lambda call: f"{call.label}")
def test_a_body_of_a_megabyte_keeps_no_other_client_waiting(
    call: EventCall, server: ServerProcess, figures: Figures
) -> None:
    client = RecordingClient(server.url)
    judged = Server(server.url, client, ServerCredentials(client, server.stdout))
    head = head_of(call, judged)
    waits = {name: longest_wait_s(server.url, head, body) for name, body in BODIES.items()}

    note_worst(figures, "bodies", waits)


NAMES = "&".join(f"k{n}=1" for n in range(12_000))
SELECTORS = {
    "100 criteria": 'type("HOST")' + ',tag("a:b")' * 100,
    "2,400 negations": "not(" * 2_400 + 'type("HOST")' + ")" * 2_400,
    "negations in a criterion": 'type("HOST"),' + "not(" * 2_000 + 'tag("a")' + ")" * 2_000,
    "relations in relations": 'type("HOST")'
    + ",fromRelationships.runsOn(type(HOST)" * 250
    + ")" * 250,
    "400 ids": "entityId(" + ",".join(f'"HOST-{n:016X}"' for n in range(400)) + ")",
    "quotes that nobody closes": 'type("HOST"),tag("' + '~"' * 4_900,
    "commas": 'type("HOST")' + "," * 9_900,
    "a name of 9,900 characters": f'type("HOST"),entityName("{"x" * 9_900}")',
    "parts that overlap": 'type("HOST"),entityName.contains("' + "a" * 9_000 + '")',
}
QUERIES = {
    "12,000 names": f"/create?{NAMES}",
    "escapes that are cut off": "/create?" + "cl=%4&" * 15_000,
    "one name again and again": "/create?" + "&".join(["cl=EDF"] * 13_000),
    "equals signs": "/create?" + "=&" * 45_000,
    **{
        name: f"/api/v2/entities?entitySelector={quote(selector, safe='')}"
        for name, selector in SELECTORS.items()
    },
}


@pytest.mark.reliability("Huge inputs")
def test_a_query_of_96_kilobytes_keeps_no_other_client_waiting(
    server: ServerProcess, figures: Figures
) -> None:
    heads = {
        name: f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Authorization: Api-Token dt0c01.abc123.abcdefjhij1234567890\r\n"
        "x-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n"
        for name, target in QUERIES.items()
    }
    waits = {name: longest_wait_s(server.url, head.encode(), b"") for name, head in heads.items()}

    note_worst(figures, "queries", waits)


def note_worst(figures: Figures, what: str, waits: dict[str, float]) -> None:
    """Note the longest wait; in the full form, fail where it is too long."""
    worst = max(waits, key=waits.__getitem__)
    figures.note(**{what: len(waits)}, longest_wait=f"{waits[worst] * 1_000:.0f} ms ({worst})")
    slow = {name: wait for name, wait in waits.items() if wait > LONGEST_WAIT_S}
    assert not (IS_FULL and slow), slow


def longest_wait_s(url: str, head: bytes, body: bytes) -> float:
    """Send one body, which must be answered, and return how long another client waited."""
    with Observer(url) as observer:
        reply = exchange(url, [head + b"Content-Length: %d\r\n\r\n" % len(body), body])
    assert 200 <= reply.status < 500, reply
    return observer.longest_s


def head_of(call: EventCall, server: Server) -> bytes:
    """Return the head of a call with its credential, but for the length and the last line."""
    request = call.authorized(server, "huge")
    lines = [f"{request.method} {request.target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "".join(f"{line}\r\n" for line in lines).encode()
