"""Whether generated code is inert: importing it defines things, and does nothing.

The templates put untrusted text into string literals and names only. This check does not believe that: it reads
what was written as Python reads it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MODULES = frozenset(
    {
        "__future__", "attrs", "builtins", "collections.abc", "copy", "datetime", "functools", "http",
        "http.cookiejar", "httpx", "importlib", "json", "operator", "ssl", "types", "typing", "typing_extensions", "uuid",
    }
)  # fmt: skip
BUILTINS = frozenset(
    {
        "all", "any", "dict", "enumerate", "frozenset", "getattr", "globals", "hasattr", "int", "isinstance", "iter",
        "len", "list", "map", "range", "repr", "set", "setattr", "sorted", "str", "sum", "super", "tuple", "type", "zip",
        "AttributeError", "KeyError", "NotImplementedError", "TypeError", "ValueError",
    }
)  # fmt: skip
# What may be called while a module is imported.
_AT_IMPORT = frozenset(
    {
        "ParamSpec", "TypeVar", "Unset", "_Table", "datetime.fromtimestamp", "define", "deprecated", "field", "raw",
        "raw_async", "refusing_24", "timedelta", "_deprecated", "_raw", "_raw_async",
    }
)  # fmt: skip
_DECORATORS = frozenset({"_cached_property", "cached_property", "classmethod", "property"}) | _AT_IMPORT


class InertnessError(ValueError):
    """Generated code would do something when imported, or reach for what it has no use for."""


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
        check_module(name, place.read_text(encoding="utf-8"))
        count += 1
    return count


def check_module(name: str, text: str) -> None:
    """Check one module, whose file is `name` within the package.

    Raises:
        InertnessError: naming the file, the line and what stands there.
    """
    _Module(name, text).check()


class _Module:
    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._depth = name.count("/") + 1
        try:
            self._tree = ast.parse(text, filename=name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise InertnessError(f"{name} is not Python: {error}") from None
        self._nodes = list(ast.walk(self._tree))
        self._known = set(self._defined())

    def check(self) -> None:
        for statement in self._tree.body:
            self._check_statement(statement)
        for node in self._nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._check_import(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id not in self._known and node.func.id not in BUILTINS:
                    self._refuse(node, f"a call of {node.func.id}")
            elif isinstance(
                node, ast.Global | ast.Nonlocal | ast.Delete | ast.With | ast.AsyncWith | ast.Yield
            ):
                self._refuse(node, type(node).__name__.lower())

    def _refuse(self, node: ast.AST, what: str) -> None:
        raise InertnessError(f"{self._name}, line {getattr(node, 'lineno', '?')}: {what} has no place there")

    def _defined(self) -> Iterator[str]:
        """Give the names that the module imports, defines, or takes as arguments."""
        for statement in self._tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                yield statement.name
        for node in self._nodes:
            match node:
                case ast.Import() | ast.ImportFrom():
                    yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
                case ast.ClassDef():
                    yield node.name
                case ast.arg():
                    yield node.arg
                case ast.Name(ctx=ast.Store()):
                    yield node.id

    def _check_import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES:
                    self._refuse(node, f"an import of {alias.name}")
        elif node.level == 0 and node.module not in MODULES:
            self._refuse(node, f"an import from {node.module}")
        elif node.level > self._depth:
            self._refuse(node, "an import from outside the package")

    def _check_statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return
            case ast.Import() | ast.ImportFrom():
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._check_function(node)
            case ast.ClassDef():
                self._check_class(node)
            case (
                ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=value)
            ):
                if value is not None:
                    self._check_value(value)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                for inner in (*node.body, *node.orelse):
                    self._check_statement(inner)
            case _:
                self._refuse(node, f"the statement {ast.unparse(node)[:60]!r}")

    def _check_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._check_decorators(node.decorator_list)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._check_value(default)

    def _check_class(self, node: ast.ClassDef) -> None:
        self._check_decorators(node.decorator_list)
        for base in node.bases:
            self._check_value(base)
        if node.keywords:
            self._refuse(node, "a class with keywords")
        for statement in node.body:
            self._check_statement(statement)

    def _check_decorators(self, decorators: list[ast.expr]) -> None:
        for decorator in decorators:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called) not in _DECORATORS:
                self._refuse(decorator, f"the decorator {ast.unparse(called)[:60]}")
            if isinstance(decorator, ast.Call):
                self._check_value(decorator)

    def _check_value(self, node: ast.expr) -> None:
        """Accept literals, names, types, and calls of a few known functions with such arguments."""
        for inner in ast.walk(node):
            match inner:
                case ast.Call(func=func):
                    if ast.unparse(func) not in _AT_IMPORT:
                        self._refuse(inner, f"a call of {ast.unparse(func)[:60]}")
                case (
                    ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript() | ast.Tuple() | ast.List()
                    | ast.Dict() | ast.Set() | ast.BinOp() | ast.UnaryOp() | ast.keyword() | ast.expr_context()
                    | ast.operator() | ast.unaryop() | ast.Lambda() | ast.arguments() | ast.arg() | ast.BoolOp()
                    | ast.boolop()
                ):  # fmt: skip
                    continue
                case _:
                    self._refuse(inner, f"{ast.unparse(node)[:60]!r}")
