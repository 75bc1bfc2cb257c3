"""One object of every class of results, made from its hints, so that a new class is looked at without being named."""

from __future__ import annotations

import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from cocalc_v2 import models
from cocalc_v2.tables import Table
from cocalc_v2.types import Answer

import cocalc_facade
from cocalc_facade import CoCalcError, Secret
from cocalc_facade._jobs.values.rows import Rows
from cocalc_facade._json.records import Listed, Record

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def classes() -> list[type]:
    """The classes of the facade, wherever they lie."""
    found: set[type] = set()
    for part in pkgutil.walk_packages(cocalc_facade.__path__, "cocalc_facade."):
        if (
            part.name.startswith(("cocalc_facade.testing", "cocalc_facade._pyinstaller"))
            or "__main__" in part.name
        ):
            continue
        try:
            module = import_module(part.name)
        except ImportError:
            continue  # an extra that is not installed
        found |= {
            thing
            for thing in vars(module).values()
            if isinstance(thing, type) and thing.__module__ == part.name
        }
    return sorted(found, key=lambda thing: (thing.__module__, thing.__qualname__))


BASES = {"Record", "Listed", "Unpacked", "Row", "Rows"}
RESULTS = [thing for thing in classes() if issubclass(thing, Record | Listed) and thing.__name__ not in BASES]
ERRORS = [thing for thing in classes() if issubclass(thing, CoCalcError)]
ANSWERS = [
    thing
    for name in models.__all__
    if isinstance(thing := getattr(models, name), type)
    and issubclass(thing, Answer)
    and thing.__name__ == name
]


def specimen(kind: type, depth: int = 0) -> Any:
    """One object of a class, with something in every field; None where it would hold itself."""
    if issubclass(kind, CoCalcError):
        return kind("it failed", path="exec", hint="try again", status=200)
    if issubclass(kind, Enum):
        return next(iter(kind))
    if not attrs.has(kind):
        return UNUSUAL[kind.__name__]()
    hints = {**get_type_hints(kind), **_of_rows(kind)}
    values = {
        field.alias: value_of(hints[field.name], depth + 1)
        for field in attrs.fields(kind)
        if field.init and field.repr
    }
    return kind(**values)


def _of_rows(kind: type) -> dict[str, Any]:
    """The hint of the rows of a class, which it inherits as that of a variable."""
    bases = [base for one in kind.__mro__ for base in getattr(one, "__orig_bases__", ()) if get_args(base)]
    item = next((get_args(base)[0] for base in bases if get_origin(base) is Rows), None)
    return {} if item is None else {"rows": tuple[item, ...]}


PLAIN: dict[Any, Any] = {
    str: "text", int: 7, float: 1.5, bool: True, bytes: b"%PDF-\xff", datetime: MOMENT, Any: [1, None], Decimal: Decimal("0.10"),
    Secret: None, Exception: CoCalcError("no", path="exec"), object: "x", type(None): None,
}  # fmt: skip


def value_of(hint: Any, depth: int = 0) -> Any:
    """A value that a hint allows, not None where anything else is."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if depth > 3:
            return None
        return value_of(next((one for one in args if one is not type(None)), args[0]), depth)
    if origin is typing.Literal:
        return args[0]
    if origin is tuple:
        return (value_of(args[0], depth),)
    if origin in (list, Table):
        return [value_of(args[0], depth)]
    if origin in (dict, Mapping):
        return {"cpu": value_of(args[1], depth)}
    if isinstance(hint, typing.TypeVar):
        return (
            Decimal("-35.50") if hint.__name__ == "M" else [1, None]
        )  # money, or the items and values of a map
    kind = origin or hint
    return PLAIN[kind] if kind in PLAIN else specimen(kind, depth)


def raw_answer() -> Any:
    """An answer as `with_raw_response` gives it."""
    from cocalc_facade._calls.decoding.raw import RawAnswer
    from cocalc_facade._calls.routes import Routes
    from cocalc_facade._wire.flow import Answer as Came

    answer = Came(200, {"content-type": "application/json"}, b'{"a": 1}')
    return RawAnswer(Routes()["exec"], answer, {"a": 1}, None, 0.5, 1, dict)


def mismatches() -> Any:
    """Departures of two kinds."""
    from cocalc_facade._calls.decoding.mismatches import Mismatches

    found = Mismatches()
    found.record("exec", [(("stdout",), "string", "null")] * 2 + [((0, "id"), "integer", "string")])
    return found


UNUSUAL: dict[str, Callable[[], Any]] = {"RawAnswer": raw_answer, "Mismatches": mismatches}
