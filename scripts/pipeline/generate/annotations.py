"""How a kind is written as a type, for those who read an answer and for those who pass an argument."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from scripts.pipeline.generate.kinds import (
    ANYTHING,
    NULL,
    Array,
    Kind,
    Map,
    Model,
    Scalar,
    Time,
    without_null,
)

MOST_LITERALS = 40

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Annotations:
    """Types as text; `imports` collects what the text needs, `later` the modules in it that are imported when hints are resolved."""

    def __init__(
        self, class_names: Mapping[str, str], taken: frozenset[str], shadowed: Collection[str] = ()
    ) -> None:
        self._class_names = class_names
        self._shadowed = frozenset(shadowed)
        self._taken = taken
        self.imports: set[str] = set()
        self.later: set[str] = set()

    def _builtin(self, name: str) -> str:
        if name not in self._shadowed:
            return name
        self.imports.add("import builtins")
        return f"{self.outside('builtins')}.{name}"

    def _import(self, module: str, name: str) -> str:
        self.imports.add(f"from {module} import {self.imported(name)}")
        return self.outside(name)

    def outside(self, name: str) -> str:
        """Give what the module calls something that it imports, which its class may have a member of the name of."""
        return f"_{name}" if name in self._shadowed else name

    def imported(self, name: str) -> str:
        """Give the part of an import that makes `outside` true."""
        return f"{name} as _{name}" if name in self._shadowed else name

    def answer(self, kind: Kind) -> str:
        """Give the type of a value that the server sent."""
        return self._join(kind, self._answer)

    def result(self, kind: Kind) -> str:
        """Give the type of a whole answer: a list of objects is a table there."""
        return self._join(kind, self._result)

    def _result(self, kind: Kind) -> list[str]:
        if isinstance(kind, Array) and isinstance(without_null(kind.item), Model):
            return [f"{self.module('Table')}[{self.answer(kind.item)}]"]
        return self._answer(kind)

    def argument(self, kind: Kind) -> str:
        """Give the type of a value that a caller may pass."""
        return self._join(kind, self._argument)

    def _join(self, kind: Kind, one: Callable[[Kind], list[str]]) -> str:
        options = [option for option in kind.flat() if option != NULL]
        if NULL in kind.flat():
            options.append(NULL)
        types = dict.fromkeys(text for option in options for text in one(option))
        if types.keys() & {"float", f"{self.outside('builtins')}.float"}:
            types.pop("int" if "int" not in self._shadowed else f"{self.outside('builtins')}.int", None)
        return " | ".join(types)

    def _answer(self, kind: Kind) -> list[str]:
        match kind:
            case Scalar("null"):
                return ["None"]
            case Scalar("string") if 0 < len(values := kind.choices or kind.known) <= MOST_LITERALS:
                return [self._literal(values)]
            case Scalar():
                return [self._builtin(_SCALARS[kind.type])]
            case Time():
                return [self._import("datetime", "datetime")]
            case Array():
                return [f"{self._builtin('list')}[{self.answer(kind.item)}]"]
            case Map():
                return [f"{self._builtin('dict')}[{self._builtin('str')}, {self.answer(kind.value)}]"]
            case Model():
                return [self._model(kind)]
        return [self._import("typing", "Any")]

    def _argument(self, kind: Kind) -> list[str]:
        match kind:
            case Scalar("string"):
                if 0 < len(kind.choices) <= MOST_LITERALS:
                    return [self._literal(kind.choices)]
                text = self._builtin("str")
                return [text, self._import("uuid", "UUID")] if kind.uuid else [text]
            case Time():
                wire = [self._builtin("str")] if kind.type == "string" else [self._builtin("float")]
                return [self._import("datetime", "datetime"), *wire]
            case Array():
                return [f"{self._import('collections.abc', 'Sequence')}[{self.argument(kind.item)}]"]
            case Map():
                mapping = self._import("collections.abc", "Mapping")
                return [f"{mapping}[{self._builtin('str')}, {self.argument(kind.value)}]"]
            case Model():
                any_ = self._import("typing", "Any")
                mapping = self._import("collections.abc", "Mapping")
                return [self._model(kind), f"{mapping}[{self._builtin('str')}, {any_}]"]
        return self._answer(kind)

    def _literal(self, values: Sequence[object]) -> str:
        return f"{self._import('typing', 'Literal')}[{', '.join(map(repr, values))}]"

    def _model(self, kind: Model) -> str:
        return f"{self.module('models')}.{self._class_names[kind.component]}"

    def module(self, name: str) -> str:
        """Give what a module that is imported when hints are resolved is called here."""
        self.later.add(self.imported(name))
        return self.outside(name)


def table_kind(kind: Kind) -> str:
    """Give the one word that the operation table has for an argument."""
    kind = without_null(kind)
    match kind:
        case Scalar("string"):
            return "uuid" if kind.uuid else "string"
        case Scalar("null"):
            return "any"
        case Scalar():
            return kind.type
        case Time():
            return f"time-{kind.form}"
        case Array():
            return "array"
        case Map() | Model():
            return "object"
    return "any"


def json_types(kind: Kind) -> tuple[str, ...]:
    """Give the types of JSON that a value of a kind can have; none for any."""
    found = []
    for option in kind.flat():
        match option:
            case Scalar() | Time():
                found.append(option.type)
            case Array():
                found.append("array")
            case Map() | Model():
                found.append("object")
            case _:
                return ()
    return tuple(sorted(set(found)))


def time_form(kind: Kind) -> str:
    """Give the wire form of the times in a kind: empty when there are none, `mixed` when they differ."""
    forms = _forms(kind)
    return "" if not forms else forms.pop() if len(forms) == 1 else "mixed"


def _forms(kind: Kind) -> set[str]:
    match kind:
        case Time():
            return {kind.form}
        case Array():
            return _forms(kind.item)
        case Map():
            return _forms(kind.value)
    options = kind.flat()
    return set() if options == (kind,) else set().union(*map(_forms, options))


def is_plain(kind: Kind) -> bool:
    """Tell whether values of a kind are the same in Python and on the wire."""
    match kind:
        case Scalar():
            return True
        case Array():
            return is_plain(kind.item)
        case Map():
            return is_plain(kind.value)
        case Time() | Model():
            return False
    return kind == ANYTHING or all(is_plain(option) for option in kind.flat())
