"""What is kept of an attempt is bounded, and holds no secret."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from yarl import URL

from tallystick.delivery.adapter import EndpointResponse, OutgoingRequest
from tallystick.delivery.attempt_record import (
    BODY_LIMIT,
    HEADERS_LIMIT,
    mask_error,
    to_record,
)


def test_secrets_are_masked_by_their_names_in_headers_and_query() -> None:
    url = "https://a.example/?apikey=s3cret&n=1"
    headers = [("Private-Token", "s3cret"), ("Ocp-Apim-Subscription-Key", "s3cret"), ("X-N", "1")]
    response = EndpointResponse(200, [("Set-Cookie", "s3cret")], b"", False)
    text = to_record(OutgoingRequest("GET", url, headers), headers, response)
    assert "s3cret" not in text
    assert json.loads(text)["request"]["url"] == "https://a.example/?apikey=***&n=1"
    assert ["X-N", "1"] in json.loads(text)["request"]["headers"]


def test_of_many_headers_the_first_are_kept_and_the_others_counted() -> None:
    headers = [("X-Repeated", "v" * 90)] * 160_000
    request = OutgoingRequest("POST", "https://a.example/", headers, masked=["hush"] * 100)
    text = to_record(request, headers, "no answer")
    kept = json.loads(text)["request"]["headers"]
    assert kept[-1] == ["…", f"{160_000 - HEADERS_LIMIT // 100} more"]
    assert len(text) < 2 * HEADERS_LIMIT + 10_000


SECRET = 'a "b"/ü:c~d\\'


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        f"http://a.example/{URL('http://a').with_path('/' + SECRET).raw_path}",
        str(URL("http://a.example/") % {"q": SECRET}),
        str(URL(f"http://a.example/?q={SECRET}")),
    ],
)
def test_a_secret_is_masked_however_it_is_spelled(spelled: str) -> None:
    request = OutgoingRequest("POST", spelled, (), spelled.encode(), masked=[SECRET])
    response = EndpointResponse(200, [("X-Echo", spelled)], f"you said {spelled}".encode(), False)
    for text in (to_record(request, [("X", spelled)], response), mask_error(spelled, request)):
        for piece in ("%22b", "%5C", "c~d", 'b\\"'):
            assert piece not in text
        assert "***" in text


def test_members_of_json_are_masked_by_their_names_also_in_what_is_echoed() -> None:
    body = json.dumps({"refreshToken": "hush", "n": 1})
    echo = json.dumps({"headers": {"Private-Token": "hush"}, "body": body})
    response = EndpointResponse(200, [("Location", "/next?token=hush")], echo.encode(), False)
    text = to_record(OutgoingRequest("POST", "https://a.example/", (), body.encode()), (), response)
    assert "hush" not in text
    kept = json.loads(text)
    assert kept["request"]["body"] == '{"refreshToken": "***", "n": 1}'
    assert json.loads(json.loads(kept["response"]["body"])["body"]) == {
        "refreshToken": "***",
        "n": 1,
    }


def test_no_secret_is_cut_in_two_at_the_limit() -> None:
    body = b"x" * (BODY_LIMIT - 2) + b"hush-hush"
    request = OutgoingRequest("POST", "https://a.example/", (), body, masked=["hush-hush"])
    kept = json.loads(to_record(request, (), "no answer"))["request"]["body"]
    assert kept == "x" * (BODY_LIMIT - 2) + "**"


def test_an_error_is_shown_without_the_secrets_of_a_url() -> None:
    assert mask_error("https://a.example/?apikey=hush", None) == "https://a.example/?apikey=***"
