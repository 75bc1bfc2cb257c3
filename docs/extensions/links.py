"""Links that lead out of `docs/`: on GitHub to the file, on the site to the page that includes it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# Files of the repository that are pages of the site.
PAGES = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "openapi/CHANGES.md": "project/routes-changed.md",
    "cocalc_facade/testing/__init__.py": "reference/testing.md",
}
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def moved(text: str, file: Path, docs: Path, page: Path) -> str:
    """Give the text of `file` with its links as they lead from `page`, on which it stands.

    Args:
        text: Markdown.
        file: Where the text is from.
        docs: The folder of the site.
        page: The page that shows the text; the same as `file`, unless it is included.
    """

    def link(found: re.Match[str]) -> str:
        target = (file.parent / found[1]).resolve()
        place = target.relative_to(docs.parent).as_posix() if target.is_relative_to(docs.parent) else ""
        if place in PAGES:
            target = docs / PAGES[place]
        elif page == file:
            return found[0]
        way = os.path.relpath(target, page.parent).replace(os.sep, "/")
        return f"]({way}{found[2] or ''})"

    return _LINK.sub(link, text)


def _read(app: Sphinx, name: str, content: list[str]) -> None:
    page = Path(app.env.doc2path(name)).resolve()
    content[0] = moved(content[0], page, Path(app.srcdir).resolve(), page)


def _include(app: Sphinx, relative: Path, _name: str, content: list[str]) -> None:
    docs = Path(app.srcdir).resolve()
    file = (docs / relative).resolve()
    page = Path(app.env.doc2path(app.env.docname)).resolve()  # MyST gives the last part of its name only
    content[0] = moved(content[0], file, docs, page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.connect("source-read", _read)
    app.connect("include-read", _include)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
