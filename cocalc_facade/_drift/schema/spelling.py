"""The many ways to write a schema, brought into one: that of JSON Schema 2020-12, as OpenAPI 3.1 has it.

Each rule changes one schema in place and returns how many faults it found; its first line is the reason. The pipeline
applies them to a whole document, the contract to each schema that it reads: so both read the same. A rule looks at the
schema itself and at most one level below, puts new lists and objects in place of old ones, and leaves a schema that
needs nothing as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from cocalc_facade._drift.kinds import Json

from .instances import fits, identity, is_wrong
from .vocabulary import (
    ANNOTATIONS,
    BY_TYPE,
    COMPOSED,
    KINDS,
    OURS,
    VOCABULARY,
    Schema,
    Scope,
    implied,
    is_never,
    types_of,
    well_formed,
)

_SAFE = 2**53 - 1
_IN_ANY_TEXT = ("", "^", "$", ".*", "^.*", ".*$")
_SAID_BY_FORMAT = {
    "uuid": frozenset("0123456789abcdefABCDEF-[]{}()|^$"),
    "date-time": frozenset("0123456789TZdDt:.,+-?*[]{}()|^$\\zs "),
    "date": frozenset("0123456789d-?:,[]{}()|^$\\"),
    "time": frozenset("0123456789d:.+-?,[]{}()|^$\\"),
}


def unknown_keyword(schema: Schema, _: Scope) -> int:
    """Keywords outside JSON Schema (examples, foreign extensions) tell the client nothing."""
    unknown = [key for key in schema if key not in VOCABULARY and not key.startswith(OURS)]
    for key in unknown:
        del schema[key]
    return len(unknown)


def one_part(schema: Schema, scope: Scope) -> int:
    """A composition of one part is that part."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(keyword)
        if not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], dict):
            continue
        others = schema.keys() - {keyword, "nullable"} - ANNOTATIONS
        if not others and not ("nullable" in schema and "$ref" in parts[0]):
            rest = {key: value for key, value in schema.items() if key != keyword}
            schema.clear()
            schema.update({**parts[0], **rest})
            unknown_keyword(schema, scope)
            return 1 + one_part(schema, scope)
    return 0


def malformed_keyword(schema: Schema, _: Scope) -> int:
    """A keyword whose value has a type that OpenAPI does not allow makes the whole document invalid."""
    broken = [key for key in schema if key in KINDS and not well_formed(key, schema[key], KINDS[key])]
    for key in broken:
        del schema[key]
    return len(broken)


def boolean_bound(schema: Schema, _: Scope) -> int:
    """In OpenAPI 3.0 `exclusiveMinimum: true` sharpens `minimum`; since 3.1 the keyword is the bound itself."""
    fired = 0
    for sharp, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(sharp), bool):
            exclusive = schema.pop(sharp)
            if exclusive and plain in schema:
                schema[sharp] = schema.pop(plain)
            fired += 1
    return fired


def idle_bound(schema: Schema, _: Scope) -> int:
    """No length is below nothing, what need not differ may, and some patterns are found in any text."""
    idle = [key for key in ("minLength", "minItems", "minProperties") if schema.get(key) == 0]
    idle += ["uniqueItems"] if schema.get("uniqueItems") is False else []
    idle += ["pattern"] if schema.get("pattern") in _IN_ANY_TEXT else []
    for key in idle:
        del schema[key]
    return len(idle)


def safe_integer(schema: Schema, _: Scope) -> int:
    """The newer publishing tool says of every integer that a double holds it, as the older one leaves unsaid."""
    if "integer" not in types_of(schema):
        return 0
    fired = 0
    for key, bound in (("minimum", -_SAFE), ("maximum", _SAFE)):
        if schema.get(key) == bound:
            del schema[key]
            fired += 1
    return fired


def pattern_of_format(schema: Schema, _: Scope) -> int:
    """The newer publishing tool writes a format once more as a pattern of digits, as the older one leaves unsaid."""
    allowed = _SAID_BY_FORMAT.get(str(schema.get("format")))
    if allowed is None or not isinstance(schema.get("pattern"), str) or len(schema["pattern"]) < 20:
        return 0
    if not allowed.issuperset(schema["pattern"]):
        return 0
    del schema["pattern"]
    return 1


def reference_sibling(schema: Schema, scope: Scope) -> int:
    """Before OpenAPI 3.1 what stands beside `$ref` is ignored, but for notes and `nullable`; since then it counts."""
    siblings = [key for key in schema if key != "$ref" and key != "nullable" and key not in ANNOTATIONS]
    if "$ref" not in schema or not siblings:
        return 0
    if scope.bare_references:
        for key in siblings:
            del schema[key]
        return len(siblings)
    parts = schema.get("allOf")
    schema["allOf"] = [{"$ref": schema.pop("$ref")}, *(parts if isinstance(parts, list) else [])]
    return 1


def null_as_text(schema: Schema, _: Scope) -> int:
    """The tool that writes the document renders the constant null as an enumeration of the text "null"."""
    values = schema.get("enum")
    if not (isinstance(values, list) and values) or any(value != "null" for value in values):
        return 0
    if "type" in schema and schema.get("nullable") is not True:
        return 0
    schema.pop("nullable", None)
    del schema["enum"]
    schema["type"] = "null"
    return 1


def nullable(schema: Schema, _: Scope) -> int:
    """OpenAPI 3.1 has no `nullable`; null is one of the types."""
    if "nullable" not in schema:
        return 0
    if schema.pop("nullable") is not True:
        return 1
    null = {"type": "null"}
    said = schema.keys() - ANNOTATIONS
    values = schema.get("enum")
    if said == {"anyOf"}:
        schema["anyOf"] = [*schema["anyOf"], null]
    elif said & {*COMPOSED, "const", "not", "if"}:
        inner = {key: schema.pop(key) for key in list(schema) if key not in ANNOTATIONS}
        schema["anyOf"] = [inner, null]
    elif "type" in schema or implied(schema):
        kinds = schema.get("type", implied(schema))
        schema["type"] = [*(kinds if isinstance(kinds, list) else [kinds]), "null"]
    if isinstance(values, list) and "enum" in schema and None not in values:
        schema["enum"] = [*values, None]
    return 1


def null_value(schema: Schema, _: Scope) -> int:
    """The one value null is the type null."""
    fired = 0
    for keyword, only in (("enum", [None]), ("const", None)):
        if keyword in schema and schema[keyword] == only:
            del schema[keyword]
            schema["type"] = "null"
            fired += 1
    return fired


def never(schema: Schema, _: Scope) -> int:
    """What is absent or never comes is published as the opposite of anything; an alternative of that kind is none."""
    fired = 0
    for keyword in ("anyOf", "oneOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list):
            left = [arm for arm in arms if not is_never(arm)]
            if len(left) < len(arms) and left:
                schema[keyword] = left
                fired += 1
    if is_never(schema):
        said = [key for key in schema if key not in ANNOTATIONS and key != "not"]
        for key in said:
            del schema[key]
        fired += bool(said) or schema["not"] != {}
        schema["not"] = {}
    return fired


def unknown_type(schema: Schema, _: Scope) -> int:
    """A type that JSON Schema does not have, or that is listed twice, makes the document invalid, and so does a list of none."""
    if "type" not in schema:
        return 0
    given = schema["type"]
    kinds = types_of(schema)
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    fixed = kinds[0] if len(kinds) == 1 else kinds
    if kinds and fixed == given:
        return 0
    if kinds:
        schema["type"] = fixed
    else:
        del schema["type"]
    return 1


def array_of_pairs(schema: Schema, scope: Scope) -> int:
    """A map is published as a list of [key, value] pairs with a bound on its length; the wire has an object."""
    items = schema.get("items")
    if schema.get("type") != "array" or "maxItems" not in schema or schema.get("minItems"):
        return 0
    pair = _pair(spelled(items, scope.below("items"))) if isinstance(items, dict) else None
    if pair is None:
        return 0
    for key in ("items", "maxItems", "minItems", "uniqueItems"):
        schema.pop(key, None)
    schema["type"] = "object"
    schema["additionalProperties"] = pair[1]
    return 1


def _pair(items: Schema) -> list[Json] | None:
    """The two schemas of an entry [key, value], when `items` describes one."""
    parts = items.get("prefixItems", items.get("items"))
    if not isinstance(parts, list) or len(parts) != 2 or items.get("maxItems", 2) != 2:
        return None
    return parts if isinstance(parts[0], dict) and parts[0].get("type") == "string" else None


def tuple_items(schema: Schema, _: Scope) -> int:
    """A list under `items` describes a tuple; since JSON Schema 2020-12 that is `prefixItems`."""
    if not isinstance(schema.get("items"), list):
        return 0
    parts = schema.pop("items")
    if parts:
        schema["prefixItems"] = parts
    return 1


def malformed_additional(schema: Schema, _: Scope) -> int:
    """`additionalProperties` is a schema or a boolean."""
    if isinstance(schema.get("additionalProperties", True), bool | dict):
        return 0
    del schema["additionalProperties"]
    return 1


def missing_type(schema: Schema, scope: Scope) -> int:
    """`properties` without a type mean an object, `items` an array; tools differ on what they make of it unsaid."""
    if scope.part or any(key in schema for key in ("type", *COMPOSED, "enum", "const")):
        return 0
    kind = implied(schema)
    if kind is None:
        return 0
    schema["type"] = kind
    return 1


def malformed_enum(schema: Schema, _: Scope) -> int:
    """An enumeration lists different values of the schema's type, and its types are those of its values."""
    if "enum" not in schema:
        return 0
    given = schema["enum"]
    kinds = types_of(schema)
    values = list(_different(given, kinds)) if isinstance(given, list) else []
    if not values:
        del schema["enum"]
        return 1
    fired = 0
    if len(values) != len(given):
        schema["enum"] = values
        fired = 1
    if len(kinds) > 1:
        left = [kind for kind in kinds if any(fits(value, kind) for value in values)]
        if len(left) < len(kinds):
            schema["type"] = left[0] if len(left) == 1 else left
            fired = 1
    if kinds == ["null"] or (kinds == ["boolean"] and len(values) == 2):
        del schema["enum"]
        fired = 1
    return fired


def _different(values: list[Json], kinds: list[str]) -> Iterator[Json]:
    seen: set[Json] = set()
    for value in values:
        key = identity(value)
        if key not in seen and (not kinds or any(fits(value, kind) for kind in kinds)):
            seen.add(key)
            yield value


def malformed_required(schema: Schema, _: Scope) -> int:
    """`required` lists names, each once; a boolean there is an error."""
    if "required" not in schema:
        return 0
    given = schema["required"]
    named = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    names = list(dict.fromkeys(named))
    if names == given and names:
        return 0
    if names:
        schema["required"] = names
    else:
        del schema["required"]
    return 1


def closed_answer(schema: Schema, scope: Scope) -> int:
    """`additionalProperties: false` on an answer is a default of the publishing tool; servers add fields freely."""
    if not scope.answer:
        return 0
    shut = [key for key in ("additionalProperties", "unevaluatedProperties") if schema.get(key) is False]
    for key in shut:
        del schema[key]
    return len(shut)


def wrong_default(schema: Schema, _: Scope) -> int:
    """A default that its own schema does not allow is no default."""
    if "default" not in schema or not is_wrong(schema["default"], schema):
        return 0
    del schema["default"]
    return 1


Rule: TypeAlias = Callable[[Schema, Scope], int]
FOREIGN = ""
"""Stands for every keyword outside JSON Schema."""

SPELLING: dict[Rule, frozenset[str]] = {
    unknown_keyword: frozenset({FOREIGN}),
    one_part: frozenset({"allOf", "anyOf", "oneOf"}),
    malformed_keyword: frozenset(KINDS),
    boolean_bound: frozenset({"exclusiveMinimum", "exclusiveMaximum"}),
    reference_sibling: frozenset({"$ref"}),
    null_as_text: frozenset({"enum"}),
    nullable: frozenset({"nullable"}),
    null_value: frozenset({"enum", "const"}),
    never: frozenset({"anyOf", "oneOf", "not"}),
    unknown_type: frozenset({"type"}),
    idle_bound: frozenset({"minLength", "minItems", "minProperties", "uniqueItems", "pattern"}),
    safe_integer: frozenset({"minimum", "maximum"}),
    pattern_of_format: frozenset({"pattern"}),
    array_of_pairs: frozenset({"maxItems"}),
    tuple_items: frozenset({"items"}),
    malformed_additional: frozenset({"additionalProperties"}),
    missing_type: frozenset(key for keys in BY_TYPE.values() for key in keys),
    malformed_enum: frozenset({"enum"}),
    malformed_required: frozenset({"required"}),
    closed_answer: frozenset({"additionalProperties", "unevaluatedProperties"}),
    wrong_default: frozenset({"default"}),
}
"""The rules in their order; each with the keywords without which it leaves a schema as it is."""
_RULES = tuple(SPELLING)


@lru_cache(1000)
def _concerning(keywords: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules that a schema of these keywords can need: most schemas have one of a few sets of keywords, and need few rules."""
    said = {key if key in VOCABULARY or key.startswith(OURS) else FOREIGN for key in keywords}
    return tuple(rule for rule, needed in SPELLING.items() if said & needed)


def spelled(schema: Schema, scope: Scope) -> Schema:
    """Return a copy of `schema` in the one spelling; what is inside it is as before."""
    result = dict(schema)
    for _ in range(4):  # one rule may make work for another
        if not mended(result, scope):
            break
    return result


def mended(schema: Schema, scope: Scope) -> list[tuple[str, int]]:
    """Apply every rule once to `schema`, in place; return the names of those that fired, and how often each did."""
    for first in _concerning(tuple(schema)):
        if times := first(schema, scope):
            further = _RULES[_RULES.index(first) + 1 :]
            counts = [(first.__name__, times), *((rule.__name__, rule(schema, scope)) for rule in further)]
            return [(name, count) for name, count in counts if count]
    return []
