"""Pages for people, made once at start and whole in themselves."""

from tallystick.web.pages import Page, landing, reference

__all__ = ["Page", "landing", "reference"]
