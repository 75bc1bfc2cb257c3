"""docs/results.ipynb shows each kind of result, and is what docs/results.py makes today."""

from __future__ import annotations

import ast
import json
import runpy
from typing import Any

import pytest

from cocalc_facade import PermissionDeniedError
from cocalc_facade._jobs.values.rows import Rows
from tests.docs.test_guides import ROOT
from tests.face.specimens import RESULTS

CELLS: tuple[str, ...] = runpy.run_path(str(ROOT / "docs" / "results.py"))["CELLS"]
ALSO = {"Table", "ProjectSummary", "CompletedCommand", "LatexResult", "Evaluation", "Identity", "ProjectState", "CartItem", "Checkout", "NewApiKey", "Permission", "RouteDescription", "RawAnswer", "Report", "Mismatches"}  # fmt: skip


def shown(cell: str, names: dict[str, Any]) -> Any:
    """What a notebook shows of a cell: the value of its last line."""
    code = ast.parse(cell)
    last = code.body.pop() if isinstance(code.body[-1], ast.Expr) else None
    exec(compile(code, "cell", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_every_kind_of_result_is_shown() -> None:
    names: dict[str, Any] = {}
    *cells, refused = [cell.strip() for cell in CELLS if not cell.startswith("#")]
    seen = {type(shown(cell, names)).__name__ for cell in cells}
    assert {kind.__name__ for kind in RESULTS if issubclass(kind, Rows)} | ALSO <= seen
    with pytest.raises(PermissionDeniedError):
        shown(refused, names)


def test_the_notebook_is_made_of_these_cells() -> None:
    notebook = json.loads((ROOT / "docs" / "results.ipynb").read_text("utf-8"))
    assert ["".join(cell["source"]) for cell in notebook["cells"]] == [
        cell if cell.startswith("#") else cell.strip() for cell in CELLS
    ]
    failed = [
        output["ename"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    ]
    assert failed == ["PermissionDeniedError"]
