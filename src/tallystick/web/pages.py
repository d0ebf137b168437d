from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.contract.document import Document
from tallystick.contract.security_schemes import GATEWAY, key_variable

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
_STYLES = ("console/shell/colors.css", "page.css")


class WebPage(NamedTuple):
    """An HTML page without external resources, and its security policy."""

    html: bytes
    policy: str
    """The value of its ``Content-Security-Policy`` header."""


def reference_index(documents: Sequence[Document]) -> WebPage:
    """Return the index of the reference: each operation and error code, with a link to its page."""
    return _page("docs.html", documents)


def reference_page(
    api: str,
    documents: Sequence[Document],
    programs: Mapping[str, Mapping[str, str]] = {},
    dev_keys: Mapping[str, str] = {},
) -> WebPage:
    """Return the reference page of one API, with links to those of the others.

    `programs` has programs that call each operation by the API's client, by language; `dev_keys`,
    the public keys of the dev world by API, with which a reader tries an operation. The script
    calls this server alone.
    """
    apis = {document.api: document.content["info"]["title"] for document in documents}
    keys = {
        f"${key_variable(name)}": key for name, key in dev_keys.items() if name in {api, GATEWAY}
    }
    described = [document for document in documents if document.api == api]
    page = _page(
        "reference.html",
        described,
        scripts=("page.js", "programs.js", "try.js"),
        titles=apis,
        programs=programs,
        keys=keys,
    )
    return page._replace(policy=f"{page.policy}; connect-src 'self'")


def landing_page(documents: Sequence[Document], *, is_mock: bool, dev: bool) -> WebPage:
    """Return the landing page: what runs, how it is, and where to go.

    Its script asks ``/readyz``.
    """
    more = {"is_mock": is_mock, "dev": dev}
    page = _page("landing.html", documents, scripts=("landing.js",), **more)
    return page._replace(policy=f"{page.policy}; connect-src 'self'")


# Strangers ask for the same few pages all day.
@lru_cache(maxsize=50)
def problem_page(title: str, status: int, detail: str) -> WebPage:
    """Return the page for a browser at a path that no operation has."""
    return _page("problem.html", (), title=title, status=status, detail=detail)


def _page(
    template: str, documents: Sequence[Document], scripts: Sequence[str] = ("page.js",), **more: Any
) -> WebPage:
    # With all it needs to make examples: a server starts without it.
    from markupsafe import Markup

    from tallystick.web.outline import outline

    style, script = "".join(map(_text, _STYLES)), "".join(map(_text, scripts))
    html = (
        templates()
        .get_template(template)
        .render(
            apis=[outline(document) for document in documents],
            version=version("tallystick"),
            style=Markup(style),
            script=Markup(script),
            **more,
        )
    )
    return WebPage(html.encode(), _policy(style, script))


@cache
def templates() -> Environment:
    """Return the templates of all pages."""
    # Loaded with the first page: a server may never show one.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    # By their hashes (Content Security Policy, level 2) the page's own style and script run, and
    # injected ones don't.
    rules: dict[str, Any] = {
        "default-src": "'none'",
        "style-src": f"'sha256-{_digest(style)}'",
        "script-src": f"'sha256-{_digest(script)}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
