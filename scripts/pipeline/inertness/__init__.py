"""Whether generated code is inert: importing it defines things, and does nothing; calling it decodes, encodes and calls the API.

The templates put untrusted text into string literals and names only. This check does not believe that: it reads what was written
as Python reads it, and lets through what our templates can produce, and nothing else. A module that takes nothing from a
document has to be its template. In any other, what a name is bound to, what is called, every annotation, base, decorator, default and
statement has to be of a known form, so that whatever the document says, it cannot become code.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from scripts.pipeline.inertness.expressions import InertnessError
from scripts.pipeline.inertness.module import Module

__all__ = ["InertnessError", "check_inert", "check_module"]

TEMPLATES = Path(__file__).resolve().parents[3] / "openapi" / "generator" / "templates"
STATIC = {
    "__init__.py": "package_init",
    "types.py": "types",
    "errors.py": "errors",
    "serialization.py": "serialization",
    "tables.py": "tables",
    "client.py": "client",
    "operations.py": "operations",
    "api/__init__.py": "api_init",
}
"""The modules that take nothing from a document, and their templates."""

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def check_inert(package: Path) -> int:
    """Check every file below `package`, and give how many there are.

    Raises:
        InertnessError: naming the file, the line and what stands there.
    """
    count = 0
    for place in sorted(package.rglob("*")):
        name = place.relative_to(package).as_posix()
        if place.is_symlink():
            raise InertnessError(f"{name} is a symbolic link")
        if place.is_dir() or name == "py.typed":
            continue
        if place.suffix != ".py":
            raise InertnessError(f"{name} is no Python file")
        try:
            text = place.read_bytes().decode()
        except UnicodeDecodeError:
            raise InertnessError(f"{name} is not UTF-8") from None
        check_module(name, text)
        count += 1
    return count


def check_module(name: str, text: str) -> None:
    """Check one module, whose file is `name` within the package.

    Raises:
        InertnessError: naming the file, the line and what stands there.
    """
    for line in re.split(rb"\r\n|\r|\n|\f", text.encode("utf-8", "surrogatepass"), maxsplit=2)[:2]:
        if _COOKIE.match(line):  # Python would read other characters than we do
            raise InertnessError(f"{name} declares an encoding")
    for number, line in enumerate(text.split("\n"), start=1):
        if (
            line and not line.isprintable()
        ):  # what a reader sees would be something else than what Python reads
            raise InertnessError(
                f"{name}, line {number}: characters that are not printed have no place there"
            )
    try:
        tree = ast.parse(text, filename=name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InertnessError(f"{name} is not Python: {error}") from None
    template = STATIC.get(name)
    if template is None or not _same(tree, _expected(template)):
        try:
            Module(name, tree).check()
        except RecursionError:
            raise InertnessError(f"{name} is nested too deeply") from None


@cache
def _expected(template: str) -> ast.Module | None:
    text = (TEMPLATES / f"{template}.py.jinja").read_text(encoding="utf-8")
    return None if re.search(r"\{[{%#]", text) else ast.parse(text)


def _same(one: object, other: object) -> bool:
    """Tell whether two trees are the same code, wherever it stands in its file."""
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(_same(getattr(one, name, None), getattr(other, name, None)) for name in one._fields)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
