"""What the template of a model needs to know of a component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cocalc_facade._drift.names import field_names
from scripts.pipeline.document.names import RESERVED_FIELDS
from scripts.pipeline.document.released import KEPT
from scripts.pipeline.generate.annotations import Annotations, is_plain, time_form
from scripts.pipeline.generate.kinds import (
    ANYTHING,
    NULL,
    Array,
    Kind,
    Kinds,
    Map,
    Scalar,
    Schema,
    Time,
    without_null,
)
from scripts.pipeline.generate.prose import attribute_docstring, docstring
from scripts.pipeline.generate.readers import ClassPlace, Function, Readers
from scripts.pipeline.required import FIELDS


@dataclass(frozen=True)
class ModelField:
    """A field of a model.

    `check` is the JSON type that lets a value pass as it is, `step` what there is to do with any other ("time", or
    "reader": to call it), and `reader` the function that decodes it in any case. `always`: every answer has it.
    """

    python: str
    wire: str
    annotation: str
    required: bool
    check: str
    step: str
    reader: str
    form: str
    docstring: str
    always: bool


@dataclass(frozen=True)
class ModelPlan:
    """A class to write: an answer or a request body."""

    name: str
    module: str
    is_request: bool
    docstring: str
    fields: tuple[ModelField, ...]
    functions: tuple[Function, ...]
    imports: tuple[str, ...]
    runtime: tuple[str, ...]
    modules: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def always(self) -> tuple[str, ...]:
        """The fields that every answer has, by their names in Python."""
        return tuple(field.python for field in self.fields if field.always)

    @property
    def values(self) -> str:
        """The variables that hold the values of the fields, in their order."""
        return ", ".join(f"v{index}" for index in range(len(self.fields)))

    def builtin(self, name: str) -> str:
        """Give how the class names a built-in that one of its fields may hide."""
        return f"builtins.{name}" if any(field.python == name for field in self.fields) else name


class Models:
    """The classes of a document, from its components."""

    def __init__(self, document: Mapping[str, Any], classes: Mapping[str, ClassPlace]) -> None:
        self.kinds = Kinds(document.get("components", {}).get("schemas", {}))
        self.classes = classes
        self._names = {component: place.name for component, place in classes.items()}
        self._taken = frozenset(self._names.values())
        self.modules = frozenset(place.module for place in classes.values())
        self._requests = self._only_sent(document)

    def _only_sent(self, document: Mapping[str, Any]) -> set[str]:
        """Find the components that only requests use, and those that were so while something used them."""
        operations = [item["post"] for item in document.get("paths", {}).values()]
        sent = self._reachable(operation.get("requestBody", {}) for operation in operations)
        received = self._reachable(operation.get("responses", {}) for operation in operations)
        kept = {name for name, one in self.kinds.components.items() if one.get(KEPT) == "request"}
        return (sent | kept) - received

    def _reachable(self, roots: Iterable[object]) -> set[str]:
        found: set[str] = set()
        pending: list[object] = list(roots)
        while pending:
            match pending.pop():
                case {"$ref": str(reference)}:
                    name = self.kinds.component(reference)
                    if name not in found:
                        found.add(name)
                        pending.append(self.kinds.components[name])
                case dict() as node:
                    pending.extend(node.values())
                case list() as nodes:
                    pending.extend(nodes)
        return found

    def annotations(self, shadowed: Iterable[str] = ()) -> Annotations:
        """Give a writer of types for a module whose class has members named as in `shadowed`."""
        return Annotations(self._names, self._taken, frozenset(shadowed))

    def plan(self, component: str) -> ModelPlan:
        """Give what there is to write for a component."""
        schema = self.kinds.components[component]
        place = self.classes[component]
        is_request = component in self._requests
        properties, required = self.kinds.properties(schema)
        names = field_names(properties, RESERVED_FIELDS, chosen(properties))
        readers = Readers(self.kinds, self.classes, self.modules, own=place.module)
        annotations = self.annotations(names.values())
        always = frozenset() if is_request else frozenset(schema.get(FIELDS, ()))
        order = sorted(properties, key=lambda wire: is_request and wire not in required)
        fields = tuple(
            self._field(
                names[wire],
                wire,
                properties[wire],
                wire in required and is_request,
                is_request,
                wire in always,
                readers,
                annotations,
            )
            for wire in order
        )
        return ModelPlan(
            name=place.name,
            module=place.module,
            is_request=is_request,
            docstring=docstring(_about(schema, place.name, is_request=is_request), indent=4),
            fields=fields,
            functions=tuple(readers.functions),
            imports=tuple(sorted(annotations.imports - {"from typing import Any", "import builtins"})),
            runtime=tuple(sorted(readers.runtime)),
            modules=tuple(sorted(readers.modules)),
            later=tuple(sorted(annotations.later)),
        )

    def _field(
        self,
        python: str,
        wire: str,
        schema: Schema,
        required: bool,
        is_request: bool,
        always: bool,
        readers: Readers,
        annotations: Annotations,
    ) -> ModelField:
        kind = self.kinds.of(schema)
        if is_request:
            annotation = _either(*annotations.argument(kind).split(" | "))
            annotation = annotation if required else _either(annotation, "Unset")
            check, step, reader = "", "", ""
            form = time_form(kind)
        else:
            annotation = annotations.answer(without_null(kind))
            annotation = annotation if always else _either(annotation, "None")
            check, step, reader = self._decoding(kind, python, readers)
            form = "" if is_plain(kind) else time_form(kind) or "plain"
        description = schema.get("description") if isinstance(schema, Mapping) else None
        return ModelField(
            python=python,
            wire=repr(wire),
            annotation=annotation,
            required=required,
            check=check,
            step=step,
            reader=reader,
            form=form,
            docstring=attribute_docstring(description, kind, indent=4),
            always=always,
        )

    def _decoding(self, kind: Kind, python: str, readers: Readers) -> tuple[str, str, str]:
        """Give `check`, `step` and `reader` of a field."""
        kind = without_null(kind)
        reader = readers.expression(kind, python)
        match kind:
            case Scalar() if kind != NULL:
                return kind.type, "", reader
            case Map(value) if value == ANYTHING:
                return "object", "", reader
            case Array(item) if item == ANYTHING:
                return "array", "", reader
            case Time():
                readers.runtime.add(
                    "parse_iso" if reader == "read_iso" else reader.replace("read_", "exact_")
                )
                return "", "time", reader
        if kind == ANYTHING:
            return "", "", reader
        readers.runtime.add("within")
        if time_form(kind):
            readers.runtime |= {"copied", "differs"}
        return "", "reader", reader


def chosen(properties: Mapping[str, Schema]) -> dict[str, str]:
    """Give the fields that have another name in Python than the one that follows from the wire."""
    return {
        wire: schema["x-cocalc-python"] for wire, schema in properties.items() if "x-cocalc-python" in schema
    }


def _either(first: str, *others: str) -> str:
    """Join types. attrs takes for a class variable what begins with that word, so no annotation does."""
    if first == "Any" and others == ("None",):
        return first
    types = [*others, first] if first.startswith("ClassVar") and others else [first, *others]
    return " | ".join(types)


def _about(schema: Schema, name: str, *, is_request: bool) -> str:
    text = schema.get("description")
    if isinstance(text, str) and text.strip():
        return text
    return f"The body of a request, {name}." if is_request else f"An object that the server sends, {name}."
