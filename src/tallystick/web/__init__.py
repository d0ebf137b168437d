"""HTML pages for people, each with its style and script inside."""

from tallystick.web.pages import WebPage, landing_page, mock_page, reference_page

__all__ = ["WebPage", "landing_page", "mock_page", "reference_page"]
