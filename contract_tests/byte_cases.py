"""Malformed requests as bytes, and the allowed answers to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .byte_target import ANY, MARK, REFUSED, ByteTarget, head_of, post_of, whole_of
from .event_calls import EventCall, list_event_calls
from .servers import Server

NOT_OFFERED = range(501, 506)
"""The HTTP server's own 501 for an unknown method or encoding, and 505 for a version."""


@dataclass(frozen=True, slots=True)
class ByteCase:
    """Bytes to send with a credential, and the allowed statuses.

    Without any status, the server may close the connection without an answer.
    """

    name: str
    target: ByteTarget
    pieces: tuple[bytes, ...]
    statuses: Sequence[int]
    half_close: bool = False
    may_close: bool = False
    may_differ: bool = False
    """True if another right server may wait for the rest, or close the connection unanswered."""
    others: Sequence[int] = ()
    """Statuses of other right servers, by what reads their requests."""
    pause_s: float = 0.0

    @property
    def id(self) -> str:
        """Return the case's unique name."""
        return f"{self.target.call.api} {self.target.method}: {self.name}"


def api_cases(api: str) -> Iterator[ByteCase]:
    """Yield the cases of an API, with gaps for the ids and times of its calls."""
    for call in list_event_calls(api):
        yield from cases(call)


def cases(call: EventCall) -> Iterator[ByteCase]:
    """Yield the cases of one call; those of the head are sent once to each API."""
    target = ByteTarget(call)
    if target.body:
        yield from _texts(target)
        yield from _numbers(target)
        yield from _structures(target)
        yield from _types(target)
        yield from _framings(target)
    elif target.query:
        yield from _queries(target)
    if call.facts == list_event_calls(call.api)[0].facts:
        yield from _paths(target)
        yield from _heads(target)
    if "templated" in call.facts:
        yield from _segments(target)


# fmt: off
def _texts(target: ByteTarget) -> Iterator[ByteCase]:
    wide = target.body.decode()
    yield from _case_of_each(target, [
        ("UTF-8 cut off in a string", b'{"a":"\xc3"}', REFUSED),
        ("a byte that UTF-8 does not have", b'"\xff"', REFUSED),
        ("UTF-8 cut off in a field", target.with_x(b'"\xc3"'), target.no_json),
        ("a byte that UTF-8 does not have in a field", target.with_x(b'"\xff"'), target.no_json),
        ("an overlong slash", b'"\xc0\xaf"', REFUSED),
        ("a surrogate in UTF-8", b'"\xed\xa0\x80"', REFUSED),
        ("UTF-16 with a mark", wide.encode("utf-16"), target.no_json),
        ("UTF-16 without a mark", wide.encode("utf-16-le"), target.no_json),
        ("UTF-32", wide.encode("utf-32"), target.no_json),
        ("UTF-8 with a mark", b"\xef\xbb\xbf" + target.body, ANY),
        ("NUL as it is", b'"\x00"', REFUSED),
        ("NUL alone", b"\x00", REFUSED),
        ("NUL escaped", rb'"\u0000"', target.any_json),
        ("a lone surrogate", rb'"\ud800"', target.any_json),
        ("a lone surrogate as a key", rb'{"\udfff":1}', target.any_object),
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
        ("NaN in a field", target.with_x(b"NaN"), target.no_json),
        ("Infinity", b"[Infinity]", REFUSED),
        ("-Infinity", b'{"a":-Infinity}', REFUSED),
        ("an integer of 5,000 digits", digits, target.any_json),
        ("a negative integer of 5,000 digits", b"[-" + digits + b"]", target.any_json),
        ("5,000 digits in a field", target.with_x(digits), ANY),
        ("1e400", b"1e400", target.any_json),
        ("-1e400 in an object", b'{"a":-1e400}', target.any_object),
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
        ("a key given twice", b'{"a":1,"a":2}', target.any_object),
        ("60,000 keys", b"{" + keys + b"}", target.any_object),
        ("a comment", b"{}// {}", REFUSED),
        ("a trailing comma", b"[1,]", REFUSED),
    ])


def _types(target: ByteTarget) -> Iterator[ByteCase]:
    json = "Content-Type: application/json"
    for name, statuses, headers in [
        ("the charset UTF-8", target.taken, [f"{json}; charset=UTF-8"]),
        ("the charset UTF-16 of UTF-8", target.any_type, [f"{json}; charset=utf-16"]),
        ("an unknown charset", target.any_type, [f"{json}; charset=klingon"]),
        ("no Content-Type", ANY, [""]),
        ("an empty Content-Type", ANY, ["Content-Type:"]),
        ("a Content-Type of garbage", ANY, ["Content-Type: ;;;=\xff"]),
        ("two Content-Types", ANY, [json, "Content-Type: text/plain"]),
        ("multipart without a boundary", ANY, ["Content-Type: multipart/form-data"]),
        ("compressed as it is not", ANY, [json, "Content-Encoding: gzip"]),
        ("another type of JSON", target.any_type, ["Content-Type: application/x+json"]),
        ("JSON that is called XML", target.no_json_type, ["Content-Type: application/xml"]),
    ]:
        yield ByteCase(name, target, (post_of(target, target.body, *headers),), statuses)
    latin = post_of(target, b'"\xe9"', f"{json}; charset=iso-8859-1")
    yield ByteCase("the charset ISO-8859-1", target, (latin,), REFUSED)


def _framings(target: ByteTarget) -> Iterator[ByteCase]:
    large = target.body.ljust(2_000_000)
    head = head_of(target, "Content-Type: application/json")
    too_large = target.too_large
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    sized = head + b"Content-Length: %d\r\n" % len(target.body)
    announced = head + b"Content-Length: 2000000\r\n"
    chunk, last, ok = _chunk(target.body), b"0\r\n\r\n", target.taken
    bytewise = b"".join(_chunk(bytes([byte])) for byte in target.body)

    def case(name: str, statuses: Sequence[int], *pieces: bytes) -> ByteCase:
        return ByteCase(name, target, pieces, statuses)

    def open_case(name: str, statuses: Sequence[int], piece: bytes) -> ByteCase:
        return replace(case(name, statuses, piece), may_differ=True)

    yield case("a chunked body", ok, chunked, chunk, last)
    yield case("a body of one-byte chunks", ok, chunked, bytewise, last)
    yield case("a chunked body with trailers", ok, chunked, chunk, b"0\r\nX-More: 1\r\n\r\n")
    yield case("an empty chunked body", target.no_body, chunked, last)
    yield case("2 MB with their length", too_large, announced + b"\r\n", large)
    # Flask reads as much as it may, and then it reads no JSON.
    in_chunks = case("2 MB in chunks", too_large, chunked, _chunk(large), last)
    yield replace(in_chunks, others=(400,))
    yield open_case("2 MB announced and not sent", too_large, announced + b"\r\n")
    terabyte = head + b"Content-Length: 1099511627776\r\n\r\n"
    yield open_case("a terabyte announced", too_large, terabyte)
    waiting = announced + b"Expect: 100-continue\r\n\r\n"
    yield open_case("2 MB after a wait", (*too_large, 417), waiting)
    more = sized + b"\r\n" + target.body + b"garbage\r\n\r\n"
    yield open_case("a body and more than it", ok, more)
    whole = sized + b"\r\n" + target.body
    yield ByteCase("a request in two pieces", target, (whole[:9], whole[9:]), ok, pause_s=0.05)
    waiting = sized + b"Expect: 100-continue\r\n\r\n"
    yield ByteCase("a body after a wait", target, (waiting, target.body), ok, pause_s=0.05)
    yield from _broken_framings(target, head, sized, chunked)


def _broken_framings(
    target: ByteTarget, head: bytes, sized: bytes, chunked: bytes
) -> Iterator[ByteCase]:
    def case(name: str, *pieces: bytes, statuses: Sequence[int] = REFUSED) -> ByteCase:
        # Behind gunicorn it is the application that reads, and fails.
        own = ByteCase(name, target, pieces, statuses, half_close=True, may_close=True)
        return replace(own, others=(500,) if name.startswith("a chunk") else ())

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


def _queries(target: ByteTarget) -> Iterator[ByteCase]:
    query = target.query
    fields = query.split("&")
    name, value = fields[0].split("=")
    respelled = f"%{ord(name[0]):x}{fields[0][1:]}"

    def case(name: str, query: str, statuses: Sequence[int]) -> ByteCase:
        return _sent_to(target, name, f"{target.path}?{query}", statuses)

    def first(value: str, as_name: str = name) -> str:
        return "&".join([f"{as_name}={value}", *fields[1:]])

    def last(value: str) -> str:
        return query.replace(MARK, value)

    yield case("%FF in a value", first("%FF"), (400,))
    yield case("%FF in a name", query + "&%FF=1", (400,))
    yield case("UTF-8 cut off in a value", last("%C3"), (400,))
    yield case("a surrogate in a value", last("%ED%A0%80"), (400,))
    yield case("NUL in the first value", first(f"{value}%00"), (400,))
    yield case("NUL in a text", last("%00"), ANY)
    yield case("%2F in the first value", first("a%2Fb"), (400,))
    yield case("a newline after the first value", first(f"{value}%0A"), (400,))
    yield case("a broken escape in the first value", first(f"{value}%"), (400,))
    yield case("a broken escape in a text", last("50%ZZ"), ANY)
    yield case("bytes beyond ASCII", last("\xe9t\xe9"), REFUSED)
    yield case("a key given twice", f"{query}&{fields[0]}", (400,))
    yield case("a key given twice in another spelling", f"{query}&{respelled}", (400,))
    yield case("brackets", first(value, f"{name}[]"), (400,))
    yield case("a second question mark", query + "?&?", ANY)
    yield case("ampersands alone", "&&&&", (400,))
    yield case("equals signs alone", "====", (400,))
    yield case("semicolons between", query.replace("&", ";"), (400,))
    yield case("1,000 parameters", query + "".join(f"&k{n}=1" for n in range(1_000)), target.taken)
    yield case("a very long value", first("x" * 60_000), REFUSED)


def _paths(target: ByteTarget) -> Iterator[ByteCase]:
    def case(name: str, path: str, statuses: Sequence[int] = REFUSED) -> ByteCase:
        return _sent_to(target, name, path, statuses)

    path = target.path
    # What follows two slashes is a host by RFC 3986, which some leave out.
    # Go leads such a call to the path without.
    others = [*target.taken, *target.moved]
    yield replace(case("two slashes in the path", f"/{path}"), others=others)
    yield case("an escaped letter in a fixed segment", f"{path[:-1]}%{ord(path[-1]):x}", ANY)
    # To Spring it is a parameter of the segment, by RFC 3986, 3.3.
    yield replace(case("a semicolon after the path", f"{path};v=1"), others=target.taken)
    yield case("the whole URL as target", f"http://x{path}", ANY)
    yield case("an asterisk as target", "*")
    yield case("no slash before the path", path[1:])


def _segments(target: ByteTarget) -> Iterator[ByteCase]:
    def case(name: str, segment: str, statuses: Sequence[int] = REFUSED) -> ByteCase:
        path = target.call.facts["templated"].replace("{}", segment)
        return _sent_to(target, name, path, statuses)

    yield case("NUL in the path", "%00")
    yield case("%FF in the path", "%FF")
    yield case("%2F in the path", "a%2Fb")
    yield case("%2E%2E in the path", "%2E%2E", ANY)
    yield case("two dots in the path", "..", ANY)
    yield case("an empty segment", "")
    yield case("a newline in the path", "a%0A")
    yield case("a broken escape in the path", "%")
    yield case("bytes beyond ASCII in the path", "\xe9")
    yield case("a very long segment", "x" * 60_000)


def _heads(target: ByteTarget) -> Iterator[ByteCase]:
    refused = [*REFUSED, *NOT_OFFERED]
    name = (target.call.credential_header or "Authorization").encode()
    keyless = REFUSED if target.call.credential else ANY
    method = target.method

    def head(method: str, *headers: bytes, key: bytes = b"@CREDENTIAL@") -> bytes:
        return whole_of(target, method, *headers, key=key)

    for title, statuses, piece in [
        ("an unknown verb", refused, head("FROBNICATE")),
        ("a verb in small letters", refused, head(method.lower())),
        ("TRACE", refused, head("TRACE")),
        ("QUERY", refused, head("QUERY")),
        ("OPTIONS", (200, 204, 405), head("OPTIONS")),
        ("a header of 60 KB", ANY, head(method, b"X-Long: " + b"x" * 60_000)),
        ("1,000 headers", ANY, head(method, *(b"X-%d: 1" % number for number in range(1_000)))),
        ("bytes beyond ASCII in a header", ANY, head(method, b"X-Y: \xff\xfe")),
        ("bytes beyond ASCII in the key", keyless, head(method, key=name + b": \xff\xfe")),
        ("two keys", ANY, head(method, name + b": wrong")),
        ("a Cookie of garbage", ANY, head(method, b"Cookie: ;;==\xff;")),
        ("no Host", ANY, head(method).replace(b"Host: x\r\n", b"")),
        ("HTTP/1.0", target.taken, head(method).replace(b"HTTP/1.1", b"HTTP/1.0")),
    ]:
        yield ByteCase(title, target, (piece,), statuses)
    yield from _broken_heads(target)


def _broken_heads(target: ByteTarget) -> Iterator[ByteCase]:
    method = target.method
    start = f"{method} {target.path}".encode()
    good = whole_of(target, method)

    def with_header(header: bytes) -> bytes:
        return whole_of(target, method, header)

    for name, head in [
        ("CONNECT", b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("OPTIONS of everything", b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ("a header of 1 MB", with_header(b"X-Long: " + b"x" * 1_000_000)),
        ("a URL of 200 KB", start + b"?" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a header without a colon", with_header(b"nonsense")),
        ("a header name with a space", with_header(b"X Y: 1")),
        ("a folded header", with_header(b"X-Y: 1\r\n 2")),
        ("NUL in a header", with_header(b"X-Y: \x00")),
        ("HTTP/9.9", good.replace(b"HTTP/1.1", b"HTTP/9.9")),
        ("HTTP/0.9", start + b"\r\n"),
        ("the start of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("the start of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("a line of garbage", b"garbage\r\n\r\n"),
        ("empty lines alone", b"\r\n\r\n\r\n"),
        ("nothing at all", b""),
        ("half a request line", start[:-2]),
        ("half a head", start + b" HTTP/1.1\r\nHost: x\r\n"),
        ("bare line feeds", good.replace(b"\r\n", b"\n")),
        ("an upgrade", with_header(b"Upgrade: websocket\r\nSec-WebSocket-Key: x")),
    ]:
        statuses = [*ANY, *NOT_OFFERED]
        yield ByteCase(name, target, (head,), statuses, half_close=True, may_close=True)
# fmt: on


def _case_of_each(
    target: ByteTarget, bodies: Iterable[tuple[str, bytes, Sequence[int]]]
) -> Iterator[ByteCase]:
    for name, body, statuses in bodies:
        yield ByteCase(name, target, (post_of(target, body),), statuses)


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def authorized_pieces(case: ByteCase, server: Server) -> list[bytes]:
    """Return the bytes with the credential inserted; raise `NoCredential` without one."""
    call = case.target.call
    if call.credential is None:
        return [piece.replace(b"@CREDENTIAL@\r\n", b"") for piece in case.pieces]
    found = server.world.credential(call.api, call.credential)
    headers = [each for each in (found, *found.others) if each.place == "header"]
    lines = b"".join(f"{each.name}: {each.secret}\r\n".encode() for each in headers)
    pieces = [piece.replace(b"@CREDENTIAL@\r\n", lines) for piece in case.pieces]
    for each in (found, *found.others):
        if each.place == "query" and pieces:
            method, _, rest = pieces[0].partition(b" ")
            target, version, rest = rest.partition(b" HTTP/")
            query = each.in_query(target.decode("latin-1")).encode("latin-1")
            pieces[0] = b" ".join([method, query + version + rest]) if version else pieces[0]
    return pieces


def _sent_to(target: ByteTarget, name: str, where: str, statuses: Sequence[int]) -> ByteCase:
    """Return a case with another request target."""
    line = f"{target.method} {where} HTTP/1.1\r\n".encode("latin-1")
    rest = whole_of(target, target.method).split(b"\r\n", 1)[1]
    return ByteCase(name, target, (line + rest,), statuses)
