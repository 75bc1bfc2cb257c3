"""The iterators over lists that come in pages: one for each route whose row in the operation table says how to page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scripts.pipeline.generate.annotations import Annotations
from scripts.pipeline.generate.calls import Operation
from scripts.pipeline.generate.kinds import Array, Kind, Kinds, Model, without_null
from scripts.pipeline.generate.prose import docstring

WHOLE = 1_000_000
"""How many rows are asked for where the server has no offset: more than any list has."""
_KEYS = ("id", "project_id")
"""The fields that may tell one row of a list from the others."""
_BACKWARD = "ending_before"


@dataclass(frozen=True)
class Iterator:
    """A method that iterates over all rows of a route."""

    path: str
    name: str
    arguments: tuple[tuple[str, str, str, bool], ...]
    item: str
    way: str
    docstring: str


def iterator(
    operation: Operation, name: str, annotations: Annotations, taken: Collection[str]
) -> Iterator | None:
    """Give the iterator of an operation; None when it has no pages, or its answer is no list of objects.

    A route that is released keeps its name, so the iterator gives way where one of `taken` is called so.
    """
    how = operation.data.get("x-cocalc-pagination")
    found = _rows(operation.result, operation.models.kinds)
    if not how or found is None:
        return None
    field, item = found
    known = operation.models.kinds.properties(operation.models.kinds.components[item.component])[0]
    key = next((one for one in _KEYS if one in known), "")
    offset, cursor = how.get("offset", ""), how.get("cursor", "")
    size = how.get("max") or how.get("default") or 100
    header = how.get("next", "")
    way = (how["limit"], offset, cursor, header, size if offset or cursor else WHOLE, field, key)
    left_out = {how["limit"], offset, cursor, _BACKWARD if cursor else ""}
    arguments = tuple(
        (argument.python, repr(argument.wire), annotations.argument(argument.kind), argument.required)
        for argument in operation.arguments
        if argument.wire not in left_out and argument.python != "limit"
    )
    called = f"iter_{name}"
    while called in taken:
        called += "_"
    lines = [
        f"Iterate over all that `{name}` lists, page by page, each row once; `limit` is how many rows at most.",
        "",
        "A page is asked for when its first row is needed. When a call fails, what came before it is yours already.",
    ]
    return Iterator(
        path=repr(operation.path),
        name=called,
        arguments=arguments,
        item=annotations.answer(item),
        way=", ".join(map(repr, way)),
        docstring=docstring(lines, indent=8),
    )


def _rows(answer: Kind, kinds: Kinds) -> tuple[str, Model] | None:
    """Give the field of an answer that holds the rows, empty for the answer itself, and what a row is."""
    found: tuple[str, Model] | None = None
    for option in answer.flat():
        if isinstance(option, Array) and isinstance(item := without_null(option.item), Model):
            found = found or ("", item)
        if isinstance(option, Model):
            for name, schema in kinds.properties(kinds.components[option.component])[0].items():
                inner = without_null(kinds.of(schema))
                if isinstance(inner, Array) and isinstance(item := without_null(inner.item), Model):
                    return name, item
    return found
