"""The files in which a run remembers the one before: read whole or refused, so that a damaged one is not taken for no past."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cocalc_facade._drift.schema.facts import HIGH, LOW
from scripts.pipeline.document.anatomy import Json
from scripts.pipeline.published import DocumentError, printable

Form = Mapping[str, Any]
"""A JSON Schema."""

TEXT: Form = {"type": "string"}
_TYPE: Form = {"$ref": "#/$defs/type"}
_TYPES: Form = {"type": "object", "additionalProperties": _TYPE}
_NAMES: Form = {"type": "array", "items": TEXT}
_FIELD: Form = {"type": "object", "required": ["type"], "properties": {"type": _TYPE}}
_WAY: Form = {
    "type": "object",
    "required": ["fields", "required"],
    "properties": {"fields": _NAMES, "required": _NAMES, "types": _TYPES, "rest": _TYPE},
}
_FACTS: Form = {
    "type": "object",
    "properties": {
        "fields": {"type": "object", "additionalProperties": _FIELD},
        "ways": {"type": "array", "minItems": 1, "items": _WAY},
        "items": _TYPE,
        "rest": _TYPE,
        "tuple": {"type": "array", "items": _TYPE},
        "either": {"type": "array", "items": {"type": "object"}},
        "enum": {"type": "array"},
        **{bound: {"type": "number"} for bound in (*LOW, *HIGH, "multipleOf")},
        "where": {"type": "array", "items": {"type": "array", "minItems": 1}},
    },
}
SHAPE: Form = {"$ref": "#/$defs/shape"}
"""A schema of a shaped document."""
DEFINITIONS: Form = {
    "shape": {
        "type": "object",
        "properties": {
            "$ref": TEXT,
            "properties": {"type": "object", "additionalProperties": SHAPE},
            "required": _NAMES,
            "enum": {"type": "array"},
            **{key: {"type": "array", "items": SHAPE} for key in ("anyOf", "prefixItems")},
            **{key: {"anyOf": [{"type": "boolean"}, SHAPE]} for key in ("items", "additionalProperties")},
        },
    },
    "type": {
        "type": "object",
        "properties": {"object": {**_FACTS, "required": ["fields", "ways"]}},
        "additionalProperties": _FACTS,
    },
}
ROUTE: Form = {
    "type": "object",
    "required": ["request", "answer"],
    "properties": {
        "request": _TYPE, "answer": _TYPE, "python": TEXT, "unknown": _NAMES, "recorded": _NAMES, "stated": {"type": "object"},
    },
}  # fmt: skip
"""What a contract says of a route."""
CONTRACT: Form = {"type": "object", "additionalProperties": ROUTE}


def read(place: Path) -> str:
    """Return the text of the file at `place`; the empty text when there is none.

    Raises:
        DocumentError: it is empty, or no text.
    """
    if not place.exists():
        return ""
    try:
        text = place.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise DocumentError(f"byte {error.start} is not UTF-8", place.name) from None
    if not text.strip():
        raise DocumentError("the file is empty; restore it, or remove it when there is no past", place.name)
    return text


def decoded(name: str, text: str, form: Form) -> Any:
    """Return the JSON in `text`, of the file `name`. Raises DocumentError when it is none, or not of this form."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DocumentError(printable(error), name) from None
    except RecursionError:
        raise DocumentError("it is nested too deep", name) from None
    return checked(name, found, form)


def checked(name: str, found: Json, form: Form) -> Any:
    """Return what the file `name` says, if it is of this form. Raises DocumentError, which has the place."""
    from jsonschema_rs import validator_for  # a run with nothing to do ends without it

    whole = {**form, "$defs": DEFINITIONS}
    try:
        if validator_for(whole).is_valid(found):
            return found
    except ValueError:  # it reads no more than some hundred levels
        pass
    from jsonschema import Draft202012Validator  # it says what is wrong, in words

    try:
        for error in Draft202012Validator(whole).iter_errors(found):
            raise DocumentError(printable(error.message), name, *error.absolute_path)
    except RecursionError:
        raise DocumentError("it is nested too deep", name) from None
    return found
