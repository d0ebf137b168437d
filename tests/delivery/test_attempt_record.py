"""What is kept of an attempt is bounded, and holds no secret."""

from __future__ import annotations

import json

from tallystick.delivery.adapter import EndpointResponse, OutgoingRequest
from tallystick.delivery.attempt_record import HEADERS_LIMIT, to_record


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
