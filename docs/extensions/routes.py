"""The routes as methods that search, and links by name, find: each section of a route's page is one."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_CALLED = re.compile(r"client\.([a-z0-9_.]+)\(")


def _note(app: Sphinx, doctree: nodes.document) -> None:
    if not app.env.docname.startswith("reference/routes/"):
        return
    for section in doctree.findall(nodes.section):
        code = next((child for child in section.children if isinstance(child, nodes.literal_block)), None)
        called = _CALLED.match(code.astext()) if code is not None and code.get("language") == "pyi" else None
        if called:
            name = f"cocalc_facade.CoCalc.{called[1]}"
            app.env.domains.python_domain.note_object(name, "method", section["ids"][0], location=section)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.connect("doctree-read", _note)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
