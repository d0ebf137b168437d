"""The import of Connexion."""

from __future__ import annotations

from tallystick.delayed_modules import delayed_modules

_USED_BY_NOBODY = (
    "requests",  # reads schemas from other hosts
    # The command line of httpx, which is in Starlette's test client.
    "pygments.lexers",
    "pygments.util",
    "rich.console",
    "rich.markup",
    "rich.progress",
    "rich.syntax",
    "rich.table",
)


def import_connexion() -> None:
    """Import Connexion, and let the libraries that no server uses load at their first use."""
    with delayed_modules(*_USED_BY_NOBODY):
        import connexion  # noqa: F401
