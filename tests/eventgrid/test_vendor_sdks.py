"""The vendor's SDKs in Go and Java, unmodified, each by keys and by a token.

The Python SDK is in all other tests here. Every address is that of the server under test.
"""

from __future__ import annotations

import pytest

from sdk_programs import programs
from server_process import ServerProcess


@pytest.mark.parametrize("language", programs.LANGUAGES)
@pytest.mark.parametrize("way", ["keys", "keys without a project", "token"])
def test_an_sdk_lives_through_a_channel(language: str, way: str, server: ServerProcess) -> None:
    assert programs.run(language, "eventgrid", server.url, way) == {
        "failed": 0,
        "traced": True,
        "received": True,
        "subscriptions": 1,
        "quotas": 11,
        "connection": "default",
        "gone": "EG.00014040",
    }
