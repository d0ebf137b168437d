"""Encoded bodies are decoded within bounds, and what can't be decoded is told apart."""

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest
import zstandard

from tallystick.mock.decoded_body import MOST_FRAMES, NotDecoded, decode_body
from tallystick.mock.request_view import undecoded

TEXT = b"a text, a text, a text" * 100
_RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = _RAW.compress(TEXT) + _RAW.flush()
LIMIT = 1_000_000
BOMB = b"\0" * (LIMIT + 1)


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT[:9], mtime=0) + gzip.compress(TEXT[9:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT[:9]) + zstandard.compress(TEXT[9:])),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
    ],
)
def test_each_encoding_is_decoded(encoding: str, encoded: bytes) -> None:
    assert decode_body(encoded, encoding, LIMIT) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_empty_in_every_encoding(encoding: str) -> None:
    assert decode_body(b"", encoding, LIMIT) == b""


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("compress", TEXT),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-3]),
        ("deflate", RAW_DEFLATE[:-3]),
        ("br", b"no brotli"),
        ("br", brotli.compress(TEXT)[:-3]),
        ("zstd", b"no zstd"),
        ("zstd", zstandard.compress(TEXT)[:-3]),
        ("gzip", gzip.compress(BOMB, mtime=0)),
        ("deflate", zlib.compress(BOMB)),
        ("br", brotli.compress(BOMB)),
        ("zstd", zstandard.compress(BOMB)),
        ("zstd", zstandard.compress(b"") * (MOST_FRAMES + 1)),
        ("gzip, gzip, gzip, gzip, gzip", gzip.compress(b"", mtime=0)),
    ],
)
def test_a_broken_a_large_or_an_unknown_body_is_not_decoded(encoding: str, encoded: bytes) -> None:
    with pytest.raises(NotDecoded):
        decode_body(encoded, encoding, LIMIT)


@pytest.mark.parametrize(("encoding", "library"), [("br", "brotli"), ("gzip, ZSTD", "zstandard")])
def test_a_body_whose_library_is_missing_is_not_decoded_and_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, encoding: str, library: str
) -> None:
    assert undecoded("answer", encoding) == (f"answer body can't be decoded from {encoding}",)
    monkeypatch.setitem(sys.modules, library, None)
    for module in ("brotli_body", "zstd_body"):
        monkeypatch.delitem(sys.modules, f"tallystick.mock.{module}", raising=False)
    with pytest.raises(NotDecoded):
        decode_body(b"of any bytes", encoding.rpartition(" ")[2].lower(), LIMIT)
    [told] = undecoded("answer", encoding)
    assert told.endswith(f"from {encoding}: install tallystick[encodings]")
