"""The statements that our templates can produce, and what they bind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from types import EllipsisType

from scripts.pipeline.inertness.expressions import CLASS, DUNDER, Expressions, dotted
from scripts.pipeline.inertness.forms import (
    BASES,
    BUILTINS,
    DEFINE,
    EXCEPTIONS,
    FIELD,
    IMPORTED,
    MODULES,
    TYPES,
)

_MODULE = re.compile(r"[a-z_][a-z0-9_]*")
_NOT_MODULES = {"annotations", "import_module"}  # what `models` has beside its modules
LAZY = ("models/__init__.py", "resources/__init__.py")
_OLD_NAMES = """\
    if name in _NOW:
        import warnings

        warnings.warn(f"{__name__}.{name} is now called {_NOW[name]}", DeprecationWarning, stacklevel=2)
        return getattr(import_module(f".{_MODULES[name]}", __name__), _NOW[name])
"""
_LAZY_FUNCTIONS = """
def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
OLD NAMES
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
"""


@cache
def _lazy_functions() -> frozenset[str]:
    texts = [_LAZY_FUNCTIONS.replace("OLD NAMES", old) for old in ("", _OLD_NAMES)]
    return frozenset(ast.dump(function) for text in texts for function in ast.parse(text).body)


def _stored(target: ast.expr) -> Iterator[str]:
    """Give the names that a target binds."""
    for inner in (target,) if isinstance(target, ast.Name) else ast.walk(target):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    """Give the names that the statements of a function bind. Whatever else binds a name, in an expression, is no step of a function."""
    for node in body:
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from _stored(target)
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                yield from _stored(target)
            case ast.If(body=body, orelse=orelse):
                yield from _assigned([*body, *orelse])
            case ast.Try(body=body, handlers=handlers):
                yield from _assigned([*body, *(inner for handler in handlers for inner in handler.body)])


def _data(body: list[ast.stmt]) -> Iterator[str]:
    """Give the names that a module or a class binds to a value."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _is_method(name: str) -> bool:
    """Tell whether a class may have a method of this name: of the names that Python itself calls, only that of a group that is a route."""
    return name == "__call__" or not DUNDER.match(name)


class Module:
    """A module that a document has a part in."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._tree = tree
        self._name = name
        self._lazy = name in LAZY
        self._depth = name.count("/") + 1
        self._names: set[str] = set()
        self._expressions = Expressions(name, lazy=self._lazy)
        self._annotated = False

    def check(self) -> None:
        """Raise InertnessError for the first thing that has no place in the module."""
        bound: set[str] = set()
        for name in self._bound(self._tree.body):
            if name in bound or name in BUILTINS or (DUNDER.match(name) and not self._lazy):
                self._expressions.refuse(self._tree, f"{name}, bound twice or not to be bound,")
            bound.add(name)
        self._names = bound
        self._expressions.data = set(_data(self._tree.body))
        self._expressions.own = {node.name for node in self._tree.body if isinstance(node, ast.FunctionDef)}
        self._expressions.classes = {node.name for node in self._tree.body if isinstance(node, ast.ClassDef)}
        for statement in self._tree.body:
            self._statement(statement)
        if self._annotated and "annotations" not in bound:
            self._expressions.refuse(self._tree, "an annotation that is evaluated")

    def _annotation(self, node: ast.expr) -> None:
        self._annotated = True
        self._expressions.annotation(node)

    def _bound(self, body: list[ast.stmt]) -> Iterator[str]:
        """Give the names that statements bind in the module, each as often as it is bound."""
        for node in body:
            match node:
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    yield from (alias.asname or alias.name for alias in names)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    yield name
                case ast.If(body=inner):
                    yield from self._bound(inner)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if self._lazy and ast.dump(node) in _lazy_functions():
                    self._annotated = True
                else:
                    self._function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Assign() | ast.AnnAssign() if "/" in self._name and not self._lazy:
                self._expressions.refuse(node, "data in a module of classes")
            case ast.Assign(targets=[ast.Name()], value=value):
                self._expressions.literal(value)
            case ast.AnnAssign(target=ast.Name(), annotation=ast.Name(id="Final"), value=ast.expr() as value):
                self._expressions.literal(value)
            case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=ast.expr() as value):
                self._annotation(annotation)
                self._expressions.literal(value)
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
                for inner in node.body:
                    match inner:
                        case ast.Import() | ast.ImportFrom():
                            self._import(inner)
                        case ast.Pass() | ast.Assign(targets=[ast.Name()], value=ast.Name()):
                            continue
                        case _:
                            self._expressions.refuse(inner, f"{ast.unparse(inner)[:60]!r}")
            case _:
                self._expressions.refuse(node, f"the statement {ast.unparse(node)[:60]!r}")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES or alias.asname not in (None, f"_{alias.name}"):
                    self._expressions.refuse(node, f"an import of {alias.name}")
            return
        whole = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*" or DUNDER.match(alias.name) or DUNDER.match(alias.asname or "x"):
                self._expressions.refuse(node, f"an import of {alias.name}")
        if node.level == 0:
            allowed = IMPORTED.get(whole, set()) | (
                {"import_module"} if self._lazy and whole == "importlib" else set()
            )
            for alias in node.names:
                if alias.name not in allowed or alias.asname not in (None, f"_{alias.name}"):
                    self._expressions.refuse(node, f"an import of {alias.name} from {whole}")
                self._expressions.given[alias.asname or alias.name] = f"{whole}.{alias.name}"
        elif node.level > self._depth:
            self._expressions.refuse(node, "an import from outside the package")
        elif whole.lstrip(".") == "types" and node.level == self._depth:
            for alias in node.names:
                if alias.name not in TYPES or alias.asname not in (None, f"_{alias.name}"):
                    self._expressions.refuse(node, f"an import of {alias.name} from {whole}")
                self._expressions.from_types[alias.asname or alias.name] = alias.name
        elif whole.lstrip(".") in ("client", "operations") and node.level == self._depth:
            for alias in node.names:
                if alias.name not in ("AuthenticatedClient", "Client") or alias.asname:
                    self._expressions.refuse(node, f"an import of {alias.name} from {whole}")
        else:
            self._import_of_ours(node, whole)

    def _import_of_ours(self, node: ast.ImportFrom, whole: str) -> None:
        """Accept the module of errors, a module of models, or a class of a module beside this one."""
        models = ("." if self._name.startswith("models/") else "." * self._depth + "models", "...models")
        for alias in node.names:
            name, bound = alias.name, alias.asname or alias.name
            if (whole, bound) == ("." * self._depth, "errors") or (
                whole in models
                and bound == f"_{name}"
                and _MODULE.fullmatch(name)
                and name not in _NOT_MODULES
            ):
                self._expressions.modules.add(bound)
            elif re.fullmatch(r"\.[a-z0-9_]+", whole) and not alias.asname and CLASS.fullmatch(name):
                self._expressions.imported.add(bound)
            else:
                self._expressions.refuse(node, f"an import of {name} from {whole}")

    def _class(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            if not self._expressions.is_from_types(base, *BASES):
                self._expressions.refuse(base, f"the base {ast.unparse(base)[:60]}")
        if node.keywords or getattr(node, "type_params", None):
            self._expressions.refuse(node, "a class with keywords")
        for decorator in node.decorator_list:
            self._options(decorator, "define", DEFINE)
        outside = self._expressions.data
        self._expressions.data = outside | set(_data(node.body))
        for statement in node.body:
            self._member(statement)
            self._expressions.scoped |= set(self._bound([statement]))
        self._expressions.data, self._expressions.scoped = outside, set()

    def _member(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return
            case ast.FunctionDef(
                name=name,
                decorator_list=[
                    ast.Call(
                        func=func, args=[ast.Attribute(value=ast.Name() as owner, attr=method)], keywords=[]
                    )
                ],
            ) if (
                method == name
                and _is_method(name)
                and self._is_ours(func, "raw", "raw_async")
                and owner.id in self._expressions.classes - self._expressions.scoped
            ):
                self._function(node, decorated=True)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if _is_method(name):
                self._function(node)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value) if (
                not DUNDER.match(name)
            ):
                self._annotation(annotation)
                if isinstance(value, ast.Call):
                    self._options(value, "field", FIELD)
                elif value is not None:
                    self._expressions.default(value)
            case _:
                self._expressions.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def _is_ours(self, node: ast.AST, *names: str) -> bool:
        """Tell whether `node` is one of `names` of `types.py`, and nothing else in the class."""
        bound = isinstance(node, ast.Name) and node.id in self._expressions.scoped
        return not bound and self._expressions.is_from_types(node, *names)

    def _options(self, node: ast.expr, function: str, known: set[str]) -> None:
        """Accept a call of one of attrs' two functions, with options that hold no code."""
        match node:
            case ast.Call(func=func, args=[], keywords=keywords) if self._expressions.is_given(
                func, f"attrs.{function}"
            ):
                for keyword in keywords:
                    if keyword.arg not in known:
                        self._expressions.refuse(node, f"{function} with {keyword.arg}")
                    if keyword.arg == "factory":
                        if dotted(keyword.value) not in (
                            "dict",
                            "builtins.dict",
                            "list",
                            "builtins.list",
                        ):
                            self._expressions.refuse(node, f"the factory {ast.unparse(keyword.value)[:60]}")
                    else:
                        self._expressions.default(keyword.value)
            case _:
                self._expressions.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, *, decorated: bool = False) -> None:
        for decorator in () if decorated else node.decorator_list:
            match decorator:
                case ast.Name() if self._expressions.is_given(decorator, "functools.cached_property"):
                    continue
                case ast.Name(id="classmethod") if (
                    "classmethod" not in self._names | self._expressions.scoped
                ):
                    continue
                case ast.Call(func=func, args=[ast.Constant(value=str())], keywords=[]) if self._is_ours(
                    func, "deprecated"
                ):
                    continue
                case _:
                    self._expressions.refuse(decorator, f"the decorator {ast.unparse(decorator)[:60]}")
        if getattr(node, "type_params", None):
            self._expressions.refuse(node, "a type parameter")
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._expressions.default(default)
        args = node.args
        single = [argument for argument in (args.vararg, args.kwarg) if argument is not None]
        given = [*args.posonlyargs, *args.args, *args.kwonlyargs, *single]
        for annotation in (*(argument.annotation for argument in given), node.returns):
            if annotation is not None:
                self._annotation(annotation)
        self._expressions.local = {*(argument.arg for argument in given), *_assigned(node.body)}
        for statement in node.body:
            self._step(statement)
        self._expressions.local = set()

    def _step(self, node: ast.stmt) -> None:
        """Accept a statement of a function."""
        match node:
            case (
                ast.Expr(value=ast.Constant(value=str() | EllipsisType()))
                | ast.Pass()
                | ast.Return(value=None)
            ):
                return
            case ast.ImportFrom():
                self._import(node)
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                self._expressions.value(value)
            case ast.Raise(exc=ast.Name(id="NotImplementedError"), cause=None):
                return
            case ast.Raise(exc=ast.Call() as error, cause=None):
                self._expressions.value(error)
            case ast.Assign(targets=[target], value=value):
                self._target(target)
                if "self" in _stored(target) and ast.unparse(value) != "new(cls)":
                    self._expressions.refuse(node, "another self")
                self._expressions.value(value)
            case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=ast.expr() as value):
                self._annotation(annotation)
                self._expressions.value(value)
            case ast.AugAssign(target=ast.Name(), op=ast.BitOr(), value=ast.Constant(value=int())):
                return
            case ast.If(test=test, body=body, orelse=orelse):
                self._expressions.value(test)
                for inner in (*body, *orelse):
                    self._step(inner)
            case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
                for handler in handlers:
                    if (
                        not isinstance(handler.type, ast.Name)
                        or handler.type.id not in EXCEPTIONS
                        or handler.name
                    ):
                        self._expressions.refuse(handler, "the handler")
                for inner in (*body, *(inner for handler in handlers for inner in handler.body)):
                    self._step(inner)
            case _:
                self._expressions.refuse(node, f"the statement {ast.unparse(node)[:60]!r}")

    def _target(self, node: ast.expr) -> None:
        match node:
            case ast.Name(id=name) if not DUNDER.match(name):
                return
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name == "_state" or name[0] != "_":
                return
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant()) if (
                name in self._expressions.local
            ):
                return
            case ast.Attribute(value=ast.Call(func=func, args=[], keywords=[]), attr="kept") if (
                dotted(func) == "self._noted"
            ):
                return
            case ast.Tuple(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
                return
            case _:
                self._expressions.refuse(node, f"{ast.unparse(node)[:60]!r}")
