"""A small Python that stands for a kernel: sums, names, print, sleep, and what displays itself; with the real limits of time and output."""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each cell, and characters of JSON for each and for all output."""

    cell: float
    output: int
    total: int


OWN = Limits(30.0, 1_000_000, 5_000_000)
POOL = Limits(15.0, 500_000, 2_500_000)
KNOWN = ("time", "sys", "IPython.display")
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
DISPLAYS = {"HTML": "text/html", "Markdown": "text/markdown", "Latex": "text/latex", "SVG": "image/svg+xml"}
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class _Unknown(Exception):
    """Beyond what is understood here."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A value that displays itself, by its media types."""

    data: dict[str, Any]


class _Cell:
    """One cell while it runs: its output so far, and the seconds that it took."""

    def __init__(self, names: dict[str, Any], limits: Limits) -> None:
        self.names = names
        self.limits = limits
        self.seconds = 0.0
        self.found: list[dict[str, Any]] = []

    def run(self, text: str) -> None:
        """Run all statements; an error ends the cell, and is output too."""
        try:
            statements = ast.parse(text).body
            for statement in statements:
                self._run(statement, last=statement is statements[-1])
        except SyntaxError as fault:
            self.found.append(_fault("SyntaxError", fault.msg))
        except _Unknown as fault:
            words = f"the stand-in runs sums, print and sleep only, not {fault}"
            self.found.append(_fault("NotImplementedError", words))
        except (ArithmeticError, KeyboardInterrupt, NameError, RuntimeError) as fault:
            name = "StdinNotImplementedError" if isinstance(fault, RuntimeError) else type(fault).__name__
            self.found.append(_fault(name, str(fault)))

    def _run(self, statement: ast.stmt, *, last: bool) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = statement.module if isinstance(statement, ast.ImportFrom) else statement.names[0].name
            if module not in KNOWN:
                raise _Unknown(f"import {module}")
        elif isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            self.names[target.id] = self._value(statement.value)
        elif isinstance(statement, ast.Expr):
            value = self._value(statement.value)
            if last and value is not None:
                self.found.append({"data": _data(value)})
        else:
            raise _Unknown(type(statement).__name__)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)):
            return node.value
        if isinstance(node, ast.Name):
            if node.id not in self.names:
                raise NameError(f"name '{node.id}' is not defined")
            return self.names[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            left, right = self._value(node.left), self._value(node.right)
            if isinstance(left, str) and isinstance(right, int) and isinstance(node.op, ast.Mult):
                return left * min(right, 4_000_000)
            if isinstance(left, (int, float)) and isinstance(right, (int, float)):
                return OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise _Unknown(type(node).__name__)

    def _call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        given = [self._value(one) for one in node.args]
        if name == "print":
            where = "stderr" if any(key.arg == "file" for key in node.keywords) else "stdout"
            self._print(where, " ".join(map(str, given)) + "\n")
        elif name == "time.sleep":
            self._sleep(float(given[0]))
        elif name == "display":
            self.found += [{"data": _data(value)} for value in given]
        elif name == "input":
            raise RuntimeError("raw_input was called, but this frontend does not support input requests.")
        elif name in DISPLAYS:
            plain = f"<IPython.core.display.{name} object>"
            return _Shown({"text/plain": plain, DISPLAYS[name]: given[0]})
        elif name == "Image":
            return _Shown({"text/plain": "<IPython.core.display.Image object>", "image/png": PICTURE})
        else:
            raise _Unknown(f"{name}()")
        return None

    def _sleep(self, seconds: float) -> None:
        left = self.limits.cell - self.seconds
        self.seconds += min(seconds, left)
        if seconds > left:
            raise KeyboardInterrupt

    def _print(self, where: str, text: str) -> None:
        if self.found and self.found[-1].get("name") == where and "output_type" not in self.found[-1]:
            self.found[-1]["text"] += text
        else:
            self.found.append({"name": where, "text": text})


def outputs(cells: list[str], limits: Limits) -> tuple[list[dict[str, Any]], float]:
    """Run cells one after the other; gives the output of the last, as far as the limits allow, and the seconds that all took."""
    names: dict[str, Any] = {}
    seconds = 0.0
    found: list[dict[str, Any]] = []
    for text in cells:
        cell = _Cell(names, limits)
        cell.run(text)
        seconds += cell.seconds
        found = cell.found
    return _cut(found, limits), seconds


def _cut(found: list[dict[str, Any]], limits: Limits) -> list[dict[str, Any]]:
    """Replace each output that goes over the limit by a notice; errors are always kept."""
    kept: list[dict[str, Any]] = []
    size = 0
    for item in found:
        size += len(json.dumps(item, ensure_ascii=False))
        if size <= limits.output or "traceback" in item:
            kept.append(item)
        else:
            notice = f"Output truncated since it exceeded the cell output limit of {limits.output} characters"
            kept.append({"name": "stdout", "output_type": "stream", "text": [notice]})
    return kept


def _data(value: Any) -> dict[str, Any]:
    return value.data if isinstance(value, _Shown) else {"text/plain": repr(value)}


def _fault(name: str, text: str) -> dict[str, Any]:
    red, end = "\x1b[31m", "\x1b[39m"
    lines = [f"{red}{'-' * 75}{end}", f"{red}{name}{end}: {text}"]
    return {"traceback": lines, "ename": name, "evalue": text}
