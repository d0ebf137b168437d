"""The HTTP proxy of the environment: HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

from yarl import URL

from tallystick.contract.exceptions import Problem


class BadProxy(Problem):
    """The environment names a proxy that can't be used."""


def find_proxy(target: URL) -> URL | None:
    """Return the proxy that the environment names for a URL, or None; raise `BadProxy`."""
    named = getproxies()
    proxy = named.get(target.scheme) or named.get("all")
    if not proxy or proxy_bypass(target.authority.rpartition("@")[2]):
        return None
    try:
        url = URL(proxy if "://" in proxy else f"http://{proxy}")
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise BadProxy(f"{target.scheme.upper()}_PROXY must be a URL of http:// or https://")
    return url
