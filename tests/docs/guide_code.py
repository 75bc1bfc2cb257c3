"""Run the code of a page or a docstring as a reader would, on a stand-in, and compare what it shows."""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWS = re.compile(r"  # → (.+)$")


class Block:
    """One fenced block of a page: its language, text and line."""

    def __init__(self, language: str, text: str, line: int) -> None:
        self.language = language
        self.text = text
        self.line = line


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield Block(match.group(1), match.group(2), text.count("\n", 0, match.start(2)) + 1)


def run_page(page: Path, names: dict[str, Any], runner: asyncio.Runner, *, whole: bool = False) -> int:
    """Run the Python blocks of a page in order; a text block after one is what it prints. Gives the number of blocks.

    With `whole`, each block is a program by itself, which knows nothing of those before.
    """
    printed: str | None = None
    count = 0
    for block in blocks(page):
        if block.language == "python":
            printed = run_block(block, page, dict(names) if whole else names, runner)
            count += 1
        elif block.language == "text" and printed is not None:
            assert matches(printed, block.text), f"{page.name}:{block.line}: it printed\n{printed}"
    return count


def run_block(block: Block, page: Path, names: dict[str, Any], runner: asyncio.Runner) -> str:
    lines = block.text.splitlines()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        for statement in ast.parse("\n" * (block.line - 1) + block.text).body:
            expected = SHOWS.search(lines[statement.end_lineno - block.line])  # type: ignore[operator]
            value = run_statement(statement, str(page), names, runner)
            if expected is not None:
                assert matches(repr(value), expected.group(1)), f"{page.name}:{statement.lineno}: {value!r}"
    return output.getvalue()


def run_statement(statement: ast.stmt, where: str, names: dict[str, Any], runner: asyncio.Runner) -> Any:
    """Run one statement, which may await; gives the value of an expression."""
    if isinstance(statement, ast.Expr):
        tree: Any = ast.Expression(statement.value)
        code = builtins.compile(tree, where, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    else:
        tree = ast.Module([statement], [])
        code = builtins.compile(tree, where, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, names)
    return runner.run(value) if asyncio.iscoroutine(value) else value


def matches(found: str, expected: str) -> bool:
    """Whether a text is what is expected; `…` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, found.strip(), re.DOTALL) is not None
