"""Hoisting: every object (and every enumeration of a request) becomes a component with a class name of its own.

Names follow the place: path and role, then the property that holds the object. Identical shapes become one
component when one name says what they are: a chosen name, the one status they report (`Ok`), or the property
that holds them everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from cocalc_facade._drift.names import field_name, field_names
from scripts.pipeline.document.anatomy import SCHEMAS, Schema, children, component
from scripts.pipeline.document.names import (
    RESERVED_ARGUMENTS,
    RESERVED_CLASSES,
    RESERVED_FIELDS,
    class_name,
    is_class_name,
)
from scripts.pipeline.document.released import Released
from scripts.pipeline.published import DocumentError, printable
from scripts.pipeline.shape.bound import Bound
from scripts.pipeline.shape.form import Plain
from scripts.pipeline.shape.places import (
    REQUEST,
    RESULT,
    Root,
    Use,
    common,
    fields,
    inside,
    is_class,
    shape,
    words_of,
)
from scripts.pipeline.shape.plain import KNOWN, listed

ERROR = "Error"
_FEW = 3


class Hoist:
    """Collects the roots of a document, names their shapes, and gives schemas without inline objects."""

    def __init__(self, request: Plain, answer: Plain, released: Released) -> None:
        self._plain = {False: request, True: answer}
        self._released = released
        self._bound = Bound(self._plain, released)
        self._uses: dict[tuple[bool, str], dict[Use, Schema]] = defaultdict(dict)
        self._names: dict[tuple[bool, str, Use], str] = {}
        self._owner: dict[str, tuple[bool, str]] = {ERROR.lower(): (True, "")}
        self._met: list[tuple[bool, str]] = []
        self._named: dict[tuple[bool, str], str] = {}
        """The class of each shape that has one, the first where it has several."""
        self._loops: dict[tuple[bool, str], str] = {}
        self._components: dict[str, Schema] = {}
        self._arguments: set[str] = set()
        self._chosen: dict[bool, set[str]] = {True: set(), False: set()}
        self._preferred: dict[bool, set[str]] = {True: set(), False: set()}
        self._promised: dict[bool, set[str]] = {True: set(), False: set()}

    def run(self, roots: list[Root]) -> tuple[dict[str, Schema], list[Schema]]:
        """The components, and the schema of each root, in the order of `roots`."""
        tails = [self._root_use(root) for root in roots]
        for root in roots:
            self._promise(root.schema, answer=root.answer)
        self._bound.bind(list(zip(roots, tails, strict=True)), self._chosen)
        for (answer, ref), name in self._bound.loops.items():
            self._owner[name.lower()] = (answer, ref)
        for name, schema in self._bound.shapes.items():
            self._owner[name.lower()] = (self._bound.side(name), shape(schema))
            for inner, place in fields(schema, name, self._bound.paths[name]):
                self._register(inner, place, self._bound.side(name))
        for root, use in zip(roots, tails, strict=True):
            self._register(root.schema, use, root.answer)
        # A shape that holds others is written with more characters than each of them, so it has its name first.
        pending: dict[int, set[tuple[bool, str]]] = {}
        while self._met or pending:
            for key in self._met:
                pending.setdefault(len(key[1]), set()).add(key)
            self._met.clear()
            longest = max(pending)
            key = max(pending[longest])
            pending[longest].remove(key)
            if not pending[longest]:
                del pending[longest]
            self._name(key)
        self._arguments = {
            self._named_at(root.schema, use, answer=False)
            for root, use in zip(roots, tails, strict=True)
            if not root.answer and "properties" in root.schema
        }
        results = [self._emit(root.schema, use, root.answer) for root, use in zip(roots, tails, strict=True)]
        self._add_aliases()
        return dict(sorted(self._components.items())), results

    def _add_aliases(self) -> None:
        """Keep the names of classes that none has any more, where all that it was has one other class now."""
        now: dict[str, set[str]] = defaultdict(set)
        places = {(use.place): name for (*_, use), name in self._names.items()} | self._bound.names
        for place, old in self._released.classes.items():
            if old not in self._components and place in places:
                now[old].add(places[place])
        for old, new in self._released.aliases.items():
            if old not in self._components and new in self._components:
                now[old].add(new)
        for old, names in sorted(now.items()):
            if len(names) == 1 and (name := names.pop()) in self._components:
                self._components[name].setdefault("x-cocalc-aliases", []).append(old)

    def _root_use(self, root: Root) -> Use:
        side = "answer" if root.answer else "request"
        path = tuple(root.name.split("/"))
        return Use("", (RESULT if root.answer else REQUEST,), path, f"{root.name} {side}")

    def _register(self, plain: Schema, use: Use, answer: bool) -> None:
        """Note every shape that is met before another shape is entered."""
        for inner, place in self._shapes(plain, use, answer):
            key = (answer, shape(inner))
            if key in self._named:  # it is met once more inside a component that it holds and that holds it
                self._names[(*key, place)] = self._named[key]
                continue
            if key not in self._uses:
                self._met.append(key)
            self._uses[key].setdefault(place, inner)

    def _shapes(self, plain: Schema, use: Use, answer: bool) -> Iterator[tuple[Schema, Use]]:
        if "$ref" in plain:
            self._loop(plain["$ref"], answer)
        elif is_class(plain):
            if use.place not in self._bound.names or "enum" in plain:
                yield plain, use
        else:
            for inner, place in inside(plain, use):
                yield from self._shapes(inner, place, answer)

    def _loop(self, ref: str, answer: bool) -> None:
        """Give a component that contains itself a name, and register what it holds."""
        key = (answer, ref)
        if key in self._loops:
            return
        body = self._plain[answer].body(component(ref))
        if not is_class(body) or "enum" in body:
            self._loops[key] = ""
            self._plain[answer].untyped.add(component(ref))
            return
        name = self._bound.loops.get(key) or self._free(class_name([component(ref)]), key, preferred=True)
        self._loops[key] = name
        for inner, place in fields(body, name, ()):
            self._register(inner, place, answer)

    def _name(self, key: tuple[bool, str]) -> None:
        """Decide which uses of a shape share a class, then register what the shape holds."""
        uses = self._uses[key]
        for members, wanted in _shared(uses, answer=key[0]):
            schema = uses[members[0]]
            if self._bound.serves(wanted, schema, answer=key[0]):
                self._names |= {(*key, use): wanted for use in members}
                self._named.setdefault(key, wanted)
                continue
            name = self._free(
                wanted,
                key,
                chosen=any("x-cocalc-name" in uses[use] for use in members),
                preferred=schema.get("x-cocalc-known-as") == wanted,
            )
            for use in members:
                self._names[(*key, use)] = name
            self._named.setdefault(key, name)
            path = common([use.path for use in members])
            for inner, place in fields(schema, name, path):
                self._register(inner, place, key[0])

    def _free(
        self, wanted: str, key: tuple[bool, str], *, chosen: bool = False, preferred: bool = False
    ) -> str:
        """`wanted`, or the next name like it that no other class has or was promised, on no file system.

        A name that somebody `chose` in our files has to be free; one that a document's component has is `preferred`.
        """
        if chosen and not is_class_name(wanted):
            raise DocumentError(f"x-cocalc-name {printable(wanted)} is no class name")
        answer = key[0]
        promised = set() if chosen else self._chosen[True] | self._bound.reserved
        if not chosen and not preferred:
            promised |= self._chosen[False] | self._preferred[True] | self._preferred[False]
        if not answer:  # an answer's claim to a name that both have is the better one
            promised |= self._chosen[True] | self._preferred[True]
        numbered = (class_name([wanted, str(number)]) for number in range(2, 10_000))
        first = f"{wanted}Model" if wanted in RESERVED_CLASSES else wanted
        for name in chain([first] if answer else [first, class_name([wanted, "Input"])], numbered):
            slot = name.lower()
            if slot in self._owner and self._owner[slot] == key and (chosen or preferred):
                return name
            if chosen and slot in self._owner and self._owner[slot][0] == answer:
                raise DocumentError(f"two different shapes are both named {wanted}")
            if slot not in self._owner and slot not in promised:
                self._owner[slot] = key
                return name
        raise DocumentError(f"no name is left for {wanted}")

    def _promise(self, plain: Schema, *, answer: bool) -> None:
        """Keep the class names that somebody chose for the shapes that they chose them for."""
        if "x-cocalc-name" in plain and is_class(plain):
            self._chosen[answer].add(str(plain["x-cocalc-name"]).lower())
        elif "x-cocalc-known-as" in plain and is_class(plain):
            self._preferred[answer].add(str(plain["x-cocalc-known-as"]).lower())
        if "$ref" in plain and plain["$ref"] not in self._promised[answer]:
            self._promised[answer].add(plain["$ref"])
            self._preferred[answer].add(class_name([component(plain["$ref"])]).lower())
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
            return {"$ref": SCHEMAS + name, **_note(plain, answer)}
        if is_class(plain):
            name = self._named_at(plain, use, answer=answer)
            if name in self._bound.shapes:
                self._write(name, self._bound.shapes[name], self._bound.paths[name], answer)
                return {"$ref": SCHEMAS + name, **_note(plain, answer)}
            key = (answer, shape(plain))
            if name not in self._components:
                members = [other for other in self._uses[key] if self._names[(*key, other)] == name]
                self._write(name, self._uses[key][members[0]], common([m.path for m in members]), answer)
            return {"$ref": SCHEMAS + name, **_note(plain, answer)}
        parts = [self._emit(inner, place, answer) for inner, place in inside(plain, use)]
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

    def _named_at(self, plain: Schema, use: Use, *, answer: bool) -> str:
        """The class of a shape at a place."""
        if "properties" in plain and use.place in self._bound.names:
            return self._bound.names[use.place]
        return self._names[(answer, shape(plain), use)]

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
        # The arguments of a method are the fields of its request, under the same names.
        reserved = RESERVED_FIELDS if answer or name not in self._arguments else RESERVED_ARGUMENTS
        names = field_names(schema["properties"], reserved, self._released.fields.get(name))
        properties = {}
        for wire, (inner, place) in zip(
            sorted(schema["properties"]), fields(schema, name, path), strict=True
        ):
            found = self._emit(inner, place, answer)
            found = _nullable(found) if answer else found
            python = {} if names[wire] == field_name(wire) else {"x-cocalc-python": names[wire]}
            properties[wire] = {**found, **python}
        result["properties"] = properties
        if required := [wire for wire in schema.get("required", []) if wire in properties]:
            result["required"] = required


def _note(plain: Schema, answer: bool) -> Schema:
    """What the place of a reference says itself."""
    note: Schema = {"description": plain["x-note"]} if "x-note" in plain else {}
    kept = ("deprecated",) if answer else ("default", "deprecated")
    return note | {key: plain[key] for key in kept if key in plain}


def _shared(uses: dict[Use, Schema], *, answer: bool) -> list[tuple[list[Use], str]]:
    """The classes that one shape becomes: which uses share it, and the name that is wanted for it."""
    ordered = sorted(uses)
    for key in ("x-cocalc-name", "x-cocalc-known-as"):
        if named := sorted({s[key] for s in uses.values() if key in s}):
            return [(ordered, named[0])]
    schema = uses[ordered[0]]
    result: list[tuple[list[Use], str]] = []
    alike: dict[tuple[str, ...], list[Use]] = defaultdict(list)
    for use in ordered:
        if (not use.parent and not answer) or (
            len(schema.get("properties") or schema.get("enum") or ()) < _FEW
            and use.tail in ((RESULT,), ("Item",), ("Value",))
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
        return [(members, class_name([words_of(common([use.path for use in members])), *tail]))]
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
    result = {
        k: v
        for k, v in plain.items()
        if k not in ("x-cocalc-name", "x-cocalc-known-as") and not (answer and k == "default")
    }
    values = result.get("x-cocalc-values")
    if values and answer:
        sentence = f"{KNOWN}{listed(values)}."
        before = result.get("description", "").partition(KNOWN)[0].rstrip()
        result["description"] = f"{before} {sentence}".strip()
    return result
