"""Plain schemas, which `form` brings all schemas into: what one says, what two say together, and what either says."""

from __future__ import annotations

from cocalc_facade._drift.schema.facts import HIGH, LOW
from cocalc_facade._drift.schema.instances import identity, is_wrong
from scripts.pipeline.document.anatomy import Json, Schema

KNOWN = "Known values: "
DONE = "Ok"
DONE_VALUES = ("ok", "success")
SHOWN, LONGEST = 200, 200
NEVER: Schema = {"anyOf": []}
BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
)
_LOW = frozenset(LOW)
_HIGH = frozenset(HIGH)


def listed(values: list[Json]) -> str:
    """`values` as words, not all of a very long list."""
    shown = [text if len(text := str(value)) <= LONGEST else f"{text[:LONGEST]}…" for value in values[:SHOWN]]
    return ", ".join(shown) + (f" and {len(values) - SHOWN} more" if len(values) > SHOWN else "")


def is_done(properties: dict[str, Schema]) -> bool:
    """Tell whether an answer says that it was done and nothing else; servers word it in two ways."""
    values = properties.get("status", {}).get("x-cocalc-values", [])
    return list(properties) == ["status"] and bool(values) and all(value in DONE_VALUES for value in values)


def complete(plain: Schema) -> Schema:
    """A plain object with each field that is required, and none required that only an answer gives."""
    if "required" not in plain:
        return plain
    given = plain.get("properties", {})
    rest = plain.get("additionalProperties", {})
    fields = {**given, **{name: rest for name in plain["required"] if name not in given}}
    required = [name for name in plain["required"] if not fields[name].get("readOnly")]
    result = {key: value for key, value in plain.items() if key not in ("required", "additionalProperties")}
    return {**result, "properties": fields, **({"required": required} if required else {})}


def unmarked(plain: Schema) -> Schema:
    """A plain schema without the marks of one direction, which have had their effect."""
    result = {key: value for key, value in plain.items() if key not in ("readOnly", "writeOnly")}
    for keyword in ("items", "additionalProperties"):
        if keyword in plain:
            result[keyword] = unmarked(plain[keyword])
    for keyword in ("anyOf", "prefixItems"):
        if keyword in plain:
            result[keyword] = [unmarked(part) for part in plain[keyword]]
    if "properties" in plain:
        result["properties"] = {name: unmarked(inner) for name, inner in plain["properties"].items()}
    return result


def different(values: list[Json]) -> list[Json]:
    """`values`, each once."""
    return list({identity(value): value for value in values}.values())


def one_list_of_values(arms: list[Schema]) -> list[Schema]:
    """`arms`, those of one type that only list values as one of them."""
    listed: dict[tuple[str, str], list[Json]] = {}
    rest: list[Schema] = []
    for arm in arms:
        key = next((key for key in ("enum", "x-cocalc-values") if arm.keys() == {"type", key}), None)
        if key is None:
            rest.append(arm)
        else:
            listed.setdefault((arm["type"], key), []).extend(arm[key])
    return [*({"type": kind, key: different(values)} for (kind, key), values in listed.items()), *rest]


def meet(one: str, other: str) -> bool:
    """Tell whether values of two types can be of both."""
    return one == other or {one, other} in ({"integer", "number"}, {"$ref", "object"})


def by_kind(plain: Schema) -> dict[str, Schema]:
    """What a plain schema says of each type that it speaks of."""
    if "x-open" in plain:
        return dict(plain["x-open"])
    return {kind_of(arm): arm for arm in plain.get("anyOf", [plain]) if kind_of(arm)}


def narrowest(one: Schema, other: Schema) -> Schema:
    """What holds of a scalar, or of a list but for its items, of which both is said."""
    result = {**one, **other}
    for key in one.keys() & other.keys() & (_LOW | _HIGH):
        result[key] = max(one[key], other[key]) if key in _LOW else min(one[key], other[key])
    for key in ("enum", "x-cocalc-values"):
        if key in one and key in other:
            known = {identity(value) for value in other[key]}
            result[key] = [value for value in one[key] if identity(value) in known] or other[key]
    return result


def widest(one: Schema, other: Schema) -> Schema:
    """The bounds of a value of which one of two is said."""
    return {
        key: min(one[key], other[key]) if key in _LOW else max(one[key], other[key])
        for key in one.keys() & other.keys() & (_LOW | _HIGH)
    }


def kind_of(plain: Schema) -> str:
    """Where a plain schema stands in a union; the empty text for anything."""
    return "$ref" if "$ref" in plain else "anyOf" if "anyOf" in plain else str(plain.get("type", ""))


def noted(plain: Schema, sources: list[Schema]) -> Schema:
    """`plain` with the first description that a source has, when there is none."""
    if "description" in plain:
        return plain
    return {**plain, **next(({"description": s["description"]} for s in sources if _speaks(s, plain)), {})}


def _speaks(source: Schema, plain: Schema) -> bool:
    """Tell whether the description of `source` is one of `plain`: that of a class stays with the class."""
    return "description" in source and (
        "properties" in plain or not ("properties" in source or "$ref" in source)
    )


def without_wrong_default(plain: Schema) -> Schema:
    """A plain schema without a default that it does not allow, as a validator of the whole document looks at it."""
    if "default" not in plain or _suits(plain["default"], plain):
        return plain
    return {key: value for key, value in plain.items() if key != "default"}


def _suits(value: Json, plain: Schema) -> bool:
    return any(
        "$ref" not in arm
        and not is_wrong(value, arm)
        and (not isinstance(value, str) or "format" not in arm or _conforms(value, arm["format"]))
        for arm in plain.get("anyOf", [plain])
    )


def _conforms(text: str, form: str) -> bool:
    from openapi_schema_validator import oas31_format_checker  # for the few defaults of a format

    return oas31_format_checker.conforms(text, form)


def same(one: Schema, other: Schema) -> Schema:
    """What two schemas say alike."""
    result = {key: value for key, value in one.items() if key in other and other[key] == value}
    return noted(result, [one, other])


def known_values(plain: Schema) -> list[Json]:
    """The values that a schema lists."""
    return [*plain.get("enum", []), *plain.get("x-cocalc-values", [])]


def types_of_value(value: Json) -> tuple[str, ...]:
    """The types that a value is of, the narrowest first."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case str():
            return ("string",)
        case int():
            return ("integer", "number")
        case float():
            return ("number", "integer") if value.is_integer() else ("number",)
    return ("other",)


def by_type(values: list[Json]) -> dict[str, list[Json]]:
    """`values` by their types."""
    result: dict[str, list[Json]] = {}
    for value in values:
        result.setdefault(types_of_value(value)[0], []).append(value)
    return result


def with_formats(scalar: Schema, *, answer: bool) -> None:
    """Ids are text; times stay what they are on the wire, and an extension says which form that is."""
    form = scalar.get("format")
    if form in ("date-time", "date", "binary") or (form == "uuid" and (answer or scalar["type"] != "string")):
        del scalar["format"]
        if form == "date-time" and scalar["type"] == "string":
            scalar.setdefault("x-cocalc-time", "iso")
    if answer:
        for key in BOUNDS:
            scalar.pop(key, None)
