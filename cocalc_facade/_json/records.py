"""The bases of what jobs give, by which json, pydantic and FastAPI take it as it is.

pydantic asks a class for a schema. FastAPI's `jsonable_encoder` asks an object that it does not know for `dict(…)`, then for `vars(…)`; so a
result has its JSON in `vars`. Neither is needed, or imported, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

R = TypeVar("R")


class Outward:
    """Completes to what is for users, and Python's own names."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        return outward(dir(type(self)))


class Record(Outward):
    """A result that is an object in JSON; an attrs class, unless it has a `to_dict` of its own."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        from .form import fields, jsonable

        found: dict[str, Any] = jsonable(fields(self))
        return found

    if not TYPE_CHECKING:
        __dict__ = property(lambda self: self.to_dict())
        __pydantic_serializer__ = property(lambda self: _serializer(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import core_schema

        return core_schema(cls, cls.to_dict)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import json_schema

        return json_schema(cls)


class Listed(Sequence[R]):
    """A result that is a list in JSON."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        return outward(dir(type(self)))

    if not TYPE_CHECKING:
        __dict__ = property(lambda self: _listed(self))
        __pydantic_serializer__ = property(lambda self: _serializer(self))

        def keys(self) -> None:
            raise _no_mapping(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import core_schema

        return core_schema(cls, _listed, rows=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import json_schema

        return json_schema(cls, rows=True)


class Unpacked(Record):
    """A record that can also be taken apart like the tuple of its fields: `kind, *_ = client.whoami()`."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._asdict().values())

    def __len__(self) -> int:
        return len(self._asdict())

    def __getitem__(self, index: Any) -> Any:
        return tuple(self._asdict().values())[index]

    if not TYPE_CHECKING:

        def keys(self) -> None:
            raise _no_mapping(self)

    def _asdict(self) -> dict[str, Any]:
        from .form import fields

        return fields(self)

    def _replace(self, **changes: Any) -> Any:
        return type(self)(**{**self._asdict(), **changes})


def outward(names: Iterable[str]) -> list[str]:
    """Give the names that are for users, and Python's own."""
    return [name for name in names if name != "keys" and (name[:1] != "_" or name[:2] == "__")]


def _no_mapping(value: object) -> TypeError:
    """Refuse `dict(…)`, which would take values of two parts for pairs."""
    return TypeError(f"{type(value).__name__} is no mapping; see its to_dict()")


def _serializer(thing: Any) -> Any:
    """Give what pydantic asks an object for that it meets where any is allowed."""
    from cocalc_v2.serialization import serializer

    kind: Any = type(thing)
    return serializer(kind)


def _listed(rows: Iterable[Any]) -> Any:
    from .form import jsonable

    return jsonable(list(rows))
