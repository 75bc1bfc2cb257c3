"""jupyter/*: kernels, and small sums that stand for running code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, dumps, js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

from .projects import ensure_running

DISABLED = "Jupyter API is not enabled on this server."
KERNEL: dict[str, Any] = {
    "name": "python3",
    "display_name": "Python 3",
    "language": "python",
    "interrupt_mode": "signal",
    "env": {},
    "metadata": {"debugger": True},
    "resource_dir": "/usr/share/jupyter/kernels/python3",
    "argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
}


def kernels(call: Call) -> Any:
    """The kernels of a project, or of the site."""
    if not call.get("project_id"):
        if not call.site.jupyter_api:
            raise Refusal(DISABLED)
        metadata = {"debugger": True, "supported_encryption": ["curve"]}
        shown = {name: value for name, value in KERNEL.items() if name != "interrupt_mode"}
        return {"kernels": [{**shown, "metadata": metadata}], "success": True}
    project = call.own_project("permission denied -- user must be collaborator on project")
    ensure_running(call, project)
    return {"kernels": [KERNEL] if call.site.jupyter else [], "success": True}


def execute(call: Call) -> Any:
    """Run code. The stand-in knows `print` and sums of numbers; it never runs Python of the caller."""
    code, site = call.get("input"), call.site
    if code in (UNDEFINED, None) and not call.get("hash"):
        raise Refusal("input or hash must not be null")
    if not call.get("project_id") and not site.jupyter_api:
        raise Refusal(DISABLED)
    # Where the API is on, what was run before is told again, to anybody.
    asked = dumps([call.get(name, None) for name in ("input", "kernel", "history", "project_id", "path")])
    known = call.world.outputs.get(asked) if site.jupyter_api and not call.get("noCache") else None
    if known is not None:
        return {**known, "success": True}
    if code in (UNDEFINED, None):
        return {"success": True}
    if call.get("project_id"):
        project = call.own_project("permission denied -- user must be collaborator on project")
        ensure_running(call, project)
    kernel = js_text(call.get("kernel"))
    if kernel != "python3":
        raise Refusal(_no_kernel(kernel))
    if call.get("history") and site.oddities.jupyter_hangs:
        call.seconds = 60.0
        raise Refusal("undefined")
    history = call.get("history")
    lines = [js_text(item) for item in history] if isinstance(history, list) else []
    found = {"output": _outputs([*lines, js_text(code)]), "created": iso(call.world.now())}
    call.world.outputs[asked] = {"id": len(call.world.outputs) + 1, **found}
    return {**found, "success": True}


def _no_kernel(kernel: str) -> str:
    return (
        f'Error: **Unable to Spawn Jupyter Kernel:**\n\nError: No spec available for kernel "{kernel}".  '
        f'Available specs: ["python3"] \n\nTry this in a terminal to help debug this (or contact support): '
        f"`jupyter console --kernel={kernel}`\n\nOnce you fix the problem, explicitly restart this kernel to test here."
    )


OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class _Unknown(Exception):
    """Beyond the sums that are understood here."""


def _outputs(cells: list[str]) -> list[dict[str, Any]]:
    names: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    try:
        for cell in cells:
            found = []
            statements = ast.parse(cell).body
            for statement in statements:
                _run(statement, names, found, last=statement is statements[-1])
    except ZeroDivisionError as fault:
        found.append(_fault("ZeroDivisionError", str(fault)))
    except SyntaxError as fault:
        found.append(_fault("SyntaxError", fault.msg))
    except _Unknown as fault:
        found.append(_fault("NotImplementedError", f"the stand-in runs sums and print only, not {fault}"))
    return found


def _run(statement: ast.stmt, names: dict[str, Any], found: list[dict[str, Any]], *, last: bool) -> None:
    if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
        names[target.id] = _value(statement.value, names)
    elif isinstance(statement, ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print":
            text = " ".join(str(_value(arg, names)) for arg in call.args) + "\n"
            if found and found[-1].get("name") == "stdout":
                found[-1]["text"] += text
            else:
                found.append({"name": "stdout", "text": text})
        else:
            value = _value(call, names)
            found += [{"data": {"text/plain": repr(value)}}] if last else []
    else:
        raise _Unknown(type(statement).__name__)


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = _value(node.left, names), _value(node.right, names)
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return OPERATORS[type(node.op)](left, right)
    raise _Unknown(type(node).__name__)


def _fault(name: str, text: str) -> dict[str, Any]:
    red, end = "\x1b[31m", "\x1b[39m"
    lines = [f"{red}{'-' * 75}{end}", f"{red}{name}{end}: {text}"]
    return {"traceback": lines, "ename": name, "evalue": text}
