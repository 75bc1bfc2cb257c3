"""The expressions and functions that decode a kind in the generated code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.pipeline.generate.kinds import (
    ANYTHING,
    NULL,
    Array,
    Kind,
    Kinds,
    Map,
    Model,
    Scalar,
    Time,
    without_null,
)

_TESTS = {
    "string": "type(value) is str",
    "boolean": "type(value) is bool",
    "number": "type(value) is int or type(value) is float",
    "list": "type(value) is list",
    "dict": "type(value) is dict",
}


@dataclass(frozen=True)
class ClassPlace:
    """Where a component's class is: its name, and the module in `models` that holds it."""

    name: str
    module: str


@dataclass(frozen=True)
class Function:
    """A decoding function: its name and the lines of its body."""

    name: str
    lines: tuple[str, ...]


class Readers:
    """The decoders that one generated module needs: what it imports and which functions it defines."""

    def __init__(
        self,
        kinds: Kinds,
        classes: Mapping[str, ClassPlace],
        modules: frozenset[str],
        own: str | None = None,
    ) -> None:
        self._kinds = kinds
        self._classes = classes
        self._modules = modules
        self._own = own
        self._taken: set[str] = set()
        self.functions: list[Function] = []
        self.runtime: set[str] = set()
        self.modules: set[str] = set()

    def expression(self, kind: Kind, hint: str) -> str:
        """Give an expression for a function `(value, found)` that decodes `kind`."""
        kind = without_null(kind)
        match kind:
            case Scalar():
                return self._runtime(f"read_{kind.type}")
            case Time():
                return self._runtime(f"read_{kind.form.replace('-', '_')}")
            case Model():
                return f"{self._class(kind)}._read"
            case Array() if kind.item == ANYTHING:
                return self._runtime("read_array")
            case Map() if kind.value == ANYTHING:
                return self._runtime("read_object")
            case Array() if isinstance(item := without_null(kind.item), Model):
                return f"{self._runtime('rows')}({self._class(item)}{_nulls(kind.item)})"
            case Array():
                return self._define(hint, [f"return {self._each(kind, hint)}"])
            case Map():
                value = self.expression(kind.value, f"{hint}_value")
                return self._define(hint, [f"return {self._values(kind, value)}"])
        if kind.flat() == (kind,):
            return self._runtime("read_any")
        return self._define(hint, self._of_union(kind.flat(), hint))

    def _each(self, kind: Array, hint: str) -> str:
        """Give the call that decodes a list."""
        if isinstance(without_null(kind.item), Model):
            return f"{self.expression(kind, hint)}(value, found)"
        item = self.expression(kind.item, f"{hint}_item")
        return f"{self._runtime('each')}(value, {item}, found{_nulls(kind.item)})"

    def _values(self, kind: Map, value: str) -> str:
        """Give the call that decodes a map whose values `value` decodes."""
        return f"{self._runtime('each_value')}(value, {value}, found{_nulls(kind.value)})"

    def _runtime(self, name: str) -> str:
        self.runtime.add(name)
        return name

    def _class(self, kind: Model) -> str:
        place = self._classes[kind.component]
        if place.module == self._own:
            return place.name
        self.modules.add(place.module)
        return f"_{place.module}.{place.name}"

    def _define(self, hint: str, lines: list[str]) -> str:
        name = f"_read_{hint}"
        while name in self._taken or name.removeprefix("_") in self._modules:
            name += "_"
        self._taken.add(name)
        self.functions.append(Function(name, tuple(lines)))
        return name

    def _of_union(self, options: tuple[Kind, ...], hint: str) -> list[str]:
        lines = ["if value is None:", "    return None"]
        strings = [option for option in options if _wire(option) == "string"]
        numbers = [option for option in options if _wire(option) == "number"]
        objects = [option for option in options if _wire(option) == "dict"]
        for test, group in (("string", strings), ("number", numbers)):
            if group:
                lines += [f"if {_TESTS[test]}:", f"    return {self._of_same_type(group, hint)}"]
        for option in options:
            if _wire(option) == "boolean":
                lines += [f"if {_TESTS['boolean']}:", "    return value"]
            if isinstance(option, Array):
                lines += [f"if {_TESTS['list']}:", f"    return {self._each(option, hint)}"]
        if objects:
            lines += [f"if {_TESTS['dict']}:", f"    return {self._of_objects(objects, hint)}"]
        expected = " or ".join(dict.fromkeys(map(_word, options)))
        word = self._runtime("word")
        return [*lines, f"found.append(((), {expected!r}, {word}(value)))", "return value"]

    def _of_same_type(self, group: list[Kind], hint: str) -> str:
        """Decode text or a number that may be a time and may be something else, which is then no departure."""
        times = [option for option in group if isinstance(option, Time)]
        reader = self.expression((times or group)[0], hint)
        return f"{reader}(value, {'found' if len(group) == 1 else '[]'})"

    def _of_objects(self, objects: list[Kind], hint: str) -> str:
        if len(objects) == 1:
            option = objects[0]
            if isinstance(option, Map):
                value = self.expression(option.value, f"{hint}_value")
                return self._values(option, value)
            return f"{self.expression(option, hint)}(value, found)"
        choices = []
        for index, option in enumerate(objects):
            constants: list[tuple[str, tuple[object, ...]]] = []
            keys: tuple[str, ...] = ()
            if isinstance(option, Model):
                properties, _ = self._kinds.properties(self._kinds.components[option.component])
                keys = tuple(properties)
                for name, schema in properties.items():
                    kind = self._kinds.of(schema)
                    if isinstance(kind, Scalar) and len(kind.choices) == 1:
                        constants.append((name, kind.choices))
            reader = self.expression(option, f"{hint}_option_{index}")
            choices.append(f"({reader}, {tuple(constants)!r}, {keys!r})")
        return f"{self._runtime('pick')}(value, ({', '.join(choices)},), found)"


def _nulls(kind: Kind) -> str:
    """Give the argument that says that null is a value of a kind, if it is one."""
    return ", True" if kind == ANYTHING or NULL in kind.flat() else ""


def _wire(kind: Kind) -> str:
    match kind:
        case Scalar("integer" | "number"):
            return "number"
        case Scalar() | Time():
            return kind.type
        case Array():
            return "list"
    return "dict"


def _word(kind: Kind) -> str:
    if kind == NULL:
        return "null"
    match kind:
        case Scalar():
            return kind.type
        case Time():
            return "time"
        case Array():
            return "array"
    return "object"
