"""Large answers with the extra `fast`: from bytes to typed objects without the dicts between.

msgspec reads the bytes and tests the types in C. Only what is exactly as the schema says is taken from it: an unknown field, a value of
another type or a failure of the server makes it refuse the whole answer, which is then read the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from cocalc_v2 import types
from cocalc_v2.types import UNSET, Found, Reader, Rows

from cocalc_facade._calls.meaning.payloads import is_json
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.flow import Answer

_NUMBER = int | float
_TYPES: dict[Reader, Any] = {
    types.read_string: str,
    types.read_integer: _NUMBER,  # whether 1.0 is an integer is not for msgspec to say
    types.read_number: _NUMBER,
    types.read_boolean: bool,
    types.read_object: dict,
    types.read_array: list,
    types.read_iso: str,
    types.read_epoch_ms: _NUMBER,
    types.read_epoch_s: _NUMBER,
}

Decode = Callable[[bytes], Any]


def typed(answer: Answer, route: Route) -> Any:
    """Give the typed result of an answer that is as the schema says; `None` when it has to be read the ordinary way."""
    if route.failure or not is_json(answer):
        return None
    decode = _decoder(route.reader)
    if decode is None:
        return None
    try:
        result = decode(answer.body)
    except (ValueError, RecursionError):
        return None
    return result if not route.promises or _keeps(result, route) else None


def _keeps(result: Any, route: Route) -> bool:
    """Tell whether an object has one of the fields that every success of the route has."""
    operation = route.operation
    return operation is not None and any(
        getattr(result, name) is not None
        for name, wire, _ in getattr(result, "_fields", ())
        if wire in operation.some
    )


@cache
def _decoder(reader: Reader) -> Decode | None:
    """Give what decodes an answer of rows; `None` when it has no rows, or there is no msgspec."""
    try:
        msgspec = import_module("msgspec")
    except ImportError:
        return None
    try:
        if isinstance(reader, Rows):
            return _of_rows(msgspec, reader)
        model = getattr(reader, "__self__", None)
        if not isinstance(model, type) or not issubclass(model, types.Answer):
            return None
        return _of_object(msgspec, model)
    except (TypeError, ValueError):
        return None  # a field has a name that msgspec does not take, with a quote in it for example


def _of_rows(msgspec: Any, rows: Rows) -> Decode:
    read = msgspec.json.Decoder(_list_of(_struct(msgspec, rows.model))).decode
    make = _maker(msgspec, rows)
    return lambda body: make(read(body))


def _of_object(msgspec: Any, model: type[types.Answer]) -> Decode | None:
    fields = zip(model._fields, model._readers(), strict=True)
    lists = {index: rows for index, (_, rows) in enumerate(fields) if isinstance(rows, Rows)}
    if not lists or any(wire == "error" for _, wire, _ in model._fields):
        return None
    inner = {index: _list_of(_struct(msgspec, rows.model)) for index, rows in lists.items()}
    read = msgspec.json.Decoder(_struct(msgspec, model, inner)).decode
    makers = [(index, model._fields[index][0], _maker(msgspec, rows)) for index, rows in lists.items()]
    values_of = msgspec.structs.astuple

    def decode(body: bytes) -> Any:
        values = list(values_of(read(body)))
        found: Found = []
        made = {}
        for index, name, make in makers:
            if values[index]:
                made[name] = objects = make(values[index])
                if objects is None:
                    return None
                values[index] = []
        result = model._make(values, found)
        if result is None or found:
            return None
        for name, objects in made.items():
            setattr(result, name, objects)
        return result

    return decode


def _struct(msgspec: Any, model: type[types.Answer], inner: Mapping[int, Any] = MappingProxyType({})) -> Any:
    """Give a type for msgspec with the fields of `model`, of which absent ones will be `UNSET`.

    `inner` has the types of some fields by their position; any other that is no plain value is left as JSON.
    """
    fields = []
    wires = {}
    for index, ((_, wire, _), reader) in enumerate(zip(model._fields, model._readers(), strict=True)):
        kind = inner.get(index) or _TYPES.get(reader, Any)
        fields.append((f"f{index}", Any if kind is Any else kind | None, UNSET))
        wires[f"f{index}"] = wire
    return msgspec.defstruct(model.__name__, fields, rename=wires, forbid_unknown_fields=True, gc=False)


def _list_of(item: Any) -> Any:
    return list[item]


def _maker(msgspec: Any, rows: Rows) -> Callable[[list[Any]], list[Any] | None]:
    """Give what makes a list of msgspec's objects one of ours; `None` when one of them departs from the schema."""
    model = rows.model
    make, values_of = model._make, msgspec.structs.astuple
    wires = [wire for _, wire, _ in model._fields]

    def convert(objects: list[Any]) -> list[Any] | None:
        found: Found = []
        for index, row in enumerate(objects):
            values = values_of(row)
            made = make(values, found)
            if made is None:  # a time in another form than the usual one, for example
                given = {wire: value for wire, value in zip(wires, values, strict=True) if value is not UNSET}
                made = model._read(given, found)
            if found:
                return None
            objects[index] = made
        return objects

    return convert
