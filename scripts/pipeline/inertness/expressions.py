"""The expressions that our templates can produce."""

from __future__ import annotations

import ast
import re
from typing import NoReturn

from scripts.pipeline.inertness.forms import BUILTINS, METHODS, OWN, REQUESTS, SAFE, UNSAFE

DUNDER = re.compile(r"__\w*")
CLASS = re.compile(r"[A-Z]\w*")
_NOT_CALLED = {"clients", "httpx", "models", "resources"}


class InertnessError(ValueError):
    """Generated code would do something that it has no use for."""


def dotted(node: ast.expr) -> str:
    """Give `a.b.c` for a part of what a name means, as it is written; the empty text for any other expression."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _entries(keys: list[ast.expr | None], values: list[ast.expr]) -> list[ast.expr | None]:
    return [*keys, *values]


class Expressions:
    """Which expressions a module may hold, by what its names are bound to."""

    def __init__(self, name: str, *, lazy: bool) -> None:
        self.name = name
        self.lazy = lazy
        self.from_types: dict[str, str] = {}
        self.own: set[str] = set()
        self.classes: set[str] = set()
        self.modules: set[str] = set()
        self.imported: set[str] = set()
        self.data: set[str] = set()
        """What the module, or the class that is looked at, binds to a value."""
        self.given: dict[str, str] = {}
        """What is imported from other packages: `attrs.define` by the name that it is bound to."""
        self.scoped: set[str] = set()
        """What the class that is looked at binds, so that the name means that in it from there on."""
        self.local: set[str] = set()
        """What the function binds that is looked at: nothing of that is known, so none of it is called."""

    def refuse(self, node: ast.AST, what: str) -> NoReturn:
        """Raise for what stands at `node`."""
        raise InertnessError(f"{self.name}, line {getattr(node, 'lineno', 1)}: {what} has no place there")

    def is_from_types(self, node: ast.AST, *names: str) -> bool:
        """Tell whether `node` is a name that is bound to one of `names` of `types.py`."""
        return isinstance(node, ast.Name) and self.from_types.get(node.id) in names

    def is_given(self, node: ast.AST, whole: str) -> bool:
        """Tell whether `node` is a name that is bound to `whole` of another package, and to nothing else in the class."""
        return isinstance(node, ast.Name) and node.id not in self.scoped and self.given.get(node.id) == whole

    def literal(self, node: ast.expr) -> None:
        """Accept a constant, or a list or mapping of such."""
        match node:
            case ast.Constant():
                return
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                for part in parts:
                    self.literal(part)
            case ast.Dict(keys=keys, values=values):
                for entry in _entries(keys, values):
                    if entry is None:
                        self.refuse(node, "an unpacking")
                    self.literal(entry)
                    if self.lazy and not (
                        isinstance(entry, ast.Constant) and str(entry.value).isidentifier()
                    ):
                        self.refuse(node, f"{ast.unparse(entry)[:60]!r}")
            case _:
                self.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def default(self, node: ast.expr) -> None:
        """Accept what an argument or a field can have as its default."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return
            case ast.Name() if self.is_from_types(node, "UNSET", "ABSENT"):
                return
            case _:
                self.literal(node)

    def annotation(self, node: ast.expr, *, literal: bool = False) -> None:
        """Accept a type; it is not evaluated by importing, but by whoever asks for type hints.

        Who does that evaluates a text that comes out of it as well. So there is none but as a `literal`, and no name of data.
        """
        match node:
            case ast.Constant(value=str()) if not literal:
                self.refuse(node, "a text as an annotation")
            case ast.Name(id=name) if name in self.data:
                self.refuse(node, f"the annotation {name}, which is data,")
            case ast.Name() | ast.Constant():
                return
            case ast.Attribute():
                self.chain(node)
                if dotted(node).partition(".")[0] in self.data:
                    self.refuse(node, f"the annotation {ast.unparse(node)[:60]}, which is data,")
            case ast.Subscript(value=value, slice=inner):
                self.annotation(value)
                self.annotation(inner, literal=self.is_given(value, "typing.Literal"))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self.annotation(part, literal=literal)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                self.annotation(left)
                self.annotation(right)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return
            case _:
                self.refuse(node, f"the annotation {ast.unparse(node)[:60]!r}")

    def chain(self, node: ast.expr) -> None:
        """Accept a name, or a part of what it names."""
        while isinstance(node, ast.Attribute):
            if DUNDER.match(node.attr):
                self.refuse(node, f"{ast.unparse(node)[:60]!r}")
            node = node.value
        if not isinstance(node, ast.Name):
            self.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def part(self, node: ast.Attribute) -> None:
        """Accept a part of what a function has, or a class of a module and what reads it: whatever else modules hold is not for it."""
        self.chain(node)
        root, *parts = dotted(node).split(".")
        if root in self.local:
            return
        known = self.from_types.get(root, root)
        if root in self.modules or known in ("clients", "models", "resources"):
            fits = CLASS.fullmatch(parts[0]) and parts[1:] in ([], ["_read"])
        elif known == "builtins":
            fits = parts[0] in SAFE and not parts[1:]
        else:
            fits = not self._is_unsafe(known) and known != "httpx"
        if not fits:
            self.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def _is_unsafe(self, name: str) -> bool:
        """Tell whether a name is that of a built-in of effect. A class of the module may be called like one of Python's classes."""
        return name in UNSAFE and not (name in self.classes and CLASS.fullmatch(name))

    def value(self, node: ast.expr) -> None:
        """Accept an expression of a function."""
        match node:
            case ast.Constant(value=str(text)) if "://" in text and self.name.startswith("api/"):
                self.refuse(node, "an address")
            case ast.Constant():
                return
            case ast.Name(id=name):
                if name not in self.local and (self._is_unsafe(name) or name in self.modules):
                    self.refuse(node, name)
            case ast.Attribute(value=ast.Call() as inner, attr=name) if not DUNDER.match(name):
                self.value(inner)
            case ast.Attribute(value=ast.Await(value=ast.Call() as inner), attr=name) if not DUNDER.match(
                name
            ):
                self.value(inner)
            case ast.Attribute():
                self.part(node)
            case ast.Subscript(value=ast.Name() as holder, slice=ast.Constant() | ast.Name()):
                self.value(holder)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.BoolOp(values=parts):
                for part in parts:
                    self.value(part)
            case ast.Dict(keys=keys, values=values):
                for entry in _entries(keys, values):
                    if entry is None:
                        self.refuse(node, "an unpacking")
                    self.value(entry)
            case ast.Compare(left=left, comparators=others):
                for part in (left, *others):
                    self.value(part)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                for part in (test, body, orelse):
                    self.value(part)
            case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
                self.value(operand)
            case ast.Await(value=ast.Call() as call):
                self.value(call)
            case ast.Call():
                self._call(node)
            case _:
                self.refuse(node, f"{ast.unparse(node)[:60]!r}")

    def _call(self, node: ast.Call) -> None:
        func = node.func
        called = dotted(func)
        roots = (
            [called.partition(".")[0]]
            if called
            else [inner.id for inner in ast.walk(func) if isinstance(inner, ast.Name)]
        )
        if any(root in self.local and root not in OWN for root in roots):
            self.refuse(node, f"a call of {ast.unparse(func)[:60]}, which the function binds,")
        match func:
            case ast.Name(id=name) if name in OWN:
                self.refuse(node, f"a call of {ast.unparse(func)[:60]}")
            case ast.Name(id=name) if name in self.from_types or name in self.own or name in self.imported:
                if self.from_types.get(name) in _NOT_CALLED:
                    self.refuse(node, f"a call of {ast.unparse(func)[:60]}")
            case ast.Name(id="HTTPStatus"):
                pass
            case ast.Name(id=name) if name in BUILTINS:
                if name == "type" and (len(node.args) != 1 or node.keywords):
                    self.refuse(node, "a class made by type")
            case ast.Name(id=name) if name in {"asyncio_detailed", "sync_detailed"}:
                pass
            case ast.Attribute() if called in METHODS or called in REQUESTS:
                pass
            case ast.Attribute(value=ast.Call(func=inner, args=[], keywords=[]), attr="request") if (
                dotted(inner) in REQUESTS
            ):
                pass
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id=name)), attr="_read") if (
                name in self.modules and name not in self.local
            ):
                self.part(func)
            case ast.Attribute(value=ast.Name(id=name), attr="_read") if name in self.classes - self.local:
                pass
            case ast.Call(func=ast.Name(id=name)) if name in self.own or self.from_types.get(name) == "rows":
                self._call(func)
            case _:
                self.refuse(node, f"a call of {ast.unparse(func)[:60]}")
        for argument in node.args:
            self.value(argument)
        for keyword in node.keywords:
            if keyword.arg is None and not isinstance(keyword.value, ast.Call):
                self.refuse(node, "an unpacking")
            self.value(keyword.value)
