"""What the client knows of a route: a row of the generated operation table, or the careful defaults for a route that is not in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import InvalidRequestError

if TYPE_CHECKING:
    from cocalc_v2.operations import Operation
    from cocalc_v2.types import Reader

_PYTHON: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int, float),  # a fraction is a departure of detail
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}

Departure = tuple[tuple[str | int, ...], str, str]


class Route:
    """A path with what the operation table says of it; `operation` is None when the table does not have it."""

    def __init__(self, path: str, operation: Operation | None) -> None:
        self.path = path
        self.operation = operation
        self.known: bool = operation is not None
        self.idempotent: bool = operation is not None and operation.idempotent
        self.seconds: float | None = operation.timeout if operation is not None else None
        self.needs_key: bool = operation is not None and operation.auth not in ("none", "optional")
        self.careful: bool = operation is not None and bool(
            operation.confirm or operation.fails or operation.deprecated
        )
        self.next_page: str | None = (
            operation.pagination.get("next") if operation is not None and operation.pagination else None
        )
        self.failure: tuple[str, ...] = tuple(operation.failure or ()) if operation is not None else ()
        self.error_is_data: bool = operation is not None and operation.error_is_data
        # What every success of the route is; None when it may be anything.
        answer = operation.answer if operation is not None else ()
        self.types: frozenset[type] | None = _python_types(answer) if answer else None
        self.promises: bool = operation is not None and bool(operation.some or operation.present)

    def repeatable(self) -> Route:
        """The same route for a request that does no harm when it runs twice."""
        route = Route(self.path, self.operation)
        route.idempotent = True
        return route

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The request fields by their wire names."""
        return {field.wire: field for field in self.operation.fields} if self.operation is not None else {}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each request field, by wire name."""
        return {name: field.kind for name, field in self.fields.items()}

    @cached_property
    def decode(self) -> Callable[[Any, list[Departure]], Any]:
        """From plain JSON, which is used up, to the typed result; departures from the schema are appended to the list."""
        return self._module.decode if self.operation is not None else _as_it_is

    @cached_property
    def reader(self) -> Reader:
        """The part of `decode` that says what is decoded."""
        return self._module.reader() if self.operation is not None else _as_it_is

    @property
    def _module(self) -> Any:
        assert self.operation is not None
        return import_module(self.operation.module)


class Routes:
    """The routes by path, made when first asked for."""

    __slots__ = ("_found", "_operation")

    def __init__(self, operation: Callable[[str], Operation] | None = None) -> None:
        self._operation = operation
        self._found: dict[str, Route] = {}

    def __getitem__(self, path: str) -> Route:
        route = self._found.get(path) if isinstance(path, str) else self._find(clean_path(path))
        if route is None:
            route = self._find(path)
        return route

    def _find(self, path: str) -> Route:
        if self._operation is None:
            from cocalc_v2.operations import operation

            self._operation = operation
        try:
            route = Route(path, self._operation(path))
        except KeyError:
            clean = clean_path(path)
            if clean != path:
                return self[clean]
            return Route(path, None)  # not kept: the paths that users make up have no end
        self._found[path] = route
        return route


@cache
def _python_types(names: tuple[str, ...]) -> frozenset[type]:
    """Give the types that the decoders make of JSON of some types."""
    return frozenset(python for name in names for python in _PYTHON[name])


def _as_it_is(answer: Any, found: list[Departure]) -> Any:  # noqa: ARG001 - the shape of every `decode`
    return answer


def outside(target: str) -> Route:
    """Give what is known of a place outside the API: a GET of it can be repeated."""
    route = Route(target.partition("?")[0], None)
    route.idempotent = True
    return route


def clean_path(path: str) -> str:
    """Give the path as the table has it: no slash at either end, no `api/v2/`; refused if it could mean another place."""
    if not isinstance(path, str):
        raise InvalidRequestError(f"a path is text such as 'projects/stop', not {type(path).__name__}")
    clean = path.strip().strip("/").removeprefix("api/v2/").strip("/")
    segments = clean.split("/")
    if not clean or not all(segment and _plain(segment) for segment in segments):
        raise InvalidRequestError(
            f"{path[:80]!r} is not the path of a route",
            hint="a path looks like 'projects/stop'; parameters go into the body",
        )
    return clean


def _plain(segment: str) -> bool:
    return segment.isascii() and segment.replace("-", "").replace("_", "").isalnum()
