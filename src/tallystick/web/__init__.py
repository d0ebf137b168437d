"""Pages for people, each whole in itself."""

from tallystick.web.pages import WebPage, landing, mock, reference

__all__ = ["WebPage", "landing", "mock", "reference"]
