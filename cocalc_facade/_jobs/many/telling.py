"""What tells the further arguments of one run from those of another, the same in every process, without showing them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from inspect import isclass, isroutine
from typing import Any

import attrs

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LEAVES = (str, int, float, bool, type(None))


def digest(given: Any) -> str:
    """Give what tells arguments apart: there may be secrets among them, so it says nothing of them."""
    return blake2b(_text(_told(given, frozenset())).encode(), digest_size=12).hexdigest()


def _told(value: Any, above: frozenset[int]) -> Any:
    """Give plain JSON that is the same for the same value in every run: of functions their names, of what has no parts its repr."""
    kind = type(value)
    if kind in _LEAVES:
        return value
    if id(value) in above:  # it holds itself
        return kind.__qualname__
    within = above | {id(value)}
    if isinstance(value, Mapping):
        pairs = [[_told(name, within), _told(inner, within)] for name, inner in value.items()]
        return {"mapping": sorted(pairs, key=_text)}
    if isinstance(value, list | tuple):
        return [_told(inner, within) for inner in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted((_told(inner, within) for inner in value), key=_text)}
    if isinstance(value, partial):
        return {"partial": [_told(part, within) for part in (value.func, value.args, value.keywords)]}
    if isroutine(value) or isclass(value):
        return getattr(value, "__qualname__", kind.__qualname__)
    names = [field.name for field in attrs.fields(kind)] if attrs.has(kind) else _fields(kind)
    if names:
        return [kind.__qualname__, [_told(getattr(value, name, None), within) for name in names]]
    try:
        return [kind.__qualname__, _ADDRESS.sub("", repr(value))]
    except Exception:  # it is of the user's
        return kind.__qualname__


def _fields(kind: type) -> list[str]:
    return list(getattr(kind, "__dataclass_fields__", ()))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
