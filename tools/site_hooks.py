"""Lays the pages of the repository's root into the site, and leads each link to its page or file.

MkDocs calls these functions by their names: `hooks` in `mkdocs.yml`.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from pathlib import Path

from markdown import Extension, Markdown
from markdown.blockprocessors import build_block_parser
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

ROOT = Path(__file__).parent.parent
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
REPOSITORY = URLS["Repository"]
OF_THE_ROOT = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing/index.md",
    "SECURITY.md": "security.md",
}
"""Each page of the root, and its place in the site."""

LAST_IN_SEARCH = ("architecture", "changelog", "decisions")
"""Pages about the project: readers want those about its use first."""

SOURCES = {page: source for source, page in OF_THE_ROOT.items()}
CODE = re.compile(r"(^ *(`{3,}).*?^ *\2$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"""(?<=\]\()[^)\s]+|(?<=src=")[^"]+|(?<=srcset=")[^"]+""")
IN_REPOSITORY = re.compile(re.escape(REPOSITORY) + "/(?:blob|raw|tree)/main/")


class CommonMarkLists(Extension):
    """Takes what is indented by three spaces as a part of its item, as CommonMark does."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (its name is the library's)
        """Set the width of an indentation, which the parser takes up as it is made."""
        md.tab_length = 3
        md.parser = build_block_parser(md)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set what is said elsewhere, and give headings GitHub's anchors."""
    config.site_url = URLS["Documentation"]
    config.extra["social"] = [{"icon": "fontawesome/brands/github", "link": REPOSITORY}]
    config.markdown_extensions.insert(0, CommonMarkLists())  # type: ignore[arg-type] # as it is
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    for source, page in OF_THE_ROOT.items():
        text = (ROOT / source).read_text("utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 (MkDocs names them)
    """Return the page's text with its links as they lead in the site, and its code as it is."""
    here = page.file.src_uri
    if here.startswith(LAST_IN_SEARCH):
        page.meta["search"] = {"boost": 0.5}
    pieces = CODE.split(markdown)
    texts = (LINK.sub(lambda link: site_link(link[0], here), text) for text in pieces[::3])
    return "".join(text + code for text, code in zip(texts, [*pieces[1::3], ""], strict=True))


def site_link(link: str, here: str) -> str:
    """Return where a link of the page `here` leads in the site: a page, a file, or elsewhere."""
    target, anchor, fragment = IN_REPOSITORY.sub("/", link).partition("#")
    if "://" in target or not target:
        return link
    folder = posixpath.dirname(SOURCES.get(here, f"docs/{here}"))
    path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    page = OF_THE_ROOT.get(path) or path.removeprefix("docs/")
    if page == path:
        return f"{REPOSITORY}/{'tree' if (ROOT / path).is_dir() else 'blob'}/main/{path}"
    return posixpath.relpath(page, posixpath.dirname(here) or ".") + anchor + fragment
