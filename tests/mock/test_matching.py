"""A rule is for requests that match."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
import requests
import zstandard

from tallystick.mock.client import MockRefused, Tallystick

Create = Callable[..., requests.Response]


@pytest.mark.parametrize(
    ("match", "members", "is_met"),
    [
        ({"body": {"$.cl": "EDF"}}, {}, True),
        ({"body": {"$.cl": "ENI"}}, {}, False),
        ({"body": {"$.cl": {"$regex": "^E"}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {}, True),
        ({"body": {"$.im": {"$exists": False}}}, {"im": "MAJOR"}, False),
        ({"body": {"$[?@.a == 1].b": 2}}, {"us_x": "y"}, False),
        ({"header": {"X-API-Key": {"$exists": True}}}, {}, True),
        ({"query": {"cl": "EDF"}}, {}, False),
    ],
)
def test_a_rule_is_for_requests_that_match(
    mock: Tallystick, create: Create, match: Any, members: Any, is_met: bool
) -> None:
    mock.rule(operation="createEvent", match=match, answer={"code": 503})

    assert (create(**members).status_code == 503) is is_met


def test_no_expression_takes_for_ever(mock: Tallystick, create: Create) -> None:
    mock.rule(
        operation="createEvent", match={"body": {"$.me": {"$regex": "^(a+)+$"}}}, fault="reset"
    )

    assert create(me="a" * 250 + "!").elapsed.total_seconds() < 2


@pytest.mark.parametrize(
    ("wanted", "is_met"),
    [
        ("b", True),
        ("c", False),
        ({"$any": "a"}, True),
        ({"$any": "c"}, False),
        ({"$all": ["b"]}, True),
        ({"$all": ["b", "c"]}, False),
        ({"$exactly": ["b", "a"]}, True),
        ({"$exactly": ["a"]}, False),
        ({"$exactly": ["a", "b", "b"]}, False),
        ({"$regex": "^b"}, True),
    ],
)
@pytest.mark.parametrize("part", ["query", "header"])
def test_all_values_of_a_repeated_name_count(
    mock: Tallystick, part: str, wanted: Any, is_met: bool
) -> None:
    parts = urlsplit(mock.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.putrequest("GET", "/create?tag=a&tag=b")
    connection.putheader("tag", "a")
    connection.putheader("tag", "b")
    connection.endheaders()
    connection.getresponse().read()
    connection.close()

    mock.verify(match={part: {"tag": wanted}}, times=int(is_met))
    [request] = mock.requests
    assert (request.query["tag"], request.headers["tag"]) == (["a", "b"], ["a", "b"])


def test_a_form_matches_by_its_fields(mock: Tallystick) -> None:
    form = {"grant_type": "client_credentials", "scope": ["a", "b"]}
    requests.post(f"{mock.url}/create", data=form, timeout=10)

    mock.verify(match={"form": {"grant_type": "client_credentials"}}, times=1)
    mock.verify(match={"form": {"scope": {"$exactly": ["a", "b"]}}}, times=1)
    mock.verify(match={"form": {"grant_type": "password"}}, times=0)
    assert mock.requests[0].form["scope"] == ["a", "b"]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_an_encoded_body_is_decoded_to_match(
    mock: Tallystick, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    mock.rule(operation="createEvent", match={"body": {"$.cl": "EDF"}}, answer={"code": 503})
    body = encode(b'{"cl": "EDF"}')

    answer = requests.post(f"{mock.url}/create", data=body, headers=headers, timeout=10)

    assert answer.status_code == 503
    mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=1)
    assert mock.requests[0].body == {"cl": "EDF"}


def test_a_rule_passes_by_what_can_not_be_decoded_and_verify_says_so(mock: Tallystick) -> None:
    headers = {"Content-Encoding": "compress", "Content-Type": "application/json"}
    mock.rule(operation="createEvent", match={"body": {"$.cl": "EDF"}}, answer={"code": 503})

    answer = requests.post(f"{mock.url}/create", data=b"x", headers=headers, timeout=10)

    assert answer.status_code != 503
    assert mock.requests[0].unjudged == ["request body can't be decoded from compress"]
    with pytest.raises(AssertionError, match="found 0 and 1 whose body can't be judged"):
        mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, times=0)


@pytest.mark.parametrize("test", ["$all", "$exactly"])
def test_several_values_are_a_list(mock: Tallystick, test: str) -> None:
    with pytest.raises(MockRefused, match="is not a list"):
        mock.rule(match={"query": {"a": {test: "b"}}}, fault="reset")
