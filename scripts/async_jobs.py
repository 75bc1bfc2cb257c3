"""Make the async half of the jobs from the sync one: `_jobs/async_methods/` from `_jobs/methods/`.

A method that runs a flow becomes a coroutine, whoever calls one awaits it, and the examples in the docstrings follow. `--check` writes
nothing and exits 1 when a file is out of date.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from pathlib import Path

JOBS = Path(__file__).resolve().parent.parent / "cocalc_facade" / "_jobs"
SOURCE = JOBS / "methods"
MADE = JOBS / "async_methods"
NOTE = "`scripts/async_jobs.py` makes the async half from this file."

CLASSES = r"(?!Async)\w*Jobs|Runner|Project|Cart|Keys|PurchasePages|Course"
WORDS = {
    rf"\b({CLASSES})\b(?=[(:,)\]\[]| \||$)": r"Async\1",
    rf"(import (?:\w+, )*)({CLASSES})\b": r"\1Async\2",
    r"-> (Project|Cart|Keys|Course):": r"-> Async\1:",
    r"\bIterator\b": "AsyncIterator",
    r"\b__(enter|exit|iter)__\b": r"__a\1__",
    r"\b_jobs\.methods\b": "_jobs.async_methods",
    r"(?<!for )\bCoCalc\b": "AsyncCoCalc",
    r"Callable\[\.\.\., Value\]": "Callable[..., Awaitable[Value]]",
    r"\bimport Callable, Iterable$": "import Awaitable, Callable, Iterable",
}
EXAMPLES = {
    r"\bwith (client\.)": r"async with \1",
    r"\bfor (\w+) in (client\.)": r"async for \1 in \2",
    r"(>>> |\.\.\. +|= )(?!client\.course\()((?:client|project|admin)\.)": r"\1await \2",
}
RUNS = "_run_flow"


def awaitable(trees: list[ast.Module]) -> set[str]:
    """Give the names of the methods that become coroutines: those that run a flow, and those that call one of them."""
    found = {RUNS}
    while True:
        more = {
            node.name
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and any(True for _ in calls(node, found))
        }
        if more <= found:
            return found
        found |= more


def calls(node: ast.AST, names: set[str]) -> list[ast.Call]:
    """Give the calls of `self.NAME(…)` and `self._runner.NAME(…)` within a node."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in names
        and ast.unparse(call.func.value) in {"self", "self._runner"}
    ]


def convert(text: str, source: str, coroutines: set[str]) -> str:
    """Give the async text of one file."""
    tree = ast.parse(text)
    lines = text.splitlines()
    inserts = [(call.lineno, call.col_offset, "await ") for call in calls(tree, coroutines)]
    inserts += [
        (node.lineno, node.col_offset, "async ")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in coroutines
    ]
    for line, column, word in sorted(set(inserts), reverse=True):
        lines[line - 1] = lines[line - 1][:column] + word + lines[line - 1][column:]
    converted = "\n".join(_line(line) for line in lines) + "\n"
    converted = converted.replace(NOTE, f"Made by scripts/async_jobs.py from methods/{source}.")
    for arguments in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", str(MADE / source), "-"]
        done = subprocess.run(command, input=converted, capture_output=True, text=True, check=True)  # noqa: S603 - our own text
        converted = done.stdout
    return converted


def _line(line: str) -> str:
    if line.lstrip().startswith((">>> ", "... ")):
        for pattern, replacement in EXAMPLES.items():
            line = re.sub(pattern, replacement, line)
        return line
    for pattern, replacement in WORDS.items():
        line = re.sub(pattern, replacement, line)
    return line


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with --check say whether they are current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    sources = [file for file in sorted(SOURCE.rglob("*.py")) if file.name != "__init__.py"]
    texts = {file.relative_to(SOURCE).as_posix(): file.read_text(encoding="utf-8") for file in sources}
    coroutines = awaitable([ast.parse(text) for text in texts.values()])
    there = [file.relative_to(MADE).as_posix() for file in MADE.rglob("*.py") if file.name != "__init__.py"]
    stale = [name for name in there if name not in texts]
    if not options.check:
        for name in stale:
            (MADE / name).unlink()
    for source, text in texts.items():
        target = MADE / source
        made = convert(text, source, coroutines)
        if target.exists() and target.read_text(encoding="utf-8") == made:
            continue
        stale.append(source)
        if not options.check:
            target.parent.mkdir(exist_ok=True)
            partial = target.with_suffix(".py.partial")
            partial.write_text(made, encoding="utf-8")
            partial.replace(target)
    if options.check and stale:
        print(f"{', '.join(stale)} out of date: run python scripts/async_jobs.py")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
