"""What a JSON schema says about a value, reduced to what Python code can be written from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
Schema = Mapping[str, Any]

COMPONENT = "#/components/schemas/"
TIME_FORMS = ("iso", "epoch-ms", "epoch-s")
MOST_CHOICES = 40


class SchemaError(ValueError):
    """A schema has no place in the client; the text says which and why."""


@dataclass(frozen=True)
class Kind:
    """A value of any kind; the subclasses say more."""

    def flat(self) -> tuple[Kind, ...]:
        """Give the alternatives that this kind stands for, itself when there are none."""
        return (self,)


@dataclass(frozen=True)
class Scalar(Kind):
    """A value of one JSON type: `string`, `integer`, `number`, `boolean` or `null`."""

    type: str
    uuid: bool = field(default=False, kw_only=True)
    choices: tuple[Json, ...] = field(default=(), kw_only=True)
    known: tuple[str, ...] = field(default=(), kw_only=True)
    """The values that a text in an answer is known to have. Others may come, and are kept."""


@dataclass(frozen=True)
class Time(Kind):
    """A time; `form` is its wire form, `type` the JSON type of that."""

    form: str
    type: str


@dataclass(frozen=True)
class Array(Kind):
    """A list of values of one kind."""

    item: Kind


@dataclass(frozen=True)
class Map(Kind):
    """An object whose keys are data."""

    value: Kind


@dataclass(frozen=True)
class Model(Kind):
    """An object that is a component of the document, hence a class."""

    component: str


@dataclass(frozen=True)
class Union(Kind):
    """One of several kinds, no two of which are told apart by the same JSON type unless they are models."""

    options: tuple[Kind, ...]

    def flat(self) -> tuple[Kind, ...]:
        """Give the options."""
        return self.options


ANYTHING = Kind()
NULL = Scalar("null")


def union(kinds: Collection[Kind]) -> Kind:
    """Give the kind that stands for any of `kinds`, in the simplest form."""
    flat = [option for kind in kinds for option in kind.flat()]
    if not flat or ANYTHING in flat:
        return ANYTHING
    merged: dict[object, Kind] = {}
    for kind in flat:
        key = _slot(kind)
        merged[key] = _merge(merged[key], kind) if key in merged else kind
    if ("scalar", "number") in merged:
        merged.pop(("scalar", "integer"), None)
    options = tuple(merged.values())
    return options[0] if len(options) == 1 else Union(options)


def _slot(kind: Kind) -> object:
    match kind:
        case Scalar():
            return ("scalar", kind.type)
        case Time():
            return ("time", kind.type)
        case Array():
            return "array"
        case Map():
            return "map"
    return kind


def _merge(one: Kind, other: Kind) -> Kind:
    match one, other:
        case Scalar(), Scalar():
            both = one.choices and other.choices
            choices = tuple(dict.fromkeys(one.choices + other.choices)) if both else ()
            known = tuple(dict.fromkeys(one.known + other.known)) if one.known and other.known else ()
            return Scalar(one.type, uuid=one.uuid and other.uuid, choices=choices, known=known)
        case Array(), Array():
            return Array(union([one.item, other.item]))
        case Map(), Map():
            return Map(union([one.value, other.value]))
    return one


def without_null(kind: Kind) -> Kind:
    """Give the kind that is left when null is not an option (null itself stays null)."""
    options = [option for option in kind.flat() if option != NULL]
    return union(options) if options else kind


class Kinds:
    """The kinds of a document's schemas."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self.components = components
        self._resolving: list[str] = []

    def is_model(self, component: str) -> bool:
        """Tell whether a component becomes a class."""
        schema = self.components[component]
        if not isinstance(schema, Mapping) or schema.get("x-cocalc-map"):
            return False
        return schema.get("type") == "object" or (
            "type" not in schema and ("properties" in schema or len(schema.get("allOf", ())) > 1)
        )

    def component(self, reference: str) -> str:
        """Give the name of the component that a `$ref` names."""
        name = reference.removeprefix(COMPONENT)
        if not reference.startswith(COMPONENT) or name not in self.components:
            raise SchemaError(f"reference {reference!r:.200} leads to no component")
        return name

    def properties(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        """Give the properties of an object schema and which of them are required, `allOf` and unions included."""
        return self._properties(schema, ())

    def _properties(self, schema: Schema, trail: tuple[str, ...]) -> tuple[dict[str, Schema], set[str]]:
        if "$ref" in schema:
            name = self.component(schema["$ref"])
            if name in trail:
                raise SchemaError(f"component {name!r:.100} contains itself")
            return self._properties(self.components[name], (*trail, name))
        properties = dict(schema.get("properties", {}))
        required = set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            more, needed = self._properties(part, trail)
            properties |= more
            required |= needed
        alternatives = [
            self._properties(part, trail)
            for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
            if not isinstance(part, Mapping) or part.get("type") != "null"
        ]
        for more, _ in alternatives:
            for name, found in more.items():
                known = properties.get(name)
                properties[name] = found if known in (None, found) else {"anyOf": [known, found]}
        if alternatives:
            required |= set.intersection(*(needed for _, needed in alternatives))
        return properties, required

    def of(self, schema: Schema | bool) -> Kind:
        """Give the kind of a schema.

        Raises:
            SchemaError: it refers to nothing or to itself, or has an object in it that has no name.
        """
        if not isinstance(schema, Mapping):
            return ANYTHING
        if "$ref" in schema:
            return self._of_reference(schema["$ref"])
        if len(parts := schema.get("allOf", ())) == 1:
            return self.of(parts[0])
        if parts := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            return union([self.of(part) for part in parts])
        if isinstance(types := schema.get("type"), list):
            return union([self.of({**schema, "type": one}) for one in types]) if types else ANYTHING
        return self._of_type(schema)

    def _of_reference(self, reference: str) -> Kind:
        name = self.component(reference)
        if self.is_model(name):
            return Model(name)
        if name in self._resolving:
            raise SchemaError(f"component {name!r:.100} is defined by itself")
        self._resolving.append(name)
        try:
            return self.of(self.components[name])
        finally:
            self._resolving.pop()

    def _of_type(self, schema: Schema) -> Kind:
        type_ = schema.get("type")
        form = schema.get("x-cocalc-time")
        if type_ == "null":
            return NULL
        if form is not None and type_ in ("string", "number", "integer"):
            if form not in TIME_FORMS:
                raise SchemaError(f"x-cocalc-time {form!r:.50} is none of {', '.join(TIME_FORMS)}")
            return Time(form, "string" if type_ == "string" else "number")
        if (choices := _choices(schema)) is not None:
            return union([_of_choices(choices, schema.get("type"))])
        match type_:
            case "string":
                known = tuple(schema.get("x-cocalc-values", ()))
                return Scalar("string", uuid=schema.get("format") == "uuid", known=known)
            case "integer" | "number" | "boolean":
                return Scalar(type_)
            case "array":
                items = [*schema.get("prefixItems", ())]
                if isinstance(schema.get("items"), Mapping):
                    items.append(schema["items"])
                return Array(union([self.of(item) for item in items]))
            case "object":
                return self._of_object(schema)
        if "properties" in schema or "allOf" in schema:
            return self._of_object(schema)
        return ANYTHING

    def _of_object(self, schema: Schema) -> Kind:
        if schema.get("properties") or schema.get("allOf"):
            names = ", ".join(list(schema.get("properties", {}))[:3])
            raise SchemaError(
                f"an object with the fields {names:.100} is no component and would have no name"
            )
        return Map(self.of(schema.get("additionalProperties", True)))


def _choices(schema: Schema) -> tuple[Json, ...] | None:
    if "const" in schema:
        return (schema["const"],)
    return tuple(schema["enum"]) if "enum" in schema else None


def _of_choices(choices: tuple[Json, ...], type_: str | None) -> Kind:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    by_type: dict[str, list[Json]] = {}
    for choice in choices:
        name = names.get(type(choice))
        if name is None:
            return ANYTHING
        name = "number" if name == "integer" and type_ == "number" else name
        if type_ in (None, name):
            by_type.setdefault(name, []).append(choice)
    return union([Scalar(name, choices=tuple(values)) for name, values in by_type.items()])
