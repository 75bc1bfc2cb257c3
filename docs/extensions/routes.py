"""The routes as methods that search, and links by name, find, and the classes of answers where they are spelled out first."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_ANSWERS = re.compile(r"\b(?!None\b|Any\b|Table\b)[A-Z][A-Za-z0-9]+\b")
_CALLED = re.compile(r"client\.([a-z0-9_.]+)\(")


def _note(app: Sphinx, doctree: nodes.document) -> None:
    if not app.env.docname.startswith("reference/routes/"):
        return
    domain = app.env.domains.python_domain
    for section in doctree.findall(nodes.section):
        code = next((child for child in section.children if isinstance(child, nodes.literal_block)), None)
        called = _CALLED.match(code.astext()) if code is not None and code.get("language") == "pyi" else None
        if called:
            name = f"cocalc_facade.CoCalc.{called[1]}"
            domain.note_object(name, "method", section["ids"][0], location=section)
            for answer in _ANSWERS.findall(code.astext().rpartition("->")[2]):
                if (known := f"cocalc_v2.models.{answer}") not in domain.objects:
                    domain.note_object(known, "class", section["ids"][0], location=section)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.connect("doctree-read", _note)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
