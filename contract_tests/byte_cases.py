"""Requests as bytes that no decent client sends, and what may be answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

REFUSED = range(400, 500)
ANY = range(200, 500)
"""The server may take it or refuse it, but not break."""
NOT_OFFERED = range(501, 506)
"""501 for an unknown verb or encoding and 505 for a version are the HTTP server's own."""


@dataclass(frozen=True, slots=True)
class Target:
    """An operation that accepts events, with a request that it takes."""

    api: str
    credential: str
    method: str
    path: str
    query: str
    body: bytes


TARGETS = (
    Target(
        "event_store", "key", "POST", "/create", "",
        b'{"cl":"EDF","ty":"BYTES","hs":"AWS","ac":"525060831330","re":"eu-west-3","st":"OK",'
        b'"me":"Operation successful"}',
    ),
    Target(
        "eventhos", "token", "POST", "/event/send", "event-identifier=new-bomb-k736k3hiW7",
        b'{"name":"Morpheush"}',
    ),
    Target(
        "keyastrom", "token", "POST", "/api/v2/events/ingest", "",
        b'{"eventType":"CUSTOM_INFO","title":"Bytes"}',
    ),
)  # fmt: skip
QUERY = "cl=EDF&ty=BYTES&hs=AWS&ac=525060831330&re=eu-west-3&st=OK&me=Operation+successful"
GET = Target("event_store", "key", "GET", "/create", QUERY, b"")


@dataclass(frozen=True, slots=True)
class Case:
    """Bytes to send after the credential is put in, and the statuses that may come back.

    No status at all: the server may close the connection without an answer.
    """

    name: str
    target: Target
    pieces: tuple[bytes, ...]
    statuses: Sequence[int]
    half_close: bool = False
    may_close: bool = False
    pause_s: float = 0.0

    @property
    def id(self) -> str:
        """The case's name among all."""
        return f"{self.target.api} {self.target.method}: {self.name}"


def cases() -> Iterator[Case]:
    """Every case."""
    for target in TARGETS:
        yield from _bodies(target)
        yield from _framings(target)
    yield from _queries()
    yield from _paths()
    yield from _heads()


def _bodies(target: Target) -> Iterator[Case]:
    any_json = target.api == "eventhos"
    taken: Sequence[int] = (200,) if any_json else REFUSED

    def case(name: str, body: bytes, statuses: Sequence[int], *headers: str) -> Case:
        return Case(name, target, (_post(target, body, *headers),), statuses)

    wide = target.body.decode()
    yield case("UTF-8 cut off in a string", b'{"a":"\xc3"}', REFUSED)
    yield case("a byte that UTF-8 does not have", b'"\xff"', REFUSED)
    yield case("an overlong slash", b'"\xc0\xaf"', REFUSED)
    yield case("a surrogate in UTF-8", b'"\xed\xa0\x80"', REFUSED)
    yield case("UTF-16 with a mark", wide.encode("utf-16"), REFUSED)
    yield case("UTF-16 without a mark", wide.encode("utf-16-le"), REFUSED)
    yield case("UTF-32", wide.encode("utf-32"), REFUSED)
    yield case("UTF-8 with a mark", b"\xef\xbb\xbf" + target.body, ANY)
    yield case("NUL as it is", b'"\x00"', REFUSED)
    yield case("NUL alone", b"\x00", REFUSED)
    yield case("NUL escaped", rb'"\u0000"', taken)
    yield case("a lone surrogate", rb'"\ud800"', taken)
    yield case("a lone surrogate as a key", rb'{"\udfff":1}', taken)
    yield case("a pair of surrogates", rb'"\ud83d\ude00"', taken)
    yield case("NaN", b"NaN", REFUSED)
    yield case("NaN in an array", b"[NaN]", REFUSED)
    yield case("Infinity", b"[Infinity]", REFUSED)
    yield case("-Infinity", b'{"a":-Infinity}', REFUSED)
    yield case("an integer of 5,000 digits", b"9" * 5_000, taken)
    yield case("a negative integer of 5,000 digits", b"[-" + b"9" * 5_000 + b"]", taken)
    yield case("1e400", b"1e400", taken)
    yield case("-1e400 in an object", b'{"a":-1e400}', taken)
    yield case("1e-400", b"[1e-400]", taken)
    yield case("a leading zero", b"[01]", REFUSED)
    yield case("a leading plus", b"[+1]", REFUSED)
    yield case("1.", b"[1.]", REFUSED)
    yield case("hexadecimal", b"[0x10]", REFUSED)
    yield case("a comment", b"{}// {}", REFUSED)
    yield case("a trailing comma", b"[1,]", REFUSED)
    yield case("single quotes", b"{'a':1}", REFUSED)
    yield case("a raw newline in a string", b'"a\nb"', REFUSED)
    yield case("100,000 arrays deep", b"[" * 100_000 + b"]" * 100_000, REFUSED)
    yield case("100,000 arrays never closed", b"[" * 100_000, REFUSED)
    yield case("100,000 objects deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, REFUSED)
    yield case("1,001 arrays deep", b"[" * 1_001 + b"]" * 1_001, REFUSED)
    yield case("999 arrays deep", b"[" * 999 + b"]" * 999, taken)
    yield case("brackets in a string are no depth", b'"' + b"[" * 5_000 + b'"', taken)
    yield case("a key given twice", b'{"a":1,"a":2}', taken)
    yield case("100,000 keys", b"{%s}" % b",".join(b'"k%d":1' % n for n in range(60_000)), taken)
    if not any_json:
        yield case("a lone surrogate in a field", target.body[:-1] + rb',"x":"\ud800"}', ANY)
        yield case(
            "5,000 digits in a field", target.body[:-1] + b',"x":' + b"9" * 5_000 + b"}", ANY
        )
        yield case("1e400 in a field", target.body[:-1] + b',"x":1e400}', ANY)
        yield case("NaN in a field", target.body[:-1] + b',"x":NaN}', REFUSED)
        deep = b"[" * 100_000 + b"]" * 100_000
        yield case(
            "100,000 arrays deep in a field", target.body[:-1] + b',"x":' + deep + b"}", REFUSED
        )
    yield case(
        "the charset UTF-8",
        target.body,
        (200, 201),
        "Content-Type: application/json; charset=UTF-8",
    )
    yield case(
        "the charset UTF-16 of UTF-8",
        target.body, REFUSED, "Content-Type: application/json; charset=utf-16",
    )  # fmt: skip
    yield case(
        "the charset ISO-8859-1",
        b'"\xe9"',
        REFUSED,
        "Content-Type: application/json; charset=iso-8859-1",
    )
    yield case(
        "an unknown charset",
        target.body,
        REFUSED,
        "Content-Type: application/json; charset=klingon",
    )
    yield case("no Content-Type", target.body, ANY, "")
    yield case("an empty Content-Type", target.body, ANY, "Content-Type:")
    yield case(
        "a Content-Type of garbage",
        target.body,
        ANY,
        "Content-Type: ;;;=\xff".encode("latin-1").decode("latin-1"),
    )
    yield case(
        "two Content-Types",
        target.body,
        ANY,
        "Content-Type: application/json",
        "Content-Type: text/plain",
    )
    yield case(
        "multipart without a boundary", target.body, ANY, "Content-Type: multipart/form-data"
    )
    yield case(
        "compressed as it is not",
        target.body,
        ANY,
        "Content-Type: application/json",
        "Content-Encoding: gzip",
    )


def _framings(target: Target) -> Iterator[Case]:
    def case(name: str, *pieces: bytes, statuses: Sequence[int], **more: bool | float) -> Case:
        return Case(name, target, pieces, statuses, **more)  # type: ignore[arg-type]

    large = b'{"a":"' + b"x" * 2_000_000 + b'"}'
    chunk = b"%x\r\n%s\r\n" % (len(target.body), target.body)
    big_chunk = b"%x\r\n%s\r\n" % (len(large), large)
    head = _head(target, "Content-Type: application/json")
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    sized = head + b"Content-Length: %d\r\n" % len(target.body)
    ok = (200, 201)
    yield case("a chunked body", chunked, chunk, b"0\r\n\r\n", statuses=ok)
    yield case(
        "a body of one-byte chunks",
        chunked, b"".join(b"1\r\n%c\r\n" % byte for byte in target.body), b"0\r\n\r\n", statuses=ok,
    )  # fmt: skip
    yield case(
        "a chunked body with trailers", chunked, chunk, b"0\r\nX-More: 1\r\n\r\n", statuses=ok
    )
    yield case("a chunk with a bad size", chunked, b"zz\r\n", statuses=REFUSED, may_close=True)
    yield case("a chunk with a negative size", chunked, b"-1\r\n", statuses=REFUSED, may_close=True)
    yield case(
        "a chunked body that ends early",
        chunked,
        chunk[:-20],
        statuses=REFUSED,
        half_close=True,
        may_close=True,
    )
    yield case("an empty chunked body", chunked, b"0\r\n\r\n", statuses=REFUSED)
    yield case(
        "2 MB with their length",
        head + b"Content-Length: %d\r\n\r\n" % len(large),
        large,
        statuses=(413,),
    )
    yield case("2 MB in chunks", chunked, big_chunk, b"0\r\n\r\n", statuses=(413,))
    yield case(
        "2 MB announced and not sent", head + b"Content-Length: 2000000\r\n\r\n", statuses=(413,)
    )
    yield case(
        "a terabyte announced", head + b"Content-Length: 1099511627776\r\n\r\n", statuses=(413,)
    )
    yield case(
        "2 MB after a wait for 100",
        head + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n", statuses=(413, 417),
    )  # fmt: skip
    yield case(
        "a body after a wait for 100", sized + b"Expect: 100-continue\r\n\r\n", target.body,
        statuses=(100, 200, 201), pause_s=0.05,
    )  # fmt: skip
    yield case(
        "a Content-Length in words",
        head + b"Content-Length: ten\r\n\r\n",
        target.body,
        statuses=REFUSED,
        may_close=True,
    )
    yield case(
        "a negative Content-Length",
        head + b"Content-Length: -1\r\n\r\n",
        target.body,
        statuses=REFUSED,
        may_close=True,
    )
    yield case(
        "two Content-Lengths",
        sized + b"Content-Length: 3\r\n\r\n",
        target.body,
        statuses=REFUSED,
        may_close=True,
    )
    yield case(
        "a Content-Length and chunks", sized + b"Transfer-Encoding: chunked\r\n\r\n", chunk, b"0\r\n\r\n",
        statuses=ANY, may_close=True,
    )  # fmt: skip
    yield case(
        "an unknown Transfer-Encoding", head + b"Transfer-Encoding: klingon\r\n\r\n", target.body,
        statuses=[*REFUSED, 501], may_close=True,
    )  # fmt: skip
    yield case(
        "a body half sent, then closed",
        sized + b"\r\n",
        target.body[:10],
        statuses=REFUSED,
        half_close=True,
        may_close=True,
    )
    yield case(
        "a whole request, then half closed",
        sized + b"\r\n",
        target.body,
        statuses=ok,
        half_close=True,
        may_close=True,
    )
    yield case(
        "a request in two pieces",
        sized[:40],
        sized[40:] + b"\r\n" + target.body,
        statuses=ok,
        pause_s=0.05,
    )
    yield case(
        "a body and more than it", sized + b"\r\n" + target.body + b"garbage\r\n\r\n", statuses=ok
    )


def _queries() -> Iterator[Case]:
    def case(name: str, query: str, statuses: Sequence[int]) -> Case:
        line = f"GET /create?{query} HTTP/1.1\r\n".encode("latin-1")
        return Case(
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


def _paths() -> Iterator[Case]:
    def case(name: str, path: str, statuses: Sequence[int] = REFUSED) -> Case:
        line = f"POST {path} HTTP/1.1\r\n".encode("latin-1")
        target = TARGETS[2]
        rest = _post(target, target.body).split(b"\r\n", 1)[1]
        return Case(name, target, (line + rest,), statuses)

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


def _heads() -> Iterator[Case]:
    def case(name: str, head: bytes, statuses: Sequence[int], may_close: bool = False) -> Case:
        return Case(name, GET, (head,), statuses, half_close=may_close, may_close=may_close)

    def line(method: str, *headers: bytes) -> bytes:
        first = f"{method} /create?{QUERY} HTTP/1.1\r\n".encode()
        return (
            first
            + b"".join(
                h + b"\r\n" for h in (b"Host: x", *headers, b"@CREDENTIAL@", b"Connection: close")
            )
            + b"\r\n"
        )

    refused = [*REFUSED, *NOT_OFFERED]
    yield case("an unknown verb", line("FROBNICATE"), refused)
    yield case("a verb in small letters", line("get"), refused)
    yield case("TRACE", line("TRACE"), refused)
    yield case("CONNECT", b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", refused, True)
    yield case("QUERY", line("QUERY"), refused)
    yield case("OPTIONS", line("OPTIONS"), [200, 204, 405])
    yield case(
        "OPTIONS of everything", b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", ANY
    )
    yield case("a header of 60 KB", line("GET", b"X-Long: " + b"x" * 60_000), ANY)
    yield case("a header of 1 MB", line("GET", b"X-Long: " + b"x" * 1_000_000), REFUSED, True)
    yield case("1,000 headers", line("GET", *(b"X-%d: 1" % n for n in range(1_000))), ANY)
    yield case(
        "a URL of 200 KB",
        f"GET /create?{'x' * 200_000} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        REFUSED,
        True,
    )
    yield case("a header without a colon", line("GET", b"nonsense"), REFUSED, True)
    yield case("a header name with a space", line("GET", b"X Y: 1"), ANY, True)
    yield case("a folded header", line("GET", b"X-Y: 1\r\n 2"), ANY, True)
    yield case("NUL in a header", line("GET", b"X-Y: \x00"), ANY, True)
    yield case("bytes beyond ASCII in a header", line("GET", b"X-Y: \xff\xfe"), ANY)
    yield case(
        "bytes beyond ASCII in the credential",
        line("GET").replace(b"@CREDENTIAL@", b"x-api-key: \xff\xfe"),
        REFUSED,
    )
    yield case("two credentials", line("GET", b"x-api-key: wrong"), REFUSED)
    yield case("a Cookie of garbage", line("GET", b"Cookie: ;;==\xff;"), ANY)
    yield case(
        "no Host",
        f"GET /create?{QUERY} HTTP/1.1\r\n@CREDENTIAL@\r\nConnection: close\r\n\r\n".encode(),
        ANY,
    )
    yield case("HTTP/1.0", f"GET /create?{QUERY} HTTP/1.0\r\n@CREDENTIAL@\r\n\r\n".encode(), (200,))
    yield case(
        "HTTP/9.9", f"GET /create?{QUERY} HTTP/9.9\r\nHost: x\r\n\r\n".encode(), refused, True
    )
    yield case("HTTP/0.9", b"GET /create\r\n", REFUSED, True)
    yield case("the start of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refused, True)
    yield case("the start of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", REFUSED, True)
    yield case("a line of garbage", b"garbage\r\n\r\n", REFUSED, True)
    yield case("empty lines alone", b"\r\n\r\n\r\n", REFUSED, True)
    yield case("nothing at all", b"", REFUSED, True)
    yield case("half a request line", b"GET /cre", REFUSED, True)
    yield case("half a head", b"GET /create HTTP/1.1\r\nHost: x\r\n", REFUSED, True)
    yield case("bare line feeds", line("GET").replace(b"\r\n", b"\n"), ANY, True)
    yield case(
        "an upgrade to a web socket",
        line("GET", b"Upgrade: websocket", b"Sec-WebSocket-Key: x"),
        ANY,
        True,
    )


def _post(target: Target, body: bytes, *headers: str) -> bytes:
    head = _head(target, *(headers or ("Content-Type: application/json",)))
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _head(target: Target, *headers: str) -> bytes:
    query = f"?{target.query}" if target.query else ""
    lines = [f"{target.method} {target.path}{query} HTTP/1.1", "Host: x", "@CREDENTIAL@"]
    lines += [*(header for header in headers if header), "Connection: close"]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
