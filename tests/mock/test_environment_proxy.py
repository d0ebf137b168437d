"""The proxy of the environment is used, as other programs use it."""

from __future__ import annotations

import pytest
from yarl import URL

from tallystick.mock.environment_proxy import BadProxy, find_proxy


@pytest.fixture(autouse=True)
def _none_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("target", "named", "proxy"),
    [
        ("https://api.test", {"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ("https://api.test", {"https_proxy": "proxy:3128"}, "http://proxy:3128"),
        ("http://api.test", {"HTTPS_PROXY": "http://proxy:3128"}, None),
        ("http://api.test", {"ALL_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ("http://api.test", {"HTTP_PROXY": "http://proxy", "NO_PROXY": "x.y,api.test"}, None),
        ("http://a.api.test", {"HTTP_PROXY": "http://proxy", "NO_PROXY": ".api.test"}, None),
        ("http://u:p@api.test:81", {"HTTP_PROXY": "http://proxy", "NO_PROXY": "api.test:81"}, None),
        ("http://api.test", {"HTTP_PROXY": "http://proxy", "NO_PROXY": "*"}, None),
        ("http://api.test", {"HTTP_PROXY": ""}, None),
    ],
)
def test_a_proxy_is_found_by_scheme_and_host(
    monkeypatch: pytest.MonkeyPatch, target: str, named: dict[str, str], proxy: str | None
) -> None:
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert find_proxy(URL(target)) == (URL(proxy) if proxy else None)


@pytest.mark.parametrize("named", ["socks5://proxy:1080", "http://", "http://[", "http://x:y"])
def test_a_proxy_that_can_not_be_used_is_told(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", named)
    with pytest.raises(BadProxy, match="HTTP_PROXY must be a URL of http"):
        find_proxy(URL("http://api.test"))
