"""Pages for people, each whole in itself."""

from tallystick.web.pages import Page, landing, reference

__all__ = ["Page", "landing", "reference"]
