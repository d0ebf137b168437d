"""The pages for people that a process serves, each made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from tallystick import web
from tallystick.api_services import ApiService
from tallystick.contract.document import Document
from tallystick.settings import Settings


def served_pages(
    documents: Sequence[Document],
    services: Mapping[str, ApiService],
    settings: Settings,
    *,
    is_mock: bool,
) -> dict[str, Callable[[], web.WebPage]]:
    """Return what makes each page, by its name; a page is made once."""

    def credentials() -> Mapping[str, Mapping[str, str]]:
        """Return the public credentials, by API; there are none but those of the dev world."""
        if not settings.dev:
            return {}
        return {a: s.dev_credentials for a, s in services.items() if hasattr(s, "dev_credentials")}

    def landing() -> web.WebPage:
        return web.landing_page(documents, is_mock=is_mock, dev=settings.dev)

    def console() -> web.WebPage:
        return web.console_page(
            settings.gateway_prefix,
            [document.api for document in documents],
            is_mock=is_mock,
            dev=credentials() if settings.dev else None,
        )

    def reference(document: Document) -> web.WebPage:
        # A server starts without it: it is for the pages alone.
        from tallystick import clients

        programs = clients.write_programs(document)
        keys = {api: found["key"] for api, found in credentials().items() if "key" in found}
        return web.reference_page(document.api, documents, programs, keys)

    return {
        "docs": cache(partial(web.reference_index, documents)),
        **{f"docs/{d.api}": cache(partial(reference, d)) for d in documents},
        "landing": cache(landing),
        "console": cache(console),
    }
