"""Hoisting: every object (and every enumeration of a request) becomes a component with a class name of its own.

Names follow the place: path and role, then the property that holds the object. Identical shapes become one
component when one name says what they are: a chosen name, the one status they report (`Ok`), or the property
that holds them everywhere.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from cocalc_facade._drift.names import field_name
from scripts.pipeline.document.anatomy import SCHEMAS, Json, Schema, children, component
from scripts.pipeline.document.names import RESERVED_FIELDS, class_name, is_class_name, singular, words
from scripts.pipeline.published import DocumentError, printable
from scripts.pipeline.shape.form import KNOWN, Plain

ERROR = "Error"
_REQUEST, _RESULT = "Request", "Result"
_FEW = 3


class Use(NamedTuple):
    """Where a shape is used: the class around it (empty at the root of a body), the words for it, the path."""

    parent: str
    tail: tuple[str, ...]
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """The class name by place."""
        return class_name([self.parent or _words(self.path), *self.tail])


@dataclass(frozen=True)
class Root:
    """The body or the answer of one operation."""

    name: str
    schema: Schema
    answer: bool


def _words(segments: tuple[str, ...]) -> str:
    return "".join(word for segment in segments for word in words(segment))


class Hoist:
    """Collects the roots of a document, names their shapes, and gives schemas without inline objects."""

    def __init__(self, request: Plain, answer: Plain) -> None:
        self._plain = {False: request, True: answer}
        self._uses: dict[tuple[bool, str], dict[Use, Schema]] = defaultdict(dict)
        self._names: dict[tuple[bool, str, Use], str] = {}
        self._owner: dict[str, tuple[bool, str]] = {ERROR.lower(): (True, "")}
        self._named: set[tuple[bool, str]] = set()
        self._loops: dict[tuple[bool, str], str] = {}
        self._components: dict[str, Schema] = {}
        self._chosen: dict[bool, set[str]] = {True: set(), False: set()}
        self._promised: dict[bool, set[str]] = {True: set(), False: set()}

    def run(self, roots: list[Root]) -> tuple[dict[str, Schema], list[Schema]]:
        """The components, and the schema of each root, in the order of `roots`."""
        tails = [self._root_use(root) for root in roots]
        for root in roots:
            self._promise(root.schema, answer=root.answer)
        for root, use in zip(roots, tails, strict=True):
            self._register(root.schema, use, root.answer)
        # A shape that holds others is written with more characters than each of them, so it has its name first.
        while pending := [key for key in self._uses if key not in self._named]:
            self._name(max(pending, key=lambda key: (len(key[1]), key)))
        results = [self._emit(root.schema, use, root.answer) for root, use in zip(roots, tails, strict=True)]
        return dict(sorted(self._components.items())), results

    def _root_use(self, root: Root) -> Use:
        path = tuple(root.name.split("/"))
        return Use("", (_RESULT if root.answer else _REQUEST,), path)

    def _register(self, plain: Schema, use: Use, answer: bool) -> None:
        """Note every shape that is met before another shape is entered."""
        for inner, place in self._shapes(plain, use, answer):
            key = (answer, _shape(inner))
            if key in self._named:
                raise DocumentError("a shape that holds itself", *use.path)
            self._uses[key].setdefault(place, inner)

    def _shapes(self, plain: Schema, use: Use, answer: bool) -> Iterator[tuple[Schema, Use]]:
        if "$ref" in plain:
            self._loop(plain["$ref"], answer)
        elif _is_class(plain):
            yield plain, use
        else:
            for inner, place in _inside(plain, use):
                yield from self._shapes(inner, place, answer)

    def _loop(self, ref: str, answer: bool) -> None:
        """Give a component that contains itself a name, and register what it holds."""
        key = (answer, ref)
        if key in self._loops:
            return
        body = self._plain[answer].body(component(ref))
        if not _is_class(body) or "enum" in body:
            self._loops[key] = ""
            return
        name = self._free(class_name(words(component(ref))), key, chosen=True)
        self._loops[key] = name
        for inner, place in _fields(body, name, ()):
            self._register(inner, place, answer)

    def _name(self, key: tuple[bool, str]) -> None:
        """Decide which uses of a shape share a class, then register what the shape holds."""
        self._named.add(key)
        uses = self._uses[key]
        for members, wanted in _shared(uses, answer=key[0]):
            schema = uses[members[0]]
            name = self._free(wanted, key, chosen="x-cocalc-name" in schema)
            for use in members:
                self._names[(*key, use)] = name
            path = _common([use.path for use in members])
            for inner, place in _fields(schema, name, path):
                self._register(inner, place, key[0])

    def _free(self, wanted: str, key: tuple[bool, str], *, chosen: bool = False) -> str:
        """`wanted`, or the next name like it that no other class has or was promised, on no file system."""
        if chosen and not is_class_name(wanted):
            raise DocumentError(f"x-cocalc-name {printable(wanted)} is no class name")
        answer = key[0]
        promised = set() if chosen else self._chosen[True] | self._chosen[False]
        if chosen and not answer:
            promised = self._chosen[True]
        numbered = (class_name([wanted, str(number)]) for number in range(2, 1000))
        for name in chain([wanted] if answer else [wanted, class_name([wanted, "Input"])], numbered):
            slot = name.lower()
            if chosen and slot in self._owner and self._owner[slot][0] == answer:
                raise DocumentError(f"two different shapes are both named {wanted}")
            if slot not in self._owner and slot not in promised:
                self._owner[slot] = key
                return name
        raise DocumentError(f"no name is left for {wanted}")

    def _promise(self, plain: Schema, *, answer: bool) -> None:
        """Keep the class names that somebody chose for the shapes that they chose them for."""
        if "x-cocalc-name" in plain and _is_class(plain):
            self._chosen[answer].add(str(plain["x-cocalc-name"]).lower())
        if "$ref" in plain and plain["$ref"] not in self._promised[answer]:
            self._promised[answer].add(plain["$ref"])
            self._chosen[answer].add(class_name(words(component(plain["$ref"]))).lower())
            plain = self._plain[answer].body(component(plain["$ref"]))
        for container, key, _ in children(plain):
            self._promise(container[key], answer=answer)

    def _emit(self, plain: Schema, use: Use, answer: bool) -> Schema:
        notes: Schema = {k: plain[k] for k in ("description", "deprecated") if k in plain}
        if "$ref" in plain:
            name = self._loops[(answer, plain["$ref"])]
            if not name:
                return notes
            self._write(name, self._plain[answer].body(component(plain["$ref"])), (), answer)
            return {"$ref": SCHEMAS + name, **_note(plain)}
        if _is_class(plain):
            key = (answer, _shape(plain))
            name = self._names[(*key, use)]
            members = [other for other in self._uses[key] if self._names[(*key, other)] == name]
            self._write(name, self._uses[key][members[0]], _common([m.path for m in members]), answer)
            return {"$ref": SCHEMAS + name, **_note(plain)}
        parts = [self._emit(inner, place, answer) for inner, place in _inside(plain, use)]
        if "anyOf" in plain:
            default = {"default": plain["default"]} if "default" in plain and not answer else {}
            return {**_joined(parts), **default, **notes}
        if plain.get("type") == "object":
            return {"type": "object", "additionalProperties": parts[0] or True, **notes}
        if plain.get("type") == "array":
            bounds: Schema = {k: plain[k] for k in ("minItems", "maxItems") if k in plain}
            items = {"prefixItems": parts} if "prefixItems" in plain else {"items": parts[0]}
            return {"type": "array", **items, **bounds, **notes}
        return _scalar(plain, answer)

    def _write(self, name: str, schema: Schema, path: tuple[str, ...], answer: bool) -> None:
        if name in self._components:
            return
        result: Schema = {"type": schema["type"]}
        self._components[name] = result
        if "description" in schema:
            result["description"] = schema["description"]
        if "enum" in schema:
            result["enum"] = schema["enum"]
            return
        properties = {}
        for wire, (inner, place) in zip(_kept(schema), _fields(schema, name, path), strict=True):
            field = self._emit(inner, place, answer)
            properties[wire] = _nullable(field) if answer else field
        result["properties"] = properties
        if required := [wire for wire in schema.get("required", []) if wire in properties]:
            result["required"] = required
        if answer:
            return
        lost = set(schema["properties"]) - set(properties)
        if lost:
            raise DocumentError(
                f"the field {min(lost)[:80]!r} cannot be an argument beside the others", *path, name
            )


def _note(plain: Schema) -> Schema:
    return {"description": plain["x-note"]} if "x-note" in plain else {}


def _is_class(plain: Schema) -> bool:
    return "properties" in plain or "enum" in plain


def _shape(plain: Schema) -> str:
    """What makes two shapes one: all but the prose."""
    return json.dumps(_bare(plain), sort_keys=True)


def _bare(node: Json) -> Json:
    if isinstance(node, dict):
        result: Schema = {}
        for key, value in node.items():
            if key == "properties":
                result[key] = {name: _bare(inner) for name, inner in value.items()}
            elif key not in ("description", "default", "deprecated", "x-note"):
                result[key] = _bare(value)
        return result
    return [_bare(item) for item in node] if isinstance(node, list) else node


def _inside(plain: Schema, use: Use) -> list[tuple[Schema, Use]]:
    """The schemas inside one that is no class, with the words for their place."""
    if "anyOf" in plain:
        return [(arm, use) for arm in plain["anyOf"]]
    if plain.get("type") == "object":
        return [(plain["additionalProperties"], _one_of(use, "Value"))]
    if "prefixItems" in plain:
        place = _one_of(use, "Item")
        return [
            (part, place._replace(tail=(*place.tail, str(number))))
            for number, part in enumerate(plain["prefixItems"], 1)
        ]
    if plain.get("type") == "array":
        return [(plain["items"], _one_of(use, "Item"))]
    return []


def _one_of(use: Use, role: str) -> Use:
    if not use.parent and use.tail == (_RESULT,):
        return use._replace(tail=(role,))
    return use._replace(tail=tuple(singular(list(use.tail)) or (*use.tail, role)))


def _kept(schema: Schema) -> list[str]:
    """The properties that can be attributes: one for each name in Python, snake_case before camelCase.

    What is left out of an answer stays reachable in the additional properties of its model.
    """
    taken: dict[str, str] = {}
    for wire in sorted(schema["properties"], key=lambda wire: (field_name(wire) != wire, wire)):
        name = field_name(wire)
        if name.isidentifier() and name not in RESERVED_FIELDS:
            taken.setdefault(name, wire)
    return sorted(taken.values())


def _fields(schema: Schema, name: str, path: tuple[str, ...]) -> list[tuple[Schema, Use]]:
    if "properties" not in schema:
        return []
    return [
        (schema["properties"][wire], Use(name, tuple(words(wire)) or ("Value",), path))
        for wire in _kept(schema)
    ]


def _common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The segments that all paths begin with."""
    found: list[str] = []
    for segments in zip(*paths, strict=False):
        if len(set(segments)) > 1:
            break
        found.append(segments[0])
    return tuple(found)


def _shared(uses: dict[Use, Schema], *, answer: bool) -> list[tuple[list[Use], str]]:
    """The classes that one shape becomes: which uses share it, and the name that is wanted for it."""
    ordered = sorted(uses)
    named = sorted({s["x-cocalc-name"] for s in uses.values() if "x-cocalc-name" in s})
    if named:
        return [(ordered, named[0])]
    schema = uses[ordered[0]]
    result: list[tuple[list[Use], str]] = []
    alike: dict[tuple[str, ...], list[Use]] = defaultdict(list)
    for use in ordered:
        if (not use.parent and not answer) or (
            len(schema.get("properties") or schema.get("enum") or ()) < _FEW
            and use.tail in ((_RESULT,), ("Item",), ("Value",))
        ):
            result.append(([use], use.name))
        else:
            alike[use.tail if "enum" in schema else ()].append(use)
    for tail, members in sorted(alike.items()):
        result.extend(_classes(members, tail))
    return result


def _classes(members: list[Use], _: tuple[str, ...]) -> list[tuple[list[Use], str]]:
    """Group uses of one shape by what one name can cover: a common property, else one group of routes."""
    if len(members) == 1:
        return [(members, members[0].name)]
    tails = {use.tail for use in members}
    if len(tails) == 1 and members[0].parent:
        tail = members[0].tail
        parents = {use.parent for use in members}
        if len(parents) == 1:
            return [(members, members[0].name)]
        return [(members, class_name([_words(_common([use.path for use in members])), *tail]))]
    result: list[tuple[list[Use], str]] = []
    areas: dict[str, list[Use]] = defaultdict(list)
    for use in members:
        areas[use.path[0] if use.path else ""].append(use)
    for _area, some in sorted(areas.items()):
        result.append((some, min((use.name for use in some), key=lambda name: (len(name), name))))
    return result


def _joined(parts: list[Schema]) -> Schema:
    """A union as short as it can be said: scalars beside null are one list of types."""
    if len(parts) == 2 and parts[1] == {"type": "null"}:
        return _nullable(parts[0])
    return {"anyOf": parts}


def _nullable(schema: Schema) -> Schema:
    if not schema.keys() - {"description", "deprecated"} or schema.get("type") == "null":
        return schema
    if isinstance(schema.get("type"), str) and schema["type"] not in ("array", "object"):
        return {**schema, "type": [schema["type"], "null"]}
    if isinstance(schema.get("type"), list):
        return schema
    if "anyOf" in schema:
        has = {"type": "null"} in schema["anyOf"]
        return schema if has else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    notes: Schema = {k: schema[k] for k in ("description", "deprecated") if k in schema}
    inner = {k: v for k, v in schema.items() if k not in notes}
    return {"anyOf": [inner, {"type": "null"}], **notes}


def _scalar(plain: Schema, answer: bool) -> Schema:
    result = {k: v for k, v in plain.items() if k != "x-cocalc-name" and not (answer and k == "default")}
    values = result.get("x-cocalc-values")
    if values and answer:
        sentence = f"{KNOWN}{', '.join(str(value) for value in values)}."
        before = result.get("description", "").partition(KNOWN)[0].rstrip()
        result["description"] = f"{before} {sentence}".strip()
    return result
