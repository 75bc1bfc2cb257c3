"""The columns of a list with the extra `fast`: msgspec reads rows into structs, and tests types in C.

It neither keeps unknown fields nor says how a time was written: so it is told to refuse the former, and to leave the latter as text.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cocalc_v2 import types
from cocalc_v2.types import UNSET, Reader

from .columns import Column, Load, Read, Values

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


def structs(columns: tuple[Column, ...]) -> Read:
    """Give what reads these columns of a list, an error of `DEPARTURES` when it has others or a value is of another type.

    ImportError without msgspec; ValueError when a field has a name that msgspec does not take, with a quote in it for example.
    """
    msgspec = import_module("msgspec")
    fields: list[tuple[Any, ...]] = []
    wires: dict[str, str] = {}
    integers: list[int] = []
    for place, (wire, reader, nullable, optional) in enumerate(columns):
        kind = _TYPES.get(reader, Any)
        if reader is types.read_integer:
            integers.append(place)
        if nullable and kind is not Any:
            kind = kind | None
        wires[f"f{place}"] = wire
        fields.append((f"f{place}", kind, UNSET) if optional else (f"f{place}", kind))
    options = {"rename": wires, "forbid_unknown_fields": True, "gc": False, "kw_only": True}
    decode = msgspec.json.Decoder(_list_of(msgspec.defstruct("Row", fields, **options))).decode
    values_of = msgspec.structs.astuple

    def read(piece: bytes, _: Load) -> tuple[list[Values], int]:
        rows = decode(piece)
        found: list[Values] = list(zip(*map(values_of, rows), strict=True))
        for place in integers:
            if float in set(map(type, found[place])):
                raise TypeError
        return found, len(rows)

    return read


def _list_of(item: Any) -> Any:
    return list[item]
