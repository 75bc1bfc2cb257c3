"""The documentation for programs that read: `llms.txt`, a list of the pages, and `llms-full.txt`, all of them as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.io import StringOutput
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders.text import TextBuilder
from sphinx.writers.text import TextWriter

_ABOUT = "A Python client for CoCalc's HTTP API: every route a typed method, jobs on top, errors that say what to do, a stand-in server for tests."

_MADE = re.compile(r"^```\{(commands|eval-rst|help|include|literalinclude)\}", re.MULTILINE)
_shown: dict[str, str] = {}
_TREE = re.compile(r"^```\{toctree\}\n.*?^```\n", re.MULTILINE | re.DOTALL)


def _pages(app: Sphinx) -> Iterator[tuple[str, list[str]]]:
    """Give the pages by the caption that they stand under, in the order of the site."""
    told: set[str] = {app.config.root_doc}
    for tree in app.env.get_doctree(app.config.root_doc).findall(toctree):
        names: list[str] = []
        pending = list(tree["includefiles"])
        while pending:
            name = pending.pop(0)
            if name not in told:
                told.add(name)
                names.append(name)
                pending = app.env.toctree_includes.get(name, []) + pending
        yield tree.get("caption") or "Pages", names


def _note_first_words(app: Sphinx, doctree: nodes.document) -> None:
    paragraphs = doctree.findall(nodes.paragraph)
    paragraph = next((one for one in paragraphs if isinstance(one.parent, nodes.section)), None)
    words = " ".join(paragraph.astext().split()) if paragraph is not None else ""
    app.env.metadata[app.env.docname]["first words"] = words.partition(". ")[0].rstrip(".:")[:200]


def _text(app: Sphinx, name: str) -> str:
    """Give a page as it was written; what is made of docstrings and of other files, as it is shown."""
    if name in _shown:
        return _shown[name]
    return _TREE.sub("", Path(app.env.doc2path(name)).read_text(encoding="utf-8"))


def _keep(app: Sphinx, doctree: nodes.document, name: str) -> None:
    if app.builder.name == "html" and _MADE.search(Path(app.env.doc2path(name)).read_text(encoding="utf-8")):
        text = TextBuilder(app, app.env)
        text.init()
        writer = TextWriter(text)
        writer.write(doctree, StringOutput(encoding="unicode"))
        _shown[name] = str(writer.output)


def _write(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.name != "html":
        return
    listed = [
        f"# {app.config.project}",
        "",
        f"> {_ABOUT}",
        "",
        "All pages in one file: [llms-full.txt](llms-full.txt)",
        "",
    ]
    whole: list[str] = [f"{app.config.project} {app.config.release}\n"]
    for caption, names in [("Home", [app.config.root_doc]), *_pages(app)]:
        listed += [f"## {caption}", ""]
        for name in names:
            link = app.builder.get_target_uri(name)
            title = app.env.titles[name].astext()
            listed.append(f"- [{title}]({link}): {app.env.metadata[name]['first words']}")
            whole.append(f"{'=' * 80}\n{link}\n{'=' * 80}\n\n{_text(app, name)}")
        listed.append("")
    output = Path(app.outdir)
    (output / "llms.txt").write_text("\n".join(listed), encoding="utf-8")
    (output / "llms-full.txt").write_text("\n".join(whole), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Let Sphinx call what is above."""
    app.connect("doctree-read", _note_first_words)
    app.connect("doctree-resolved", _keep)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
