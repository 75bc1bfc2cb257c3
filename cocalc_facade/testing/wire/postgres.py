"""Values as they arrive in the database, and its words for those that it cannot read."""

from __future__ import annotations

import re
from typing import Literal

from .javascript import dumps, is_uuid, js_text
from .refusals import Refusal


def sql_text(value: object) -> str:
    """A value as it arrives in a text column of the database."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else _sql_element(item) for item in value) + "}"
    return dumps(value) if isinstance(value, dict) else js_text(value)


def _sql_element(item: object) -> str:
    if isinstance(item, list):
        return sql_text(item)
    escaped = sql_text(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def sql_integer(value: object, kind: Literal["bigint", "integer"] = "bigint") -> int:
    """A value as it arrives in a parameter that is a whole number; ids are `integer`, limits `bigint`.

    Raises:
        Refusal: PostgreSQL cannot read it.
    """
    text = sql_text(value)
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
        raise Refusal(f'invalid input syntax for type {kind}: "{text}"')
    number = int(text) if len(text) < 99 else 2**64
    bound = 2**63 if kind == "bigint" else 2**31
    if not -bound <= number < bound:
        raise Refusal(f'value "{text.strip()}" is out of range for type {kind}')
    return number


def sql_count(value: object, clause: str) -> int:
    """A value as it arrives in a LIMIT or OFFSET.

    Raises:
        Refusal: PostgreSQL cannot read it, or it is negative.
    """
    number = sql_integer(value)
    if number < 0:
        raise Refusal(f"{clause} must not be negative")
    return number


def sql_uuid(value: object) -> str:
    """A value as it arrives in a parameter that is a uuid.

    Raises:
        Refusal: PostgreSQL cannot read it.
    """
    if not is_uuid(value):
        raise Refusal(f'invalid input syntax for type uuid: "{sql_text(value)}"')
    return str(value).lower()


def sql_uuids(value: object) -> list[str]:
    """A value as it arrives in a parameter that is a list of uuids.

    Raises:
        Refusal: PostgreSQL cannot read it.
    """
    if not isinstance(value, list):
        raise Refusal(f'malformed array literal: "{sql_text(value)}"')
    return [sql_uuid(item) for item in value]
