"""HTML pages for people, each with its style and script inside, and the console with its files."""

from tallystick.web.console import WebAsset, console_asset, console_page
from tallystick.web.pages import (
    WebPage,
    landing_page,
    problem_page,
    reference_index,
    reference_page,
)

__all__ = [
    "WebAsset",
    "WebPage",
    "console_asset",
    "console_page",
    "landing_page",
    "problem_page",
    "reference_index",
    "reference_page",
]
