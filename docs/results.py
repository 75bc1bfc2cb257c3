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
standin.jupyter_api = True
standin.add_course(students=2)
standin.purchase(standin.user, 12.5, service="license", project_id=standin.project.project_id)
standin.purchase(standin.user, -50.0, service="credit")
client = CoCalc(standin.user.key, "http://localhost", http_client=standin.client())
admin = CoCalc(standin.admin.key, "http://localhost", http_client=standin.client())
project_id = client.projects.get()[0].project_id
""",
    "## Commands, code and documents",
    'client.project(project_id).write_text("notes.txt", "hello\\n")',
    'client.run(project_id, "echo hello; ls -la; echo careful >&2; exit 3")',
    'print(client.run(project_id, "echo hello"))',
    'client.evaluate("print(6 * 7)", kernel="python3")',
    "client.kernels()",
    'client.compile_latex(r"\\documentclass{article}\\begin{document}hello\\end{document}", path="paper.tex", project_id=project_id)',
    'client.compile_latex(r"\\documentclass{article}\\begin{document}\\undefined\\end{document}", path="paper.tex", project_id=project_id)',
    "## Projects, files and people",
    "client.projects.get()",
    "client.projects.get()[0]",
    "client.project(project_id).state()",
    "client.projects_of()",
    "client.list_directory(project_id)",
    "client.project(project_id).collaborators()",
    "client.whoami()",
    "admin.list_accounts()",
    'client.query("projects", ["project_id", "title", "last_edited"], many=True)',
    'client.query("accounts", ["first_name"])',
    "## A course",
    'course = client.course(project_id, "algebra.course")\ncourse.students()',
    "course.assignments()",
    "course.handouts()",
    "course.work()",
    "course.grades()",
    "## Money and keys",
    "client.iter_purchases(decimal=True).all()",
    "client.iter_purchases().to_dataframe()",
    'client.cart.add_license(user="academic")',
    "client.cart.items()",
    "client.cart.checkout()",
    "client.managed_licenses()",
    "client.keys.list()",
    'client.keys.create("of a notebook")',
    "## Many at once, and what is known",
    'client.map("projects/touch", [project_id, "00000000-0000-4000-8000-000000000000"])',
    'client.map(client.run, [project_id], "echo hello")',
    'client.can("projects/start")',
    'planning = client.with_options(dry_run=True)\nplanning.projects.create(title="Not made")\nplanning.planned',
    'client.describe("projects/touch")',
    "client.with_raw_response.projects.get()",
    "client.check_schema()",
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
