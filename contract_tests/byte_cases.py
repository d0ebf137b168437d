"""Requests as bytes that no decent client sends, and what may be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

REFUSED = range(400, 500)
ANY = range(200, 500)
"""The server may take it or refuse it, but not break."""
NOT_OFFERED = range(501, 506)
"""501 for an unknown verb or encoding and 505 for a version are the HTTP server's own."""


@dataclass(frozen=True, slots=True)
class ByteTarget:
    """An operation that accepts events, with a request that it takes."""

    api: str
    credential: str
    method: str
    path: str
    query: str
    body: bytes

    @property
    def any_json(self) -> Sequence[int]:
        """What becomes of JSON that is no event of an API that has a form for events."""
        return (200,) if self.api == "eventhos" else REFUSED

    def with_x(self, value: bytes) -> bytes:
        """The body with one more member, of which the contract says nothing."""
        return self.body[:-1] + b',"x":' + value + b"}"


TARGETS = (
    ByteTarget(
        "event_store", "key", "POST", "/create", "",
        b'{"cl":"EDF","ty":"BYTES","hs":"AWS","ac":"525060831330","re":"eu-west-3","st":"OK",'
        b'"me":"Operation successful"}',
    ),
    ByteTarget(
        "eventhos", "token", "POST", "/event/send", "event-identifier=new-bomb-k736k3hiW7",
        b'{"name":"Morpheush"}',
    ),
    ByteTarget(
        "keyastrom", "token", "POST", "/api/v2/events/ingest", "",
        b'{"eventType":"CUSTOM_INFO","title":"Bytes"}',
    ),
)  # fmt: skip
QUERY = "cl=EDF&ty=BYTES&hs=AWS&ac=525060831330&re=eu-west-3&st=OK&me=Operation+successful"
GET = ByteTarget("event_store", "key", "GET", "/create", QUERY, b"")


@dataclass(frozen=True, slots=True)
class ByteCase:
    """Bytes to send after the credential is put in, and the statuses that may come back.

    No status at all: the server may close the connection without an answer.
    """

    name: str
    target: ByteTarget
    pieces: tuple[bytes, ...]
    statuses: Sequence[int]
    half_close: bool = False
    may_close: bool = False
    pause_s: float = 0.0

    @property
    def id(self) -> str:
        """The case's name among all."""
        return f"{self.target.api} {self.target.method}: {self.name}"


def cases() -> Iterator[ByteCase]:
    """Every case."""
    for target in TARGETS:
        yield from _texts(target)
        yield from _numbers(target)
        yield from _structures(target)
        yield from _types(target)
        yield from _framings(target)
    yield from _queries()
    yield from _paths()
    yield from _heads()


# fmt: off
def _texts(target: ByteTarget) -> Iterator[ByteCase]:
    wide = target.body.decode()
    yield from _case_of_each(target, [
        ("UTF-8 cut off in a string", b'{"a":"\xc3"}', REFUSED),
        ("a byte that UTF-8 does not have", b'"\xff"', REFUSED),
        ("an overlong slash", b'"\xc0\xaf"', REFUSED),
        ("a surrogate in UTF-8", b'"\xed\xa0\x80"', REFUSED),
        ("UTF-16 with a mark", wide.encode("utf-16"), REFUSED),
        ("UTF-16 without a mark", wide.encode("utf-16-le"), REFUSED),
        ("UTF-32", wide.encode("utf-32"), REFUSED),
        ("UTF-8 with a mark", b"\xef\xbb\xbf" + target.body, ANY),
        ("NUL as it is", b'"\x00"', REFUSED),
        ("NUL alone", b"\x00", REFUSED),
        ("NUL escaped", rb'"\u0000"', target.any_json),
        ("a lone surrogate", rb'"\ud800"', target.any_json),
        ("a lone surrogate as a key", rb'{"\udfff":1}', target.any_json),
        ("a lone surrogate in a field", target.with_x(rb'"\ud800"'), ANY),
        ("a pair of surrogates", rb'"\ud83d\ude00"', target.any_json),
        ("single quotes", b"{'a':1}", REFUSED),
        ("a raw newline in a string", b'"a\nb"', REFUSED),
    ])


def _numbers(target: ByteTarget) -> Iterator[ByteCase]:
    digits = b"9" * 5_000
    yield from _case_of_each(target, [
        ("NaN", b"NaN", REFUSED),
        ("NaN in an array", b"[NaN]", REFUSED),
        ("NaN in a field", target.with_x(b"NaN"), REFUSED),
        ("Infinity", b"[Infinity]", REFUSED),
        ("-Infinity", b'{"a":-Infinity}', REFUSED),
        ("an integer of 5,000 digits", digits, target.any_json),
        ("a negative integer of 5,000 digits", b"[-" + digits + b"]", target.any_json),
        ("5,000 digits in a field", target.with_x(digits), ANY),
        ("1e400", b"1e400", target.any_json),
        ("-1e400 in an object", b'{"a":-1e400}', target.any_json),
        ("1e400 in a field", target.with_x(b"1e400"), ANY),
        ("1e-400", b"[1e-400]", target.any_json),
        ("a leading zero", b"[01]", REFUSED),
        ("a leading plus", b"[+1]", REFUSED),
        ("1.", b"[1.]", REFUSED),
        ("hexadecimal", b"[0x10]", REFUSED),
    ])


def _structures(target: ByteTarget) -> Iterator[ByteCase]:
    deep = b"[" * 100_000 + b"]" * 100_000
    keys = b",".join(b'"k%d":1' % number for number in range(60_000))
    yield from _case_of_each(target, [
        ("100,000 arrays deep", deep, REFUSED),
        ("100,000 arrays deep in a field", target.with_x(deep), REFUSED),
        ("100,000 arrays never closed", b"[" * 100_000, REFUSED),
        ("100,000 objects deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, REFUSED),
        ("1,001 arrays deep", b"[" * 1_001 + b"]" * 1_001, REFUSED),
        ("999 arrays deep", b"[" * 999 + b"]" * 999, target.any_json),
        ("brackets in a string are no depth", b'"' + b"[" * 5_000 + b'"', target.any_json),
        ("a key given twice", b'{"a":1,"a":2}', target.any_json),
        ("60,000 keys", b"{" + keys + b"}", target.any_json),
        ("a comment", b"{}// {}", REFUSED),
        ("a trailing comma", b"[1,]", REFUSED),
    ])


def _types(target: ByteTarget) -> Iterator[ByteCase]:
    json = "Content-Type: application/json"
    # The other two APIs read any Content-Type as JSON, and JSON is UTF-8.
    other = REFUSED if target.api == "event_store" else ANY
    for name, statuses, headers in [
        ("the charset UTF-8", (200, 201), [f"{json}; charset=UTF-8"]),
        ("the charset UTF-16 of UTF-8", other, [f"{json}; charset=utf-16"]),
        ("an unknown charset", other, [f"{json}; charset=klingon"]),
        ("no Content-Type", ANY, [""]),
        ("an empty Content-Type", ANY, ["Content-Type:"]),
        ("a Content-Type of garbage", ANY, ["Content-Type: ;;;=\xff"]),
        ("two Content-Types", ANY, [json, "Content-Type: text/plain"]),
        ("multipart without a boundary", ANY, ["Content-Type: multipart/form-data"]),
        ("compressed as it is not", ANY, [json, "Content-Encoding: gzip"]),
    ]:
        yield ByteCase(name, target, (_post(target, target.body, *headers),), statuses)
    latin = _post(target, b'"\xe9"', f"{json}; charset=iso-8859-1")
    yield ByteCase("the charset ISO-8859-1", target, (latin,), REFUSED)


def _framings(target: ByteTarget) -> Iterator[ByteCase]:
    large = b'{"a":"' + b"x" * 2_000_000 + b'"}'
    head = _head(target, "Content-Type: application/json")
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    sized = head + b"Content-Length: %d\r\n" % len(target.body)
    announced = head + b"Content-Length: 2000000\r\n"
    chunk, last, ok = _chunk(target.body), b"0\r\n\r\n", (200, 201)
    bytewise = b"".join(_chunk(bytes([byte])) for byte in target.body)

    def case(name: str, statuses: Sequence[int], *pieces: bytes) -> ByteCase:
        return ByteCase(name, target, pieces, statuses)

    yield case("a chunked body", ok, chunked, chunk, last)
    yield case("a body of one-byte chunks", ok, chunked, bytewise, last)
    yield case("a chunked body with trailers", ok, chunked, chunk, b"0\r\nX-More: 1\r\n\r\n")
    yield case("an empty chunked body", REFUSED, chunked, last)
    yield case("2 MB with their length", (413,), announced + b"\r\n", large[:2_000_000])
    yield case("2 MB in chunks", (413,), chunked, _chunk(large), last)
    yield case("2 MB announced and not sent", (413,), announced + b"\r\n")
    yield case("a terabyte announced", (413,), head + b"Content-Length: 1099511627776\r\n\r\n")
    yield case("2 MB after a wait", (413, 417), announced + b"Expect: 100-continue\r\n\r\n")
    yield case("a body and more than it", ok, sized + b"\r\n" + target.body + b"garbage\r\n\r\n")
    whole = sized + b"\r\n" + target.body
    yield ByteCase("a request in two pieces", target, (whole[:9], whole[9:]), ok, pause_s=0.05)
    waiting = sized + b"Expect: 100-continue\r\n\r\n"
    yield ByteCase("a body after a wait", target, (waiting, target.body), ok, pause_s=0.05)
    yield from _broken_framings(target, head, sized, chunked)


def _broken_framings(
    target: ByteTarget, head: bytes, sized: bytes, chunked: bytes
) -> Iterator[ByteCase]:
    def case(name: str, *pieces: bytes, statuses: Sequence[int] = REFUSED) -> ByteCase:
        return ByteCase(name, target, pieces, statuses, half_close=True, may_close=True)

    body, chunk = target.body, _chunk(target.body)
    both = sized + b"Transfer-Encoding: chunked\r\n\r\n"
    unknown = head + b"Transfer-Encoding: klingon\r\n\r\n"
    yield case("a chunk with a bad size", chunked, b"zz\r\n")
    yield case("a chunk with a negative size", chunked, b"-1\r\n")
    yield case("a chunked body that ends early", chunked, chunk[:-20])
    yield case("a Content-Length in words", head + b"Content-Length: ten\r\n\r\n", body)
    yield case("a negative Content-Length", head + b"Content-Length: -1\r\n\r\n", body)
    yield case("two Content-Lengths", sized + b"Content-Length: 3\r\n\r\n", body)
    yield case("a Content-Length and chunks", both, chunk, b"0\r\n\r\n", statuses=ANY)
    yield case("an unknown Transfer-Encoding", unknown, body, statuses=[*REFUSED, 501])
    yield case("a body half sent, then closed", sized + b"\r\n", body[:10])
    yield case("a whole request, then half closed", sized + b"\r\n", body, statuses=ANY)


def _queries() -> Iterator[ByteCase]:
    def case(name: str, query: str, statuses: Sequence[int]) -> ByteCase:
        line = f"GET /create?{query} HTTP/1.1\r\n".encode("latin-1")
        return ByteCase(
            name, GET, (line + b"Host: x\r\n@CREDENTIAL@\r\nConnection: close\r\n\r\n",), statuses
        )

    yield case("%FF in a value", QUERY.replace("EDF", "%FF"), (400,))
    yield case("%FF in a name", QUERY + "&%FF=1", (400,))
    yield case("UTF-8 cut off in a value", QUERY.replace("Operation", "%C3"), (400,))
    yield case("a surrogate in a value", QUERY.replace("Operation", "%ED%A0%80"), (400,))
    yield case("NUL in a client name", QUERY.replace("EDF", "ED%00F"), (400,))
    yield case("NUL in a message", QUERY.replace("Operation", "%00"), ANY)
    yield case("%2F in an account", QUERY.replace("525060831330", "a%2Fb"), (400,))
    yield case("a newline after the client name", QUERY.replace("EDF", "EDF%0A"), (400,))
    yield case("a broken escape in a client name", QUERY.replace("EDF", "EDF%"), (400,))
    yield case("a broken escape in a message", QUERY.replace("Operation", "50%ZZ"), ANY)
    yield case("bytes beyond ASCII", QUERY.replace("Operation", "\xe9t\xe9"), REFUSED)
    yield case("a key given twice", QUERY + "&cl=EDF", (400,))
    yield case("a key given twice in another spelling", QUERY + "&%63l=EDF", (400,))
    yield case("brackets", QUERY.replace("cl=", "cl[]="), (400,))
    yield case("a second question mark", QUERY + "?&?", ANY)
    yield case("ampersands alone", "&&&&", (400,))
    yield case("equals signs alone", "====", (400,))
    yield case("semicolons between", QUERY.replace("&", ";"), (400,))
    yield case("1,000 parameters", QUERY + "".join(f"&k{n}=1" for n in range(1_000)), (200,))
    yield case("a very long value", QUERY.replace("EDF", "x" * 60_000), REFUSED)


def _paths() -> Iterator[ByteCase]:
    def case(name: str, path: str, statuses: Sequence[int] = REFUSED) -> ByteCase:
        line = f"POST {path} HTTP/1.1\r\n".encode("latin-1")
        target = TARGETS[2]
        rest = _post(target, target.body).split(b"\r\n", 1)[1]
        return ByteCase(name, target, (line + rest,), statuses)

    yield case("NUL in the path", "/e/%00/api/v2/events/ingest")
    yield case("%FF in the path", "/e/%FF/api/v2/events/ingest")
    yield case("%2F in the path", "/e/a%2Fb/api/v2/events/ingest")
    yield case("%2E%2E in the path", "/e/%2E%2E/api/v2/events/ingest", ANY)
    yield case("two dots in the path", "/e/../api/v2/events/ingest", ANY)
    yield case("two slashes in the path", "//api/v2/events/ingest")
    yield case("an empty segment", "/e//api/v2/events/ingest")
    yield case("a newline in the path", "/e/a%0A/api/v2/events/ingest")
    yield case("a broken escape in the path", "/e/%/api/v2/events/ingest")
    yield case("bytes beyond ASCII in the path", "/e/\xe9/api/v2/events/ingest")
    yield case("an escaped letter in a fixed segment", "/api/v2/events/inges%74", ANY)
    yield case("a semicolon after the path", "/api/v2/events/ingest;v=1")
    yield case("a very long segment", "/e/" + "x" * 60_000 + "/api/v2/events/ingest")
    yield case("the whole URL as target", "http://x/api/v2/events/ingest", ANY)
    yield case("an asterisk as target", "*")
    yield case("no slash before the path", "create")


def _heads() -> Iterator[ByteCase]:
    refused = [*REFUSED, *NOT_OFFERED]
    for name, statuses, head in [
        ("an unknown verb", refused, _get("FROBNICATE")),
        ("a verb in small letters", refused, _get("get")),
        ("TRACE", refused, _get("TRACE")),
        ("QUERY", refused, _get("QUERY")),
        ("OPTIONS", (200, 204, 405), _get("OPTIONS")),
        ("a header of 60 KB", ANY, _get("GET", b"X-Long: " + b"x" * 60_000)),
        ("1,000 headers", ANY, _get("GET", *(b"X-%d: 1" % number for number in range(1_000)))),
        ("bytes beyond ASCII in a header", ANY, _get("GET", b"X-Y: \xff\xfe")),
        ("bytes beyond ASCII in the key", REFUSED, _get("GET", key=b"x-api-key: \xff\xfe")),
        ("two keys", ANY, _get("GET", b"x-api-key: wrong")),
        ("a Cookie of garbage", ANY, _get("GET", b"Cookie: ;;==\xff;")),
        ("no Host", ANY, _get("GET").replace(b"Host: x\r\n", b"")),
        ("HTTP/1.0", (200,), _get("GET").replace(b"HTTP/1.1", b"HTTP/1.0")),
    ]:
        yield ByteCase(name, GET, (head,), statuses)
    yield from _broken_heads()


def _broken_heads() -> Iterator[ByteCase]:
    for name, head in [
        ("CONNECT", b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("OPTIONS of everything", b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ("a header of 1 MB", _get("GET", b"X-Long: " + b"x" * 1_000_000)),
        ("a URL of 200 KB", b"GET /create?" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a header without a colon", _get("GET", b"nonsense")),
        ("a header name with a space", _get("GET", b"X Y: 1")),
        ("a folded header", _get("GET", b"X-Y: 1\r\n 2")),
        ("NUL in a header", _get("GET", b"X-Y: \x00")),
        ("HTTP/9.9", _get("GET").replace(b"HTTP/1.1", b"HTTP/9.9")),
        ("HTTP/0.9", b"GET /create\r\n"),
        ("the start of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("the start of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("a line of garbage", b"garbage\r\n\r\n"),
        ("empty lines alone", b"\r\n\r\n\r\n"),
        ("nothing at all", b""),
        ("half a request line", b"GET /cre"),
        ("half a head", b"GET /create HTTP/1.1\r\nHost: x\r\n"),
        ("bare line feeds", _get("GET").replace(b"\r\n", b"\n")),
        ("an upgrade", _get("GET", b"Upgrade: websocket", b"Sec-WebSocket-Key: x")),
    ]:
        statuses = [*ANY, *NOT_OFFERED]
        yield ByteCase(name, GET, (head,), statuses, half_close=True, may_close=True)


def _get(method: str, *headers: bytes, key: bytes = b"@CREDENTIAL@") -> bytes:
    lines = [f"{method} /create?{QUERY} HTTP/1.1".encode(), b"Host: x", *headers, key]
    return b"".join(line + b"\r\n" for line in [*lines, b"Connection: close"]) + b"\r\n"
# fmt: on


def _case_of_each(
    target: ByteTarget, bodies: Iterable[tuple[str, bytes, Sequence[int]]]
) -> Iterator[ByteCase]:
    for name, body, statuses in bodies:
        yield ByteCase(name, target, (_post(target, body),), statuses)


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def _post(target: ByteTarget, body: bytes, *headers: str) -> bytes:
    head = _head(target, *(headers or ("Content-Type: application/json",)))
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _head(target: ByteTarget, *headers: str) -> bytes:
    query = f"?{target.query}" if target.query else ""
    lines = [f"{target.method} {target.path}{query} HTTP/1.1", "Host: x", "@CREDENTIAL@"]
    lines += [*(header for header in headers if header), "Connection: close"]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
