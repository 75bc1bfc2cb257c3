"""Items, values and errors as plain JSON, and back.

What JSON has is itself. Everything else is an object with the one key `$` and what it is: `{"$": ["CompletedCommand", {…}]}`. Only classes of this
package, and the plain ones named here, are made again: a file never says what code is run. A secret is left out.
"""

from __future__ import annotations

import builtins
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import PurePath, PurePosixPath
from typing import Any
from uuid import UUID

import attrs

from cocalc_facade import _errors
from cocalc_facade._errors import CoCalcError, printable
from cocalc_facade._jobs.values.secret import Secret

MARK = "$"
MODELS = "cocalc_v2.models"
_LEAVES = (str, int, float, bool, type(None))
_WORDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "uuid": (UUID, str, UUID),
    "bytes": (bytes, lambda data: b64encode(data).decode(), b64decode),
}


def pack(value: Any, place: str) -> Any:
    """Give the plain JSON of a value; TypeError names the place of what has none."""
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind is list:
        return [pack(inner, f"{place}[{index}]") for index, inner in enumerate(value)]
    if kind is tuple:
        return _marked("tuple", [pack(inner, f"{place}[{index}]") for index, inner in enumerate(value)])
    if kind is dict and all(type(name) is str for name in value):
        found = {name: pack(inner, f"{place}.{name}") for name, inner in value.items()}
        return _marked("dict", found) if MARK in found else found
    for word, (known, write, _) in _WORDS.items():
        if kind is known:
            return _marked(word, write(value))
    if kind.__module__.startswith(f"{MODELS}."):
        return _marked(f"models.{kind.__name__}", pack(value.to_dict(), place))
    if kind is Secret:
        return None
    if attrs.has(kind) and _of_ours(kind.__name__) is kind:
        fields = {
            field.alias: pack(getattr(value, field.name), f"{place}.{field.name}")
            for field in attrs.fields(kind)
            if field.init
        }
        return _marked(kind.__name__, fields)
    return _otherwise(value, place)


def unpack(found: Any) -> Any:
    """Give the value of plain JSON that `pack` made; ValueError for what it did not make."""
    if isinstance(found, list):
        return [unpack(inner) for inner in found]
    if not isinstance(found, dict):
        return found
    if set(found) != {MARK}:
        return {name: unpack(inner) for name, inner in found.items()}
    word, inner = found[MARK]
    if word == "tuple":
        return tuple(unpack(part) for part in inner)
    if word == "dict":
        return {name: unpack(part) for name, part in inner.items()}
    if word in _WORDS:
        return _WORDS[word][2](inner)
    if word == "path":
        return PurePosixPath(inner)
    if word == "decimal":
        from decimal import Decimal

        return Decimal(inner)
    if word.startswith("models."):
        return getattr(import_module(MODELS), word.removeprefix("models.")).from_dict(unpack(inner))
    kind = _of_ours(word)
    if kind is None or not attrs.has(kind):
        raise ValueError(f"{word[:60]!r} is no class of this version of cocalc-facade")
    try:
        return kind(**{name: unpack(part) for name, part in inner.items()})
    except TypeError:
        raise ValueError(f"a {word} of another version of cocalc-facade") from None


def pack_error(error: Exception) -> dict[str, Any]:
    """Give the plain JSON of an error: its class, its words, what it knows, and its notes."""
    found: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, CoCalcError):
        found["message"] = error.message
        details = {
            name: value
            for name, value in vars(error).items()
            if type(value) in _LEAVES and name != "message" and value is not None
        }
        if details:
            found["details"] = details
    else:
        found["message"] = printable(said(error))
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    return {**found, "notes": notes} if notes else found


def said(error: Exception) -> str:
    """Give the words of an error, also of one of the user's that has none."""
    try:
        return str(error)
    except Exception:
        return "its words cannot be read"


def error_of(found: Mapping[str, Any]) -> Exception:
    """Give the error that `pack_error` made plain JSON of."""
    name, message = str(found["type"]), str(found["message"])
    ours = getattr(_errors, name, None)
    error: Exception
    if isinstance(ours, type) and issubclass(ours, CoCalcError):
        error = ours(message, **found.get("details", {}))
    else:
        python = getattr(builtins, name, None)
        plain = isinstance(python, type) and issubclass(python, Exception)
        try:
            error = python(message) if plain else CoCalcError(f"{name}: {message}")  # type: ignore[misc]
        except TypeError:  # one that is made of more than words
            error = CoCalcError(f"{name}: {message}")
    for note in found.get("notes", ()):
        error.add_note(str(note))
    return error


def _otherwise(value: Any, place: str) -> Any:
    if isinstance(value, PurePath):
        return _marked("path", value.as_posix())
    if type(value).__name__ == "Decimal":
        return _marked("decimal", str(value))
    for plain in (str, bool, int, float):
        if isinstance(value, plain):  # a member of an enumeration, a number of a library
            return plain(value)
    what = f"{type(value).__name__}{' with keys that are no texts' if isinstance(value, dict) else ''}"
    raise TypeError(
        f"{place}: {what} has no JSON, which a journal wants: give texts, numbers, lists and so on"
    )


def _marked(word: str, inner: Any) -> dict[str, Any]:
    return {MARK: [word, inner]}


def _of_ours(name: str) -> Any:
    """Give the public class of this package of a name."""
    face = import_module("cocalc_facade")
    return getattr(face, name) if name in face.__all__ else None
