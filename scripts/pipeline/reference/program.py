"""The example of a route: a call that runs on the stand-in, chosen by hand in `openapi/examples.yaml` or made of its required arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scripts.pipeline.document.example import example
from scripts.pipeline.generate.calls import Operation
from scripts.pipeline.published import DocumentError

WIDTH = 88
VARIABLES = ("project_id", "account_id")
"""What every example knows besides the clients."""
_VARIABLE = re.compile(r"\$([a-z_]+)((?:\.[a-z_]+|\[\d+\])*)")
_CLIENTS = {"admin": "admin", "admin-or-partner": "admin", "project": "by_project"}
_FORM = "`arguments`, `first` and `refused` are expected"


class Chosen(NamedTuple):
    """A call chosen by hand.

    `arguments` by their wire names; a text like `$project_id` or `$made.id` is a variable. `first` has the routes whose examples are
    called before, by the variable that their answer gets. `refused` is the error that the stand-in has for the call.
    """

    arguments: Mapping[str, Any] = {}
    first: Mapping[str, str] = {}
    refused: str = ""

    @classmethod
    def read(cls, given: Any, *where: str) -> Chosen:
        """Give the entry of a file; `DocumentError` when it is of another form."""
        try:
            entry = cls(**given)
            names = [*entry.arguments, *entry.first, *entry.first.values(), entry.refused]
        except (TypeError, AttributeError):
            raise DocumentError(_FORM, *where) from None
        if not all(isinstance(name, str) for name in names):
            raise DocumentError(_FORM, *where)
        return entry


class Examples:
    """The examples of a document's routes."""

    def __init__(self, operations: Mapping[str, Operation], chosen: Mapping[str, Chosen]) -> None:
        self._operations = operations
        self._chosen = {route: entry for route, entry in chosen.items() if self._fits(route, entry)}

    def _fits(self, route: str, entry: Chosen) -> bool:
        """Tell whether the document still has what an entry names; one that it has not lapses."""
        operation = self._operations.get(route)
        if operation is None or not self._operations.keys() >= set(entry.first.values()):
            return False
        known = {argument.wire for argument in operation.arguments}
        needed = {argument.wire for argument in operation.arguments if argument.required}
        return needed <= entry.arguments.keys() and (operation.open_ended or entry.arguments.keys() <= known)

    def refused(self, route: str) -> str:
        """Give the class of the error that the stand-in has for the example; empty when it answers."""
        entry = self._chosen.get(route)
        return entry.refused if entry else ""

    def program(self, route: str) -> str:
        """Give the example's lines."""
        return "\n".join(self._statements(route, "", ()))

    def _statements(self, route: str, name: str, above: tuple[str, ...]) -> Iterator[str]:
        entry = self._chosen.get(route) or Chosen(made(self._operations[route]))
        for variable, before in entry.first.items():
            if before not in (*above, route):
                name_of = variable if f"${variable}" in repr(entry.arguments) else ""
                yield from self._statements(before, name_of, (*above, route))
        yield from self._call(self._operations[route], entry, f"{name} = " if name else "")

    def _call(self, operation: Operation, entry: Chosen, target: str) -> Iterator[str]:
        client = _CLIENTS.get(str(operation.data.get("x-cocalc-auth")), "client")
        names = {argument.wire: argument.python for argument in operation.arguments}
        variables = {*VARIABLES, *entry.first}
        given = {
            names.get(wire, wire): _Expression(value, variables) for wire, value in entry.arguments.items()
        }
        if operation.data.get("x-cocalc-confirm") is not None:
            given["confirm"] = _Expression(True, variables)
        called = f"{target}{client}.{'.'.join(operation.attributes)}("
        return _laid_out(called, [(f"{name}=", value) for name, value in given.items()], ")", 0)


def made(operation: Operation) -> dict[str, Any]:
    """Give values for the arguments that a route requires."""
    components = dict(operation.models.kinds.components)
    properties = (
        operation.models.kinds.properties(operation.body_schema)[0]
        if operation.body_schema is not None
        else {}
    )
    needed = [argument.wire for argument in operation.arguments if argument.required]
    return {wire: _with_variables(wire, example(properties[wire], components)) for wire in needed}


def _with_variables(name: str, value: Any) -> Any:
    """Put the variables where ids of projects and accounts stand."""
    match value:
        case str():
            return next((f"${known}" for known in VARIABLES if known in name), value)
        case list():
            return [_with_variables(name, item) for item in value]
        case dict():
            return {key: _with_variables(str(key), item) for key, item in value.items()}
    return value


class _Expression:
    """A value as Python writes it."""

    def __init__(self, value: Any, variables: set[str]) -> None:
        self._value = value
        self._variables = variables

    def __str__(self) -> str:
        match self._value:
            case str() as text if (found := _VARIABLE.fullmatch(text)) and found[1] in self._variables:
                return text.removeprefix("$")
            case str() as text:
                escaped = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
                return f'"{escaped}"'
        begin, parts, end = self.parts()
        return (
            f"{begin}{', '.join(f'{key}{part}' for key, part in parts)}{end}" if begin else repr(self._value)
        )

    def parts(self) -> tuple[str, list[tuple[str, _Expression]], str]:
        """Give what a list or an object is made of; nothing for anything else."""
        match self._value:
            case dict() as fields:
                named = [(f"{self._of(key)}: ", self._of(value)) for key, value in fields.items()]
                return "{", named, "}"
            case list() as items:
                return "[", [("", self._of(item)) for item in items], "]"
        return "", [], ""

    def _of(self, value: Any) -> _Expression:
        return _Expression(value, self._variables)


def _laid_out(begin: str, parts: list[tuple[str, _Expression]], end: str, indent: int) -> Iterator[str]:
    """Give lines: one when it is short enough, else one for each part."""
    margin = " " * indent
    line = f"{margin}{begin}{', '.join(f'{key}{part}' for key, part in parts)}{end}"
    if len(line) <= WIDTH or not parts:
        yield line
        return
    yield f"{margin}{begin}"
    for key, part in parts:
        opening, inner, closing = part.parts()
        yield from _laid_out(f"{key}{opening or part}", inner, f"{closing},", indent + 4)
    yield f"{margin}{end}"
