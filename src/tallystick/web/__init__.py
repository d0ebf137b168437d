"""Pages for people, each whole in itself."""

from tallystick.web.pages import WebPage, landing_page, mock_page, reference_page

__all__ = ["WebPage", "landing_page", "mock_page", "reference_page"]
