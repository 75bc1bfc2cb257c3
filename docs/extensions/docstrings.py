"""Docstrings as Sphinx reads them.

Code stands between single backquotes, entries of a list may go on without indentation, and the docstring of a property is one of a method:
its first line has no type before a colon. The routes of a client are left out, since they have pages of their own.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import GoogleDocstring
from sphinx.util.nodes import make_refnode

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)(\w?)")
_SECTION = re.compile(r"( *)(Args|Raises):$")
_ENTRY = re.compile(r"\*{0,2}[A-Za-z_][\w.]*:( |$)")
_PRIVATE = re.compile(r", _[a-z]\w*: [^=,]* = \w+")
_FACADE = "cocalc_facade"
_GENERATED = ("cocalc_v2.resources",)


def _as_restructured_text(
    app: Sphinx, what: str, name: str, described: Any, options: Any, lines: list[str]
) -> None:
    base: int | None = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if found := _SECTION.fullmatch(line):
            base = len(found[1]) + 4
        elif base is not None and line.strip() and indent < base:
            base = None
        elif base is not None and indent == base and not _ENTRY.match(line.lstrip()):
            line = f"    {line}"  # goes on with the entry above
        if not line.lstrip().startswith((">>> ", "... ")):
            line = _CODE.sub(lambda code: f"``{code[1]}``" + (f"\\ {code[2]}" if code[2] else ""), line)
        lines[number] = line
    kind = "method" if what in ("property", "attribute") else what
    lines[:] = GoogleDocstring(lines, app.config, app, kind, name, described, options).lines()


def _without_private_arguments(
    _app: Sphinx,
    _what: str,
    _name: str,
    _object: Any,
    _options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    return _PRIVATE.sub("", signature) if signature else signature, returns


def _without_routes(
    _app: Sphinx, _what: str, _name: str, member: Any, skip: bool, _options: Any
) -> bool | None:
    function = getattr(member, "fget", None) or getattr(member, "func", None) or member
    if str(getattr(inspect.unwrap(function), "__module__", "")).startswith(_GENERATED):
        return True
    return True if skip else None


def _public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Find what is documented by its public name, where a type or a docstring names the file that it is from, or the name alone."""
    if node.get("refdomain") != "py":
        return None
    last = node["reftarget"].rpartition(".")[2]
    for public in (f"{_FACADE}.{last}", f"{_FACADE}.testing.{last}"):
        if public != node["reftarget"] and public in env.domains.python_domain.objects:
            entry = env.domains.python_domain.objects[public]
            shown = nodes.literal(last, last) if content.astext() == node["reftarget"] else content
            return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, shown, public)
    return None


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.connect("autodoc-process-docstring", _as_restructured_text, priority=100)
    app.connect("autodoc-process-signature", _without_private_arguments)
    app.connect("autodoc-skip-member", _without_routes)
    app.connect("missing-reference", _public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
