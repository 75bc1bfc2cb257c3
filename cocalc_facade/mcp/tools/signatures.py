"""What a tool takes, read from the signature and the docstring of the method behind it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    ValidationError,
    create_model,
)

from cocalc_facade import InvalidRequestError
from cocalc_facade._calls.values.naming import meant

PROJECT = {"project_id": (str, Field(description="The project; `projects` lists them with their ids."))}
JSON = frozenset({str, int, float, bool, NoneType, Any, Literal})
OF_JSON: dict[Any, Any] = {Sequence: list, Mapping: dict}
ANY = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)
MOST_TOLD = 5
_ENTRY = re.compile(r"^    (?=\S)(\w+): ", re.MULTILINE)


def model(
    name: str, method: Callable[..., Any], *, of_project: bool = False, null: bool = True
) -> type[BaseModel]:
    """Give the arguments of a method as a model. What JSON cannot give (functions, paths of this machine) is left out of it, and ids are text.

    With `null=False` what has to be given cannot be null: jobs take None there, as it is in some answers, only to refuse it.
    """
    hints = get_type_hints(method)
    told = _arguments(method)
    fields: dict[str, Any] = dict(PROJECT) if of_project else {}
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        kind = _plain(hints[parameter.name])
        if kind is None:
            continue
        if not null and parameter.default is parameter.empty:
            kind = _without_null(kind)
        fields[parameter.name] = (kind, _field(parameter.default, told.get(parameter.name)))
    return create_model(name, __config__=ANY, **fields)


def schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """Give the JSON schema of a model, without the titles that only repeat the names."""
    found = arguments.model_json_schema()
    for one in found.get("properties", {}).values():
        one.pop("title", None)
    found.pop("title", None)
    return found


def text(method: Callable[..., Any]) -> str:
    """Give what a docstring says to everybody: all before its sections and its examples."""
    return re.split(r"\n\s*(?:Args|Raises|Ctrl-C|>>>)", inspect.getdoc(method) or "")[0].strip()


def checked(arguments: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments that a call has, by name.

    Raises:
        InvalidRequestError: one is missing, unknown, or of another type; it names them and never shows their values.
    """
    try:
        made = arguments.model_validate(given)
    except ValidationError as error:
        faults = [_fault(one, arguments) for one in error.errors(include_url=False, include_input=False)]
        more = f"; and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
        raise InvalidRequestError("; ".join(faults[:MOST_TOLD]) + more) from None
    return {name: getattr(made, name) for name in made.model_fields_set}


def _field(default: Any, words: str | None) -> Any:
    """Give a field with its default; one that JSON does not have, such as that of what is left out, is not told."""
    if default is inspect.Parameter.empty:
        return Field(description=words)
    if isinstance(default, str | int | float | NoneType):
        return Field(default, description=words)
    return Field(default_factory=lambda: default, description=words)


def _fault(error: Any, arguments: type[BaseModel]) -> str:
    where = ".".join(str(part)[:60] for part in error["loc"]) or "arguments"
    if error["type"] == "extra_forbidden":
        known = arguments.model_fields
        hint = meant(where, known, f"there are: {', '.join(known) or 'none'}")
        return f"{where}: no such argument ({hint})"
    return f"{where}: {error['msg'][:1].lower()}{error['msg'][1:300]}"


def _without_null(kind: Any) -> Any:
    """Give a type without null."""
    parts = tuple(part for part in get_args(kind) if part is not NoneType)
    return Union[parts] if get_origin(kind) is Union else kind  # noqa: UP007


def _plain(kind: Any) -> Any:
    """Give the part of a type that JSON has; None when it has none of it."""
    if get_origin(kind) in (Union, UnionType):
        parts = [part for part in map(_plain, get_args(kind)) if part is not None]
        return Union[tuple(parts)] if any(part is not NoneType for part in parts) else None  # noqa: UP007
    shape = get_origin(kind) or kind
    if shape in (Callable, UUID) or hasattr(shape, "__fspath__"):
        return None
    if shape in OF_JSON:  # whose refusals speak of lists and objects, and not of Python's kinds of them
        kind = OF_JSON[shape][get_args(kind)]
    return kind if shape in JSON or _has_schema(kind) else None


def _has_schema(kind: Any) -> bool:
    try:
        create_model("Value", __config__=ANY, value=(kind, ...)).model_json_schema()
    except PydanticUserError:
        return False
    return True


def _arguments(method: Callable[..., Any]) -> dict[str, str]:
    """Give what the section `Args` of a docstring says of each argument."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", inspect.getdoc(method) or "", re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    _, *parts = _ENTRY.split(section.group(1))
    return {name: " ".join(words.split()) for name, words in zip(parts[::2], parts[1::2], strict=True)}
