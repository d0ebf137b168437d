"""The import of Connexion."""

from __future__ import annotations

from tallystick.delayed_modules import delayed_modules, delayed_package

_USED_BY_NOBODY = (
    "httpx",  # asks other hosts for the owner of a token
    "jinja2",  # fills placeholders of a contract's file
    "requests",  # reads schemas from other hosts
)


def import_connexion() -> None:
    """Import what hosts the stack; the rest of Connexion loads when somebody asks for it.

    That is its application class, which brings Starlette's test client, the templates of its own
    console, requests of WSGI, and the libraries that no server uses.
    """
    with (
        delayed_package("connexion"),
        delayed_package("starlette.templating", "Jinja2Templates"),
        delayed_package("werkzeug", "Request"),
        delayed_package("werkzeug.wsgi", "ClosingIterator"),
        delayed_modules(*_USED_BY_NOBODY),
    ):
        import connexion.middleware.main
        import connexion.options  # noqa: F401
