"""Make docs/results.ipynb: every kind of result as a notebook shows it, against the stand-in.

    python docs/results.py [--html PAGE]

Needs the dependencies of the group `notebook` of pyproject.toml. With `--html` it is also written as a page, to be looked at in a browser:
`chromium --headless --screenshot PAGE`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "results.ipynb"

CELLS = (
    "# What results look like\n\nMade by `docs/results.py` with the stand-in server.",
    """
import httpx
from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn

standin = StandIn()
client = CoCalc(standin.user.key, "http://localhost", http_client=standin.client())
project_id = client.projects.get()[0].project_id
""",
    'client.project(project_id).write_text("notes.txt", "hello\\n")',
    'client.run(project_id, "echo hello; ls -la; echo careful >&2; exit 3")',
    'print(client.run(project_id, "echo hello"))',
    "client.projects.get()",
    'client.query("projects", ["project_id", "title", "last_edited"], many=True)',
    'client.query("accounts", ["first_name"])',
    "client.list_directory(project_id)",
    "client.whoami()",
    'client.compile_latex(r"\\documentclass{article}\\begin{document}hello\\end{document}", path="paper.tex", project_id=project_id)',
    "client.iter_purchases(decimal=True).all()",
    'client.cart.add_license(user="academic")',
    "client.cart.items()",
    "client.cart.checkout()",
    "client.keys.list()",
    'client.map("projects/touch", [project_id, "00000000-0000-4000-8000-000000000000"])',
    'client.can("projects/start")',
    "client.project(project_id).state()",
    "client.projects.get()[0]",
    "client.mismatches",
    "client",
    """
def stop_it():
    client.projects.stop(project_id="00000000-0000-4000-8000-000000000000")

stop_it()
""",
)


def main(arguments: list[str] | None = None) -> int:
    """Run the cells and write the notebook."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--html", type=Path, help="write it as a page, too")
    options = parser.parse_args(arguments)
    import nbformat
    from nbclient import NotebookClient

    make: Any = nbformat.v4
    cells = [
        make.new_markdown_cell(cell) if cell.startswith("#") else make.new_code_cell(cell.strip())
        for cell in CELLS
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = make.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    NotebookClient(notebook, timeout=120, allow_errors=True, record_timing=False).execute()
    notebook["metadata"].pop("language_info", None)
    TARGET.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    if options.html:
        from nbconvert import HTMLExporter

        options.html.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
