"""Pages for people, each whole in itself."""

from tallystick.web.pages import Page, landing, mock, reference

__all__ = ["Page", "landing", "mock", "reference"]
