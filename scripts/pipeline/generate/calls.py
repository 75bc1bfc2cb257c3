"""What the templates of an operation need: its row in the operation table, its method, its low-level module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from cocalc_facade._drift.names import field_names
from scripts.pipeline.document.names import (
    RESERVED_ARGUMENTS,
    RESERVED_CLASSES,
    file_name,
    resource_class,
    segments_of,
)
from scripts.pipeline.document.released import attributes
from scripts.pipeline.generate.annotations import Annotations, json_types, table_kind
from scripts.pipeline.generate.kinds import ANYTHING, NULL, Kind, Model, Schema
from scripts.pipeline.generate.models import Models, chosen
from scripts.pipeline.generate.prose import (
    capabilities,
    clean,
    docstring,
    paragraphs,
    sentence,
    wrapped,
)
from scripts.pipeline.generate.readers import Function, Readers
from scripts.pipeline.generate.telling import about_argument, notes, returned, summary
from scripts.pipeline.published import DocumentError

_PREFIXES = ("", "Async", "Raw", "AsyncRaw")


@dataclass(frozen=True)
class Argument:
    """An argument of a method: its names, its type, and what the docstring says of it."""

    wire: str
    python: str
    kind: Kind
    required: bool
    text: str


@dataclass(frozen=True)
class Method:
    """A typed method of a group."""

    path: str
    name: str
    arguments: tuple[tuple[str, str, str, bool], ...]
    result: str
    docstring: str
    confirms: bool
    open_ended: bool
    deprecated: str


@dataclass(frozen=True)
class Endpoint:
    """A low-level module: how it decodes an answer, and what a body may be."""

    path: str
    url: str
    module: str
    name: str
    body: str
    body_required: bool
    result: str
    reader: str
    functions: tuple[Function, ...]
    runtime: tuple[str, ...]
    modules: tuple[str, ...]
    imports: tuple[str, ...]
    later: tuple[str, ...]
    docstring: str


@dataclass
class Group:
    """A folder of the path tree, with its methods and the folders in it."""

    attributes: tuple[str, ...]
    folder: str = ""
    """What the wire calls it."""
    module: str = "root"
    """The module in `resources` that holds the group."""
    class_name: str = "Root"
    call: Operation | None = None
    operations: list[Operation] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)

    def walk(self) -> Iterator[Group]:
        """Give this group and all groups below it."""
        yield self
        for group in self.groups.values():
            yield from group.walk()


class Operation:
    """An operation of the document."""

    def __init__(self, document_path: str, item: Mapping[str, Any], models: Models) -> None:
        self.document_path = document_path
        self.segments = segments_of(document_path)
        self.path = "/".join(self.segments)
        self.data: Mapping[str, Any] = item["post"]
        self.attributes = attributes(document_path, self.data)
        # Where the low-level module is; `path_tree` sets it.
        self.package = self.module = ""
        self.models = models
        kinds = models.kinds
        self.result_schema = _json_schema(self.data.get("responses", {}).get("200", {}))
        self.result = kinds.of(self.result_schema) if self.result_schema is not None else ANYTHING
        self.body_schema = _json_schema(self.data.get("requestBody", {}))
        self.body = kinds.of(self.body_schema) if self.body_schema is not None else ANYTHING
        properties, required = (
            kinds.properties(self.body_schema) if self.body_schema is not None else ({}, set())
        )
        names = field_names(properties, RESERVED_ARGUMENTS, chosen(properties))
        arguments = [
            Argument(
                wire=wire,
                python=names[wire],
                kind=kinds.of(schema),
                required=wire in required,
                text=about_argument(schema, kinds.of(schema)),
            )
            for wire, schema in properties.items()
        ]
        self.arguments = tuple(sorted(arguments, key=lambda argument: not argument.required))

    @property
    def open_ended(self) -> bool:
        """Whether the document says nothing of the arguments, so that any are taken."""
        return self.body_schema is not None and not self.arguments and not isinstance(self.body, Model)

    def row(self) -> str:
        """Give the operation's row in the table as JSON, in the order of the fields of `Operation` there."""
        # No three quotes can follow each other in it, so that it is safe between such.
        return json.dumps(self._row())

    def _row(self) -> list[object]:
        get = self.data.get
        result_properties = (
            self.models.kinds.properties(self.result_schema)[0] if self.result_schema is not None else {}
        )
        timeout = get("x-cocalc-timeout")
        return [
            self.path,
            f"{self.package}.{self.module}",
            [_field(a) for a in sorted(self.arguments, key=lambda argument: argument.wire)],
            str(get("x-cocalc-auth", "account")),
            bool(get("x-cocalc-mutates", True)),
            bool(get("x-cocalc-idempotent", False)),
            float(timeout) if timeout is not None else None,
            _text(get("x-cocalc-confirm")),
            bool(get("x-cocalc-charges", False)),
            _text(get("x-cocalc-fails")),
            self._deprecated(),
            get("x-cocalc-pagination"),
            get("x-cocalc-rate-limit"),
            [str(name) for name in get("x-cocalc-failure", ())],
            "error" in result_properties,
            bool(get("x-cocalc-published", True)),
            get("x-cocalc-newer-servers"),
            capabilities(get("x-cocalc-capability")),
            _text(get("x-cocalc-instead")),
            list(json_types(self.result)),
            list(get("x-cocalc-some", ())),
            list(get("x-cocalc-present", ())),
            _text(get("x-cocalc-changes") or get("x-cocalc-confirm")),
            get("x-cocalc-reads-when"),
        ]

    def endpoint(self) -> Endpoint:
        """Give what the low-level module is written from."""
        annotations = self.models.annotations()
        readers = Readers(self.models.kinds, self.models.classes, self.models.modules)
        body = "" if self.body_schema is None else _body_type(annotations.argument(self.body), self.body)
        result = annotations.answer(self.result)
        reader = readers.expression(self.result, "answer")
        return Endpoint(
            path=self.path,
            url=repr(self.document_path),
            module=f"{self.package}/{self.module}.py",
            name=self.module,
            body=body,
            body_required=any(argument.required for argument in self.arguments),
            result=result,
            reader=reader,
            functions=tuple(readers.functions),
            runtime=tuple(sorted(readers.runtime)),
            modules=tuple(sorted(readers.modules)),
            imports=tuple(sorted(annotations.imports - {"from typing import Any"})),
            later=tuple(sorted(annotations.later)),
            docstring=docstring(self._told(0), indent=0),
        )

    def method(self, name: str, annotations: Annotations) -> Method:
        """Give the typed method, named `name` in its group."""
        arguments = tuple(
            (argument.python, repr(argument.wire), annotations.argument(argument.kind), argument.required)
            for argument in self.arguments
        )
        return Method(
            path=repr(self.path),
            name=name,
            arguments=arguments,
            result=annotations.result(self.result),
            docstring=docstring(self._docstring(), indent=8),
            confirms=self.data.get("x-cocalc-confirm") is not None,
            open_ended=self.open_ended,
            deprecated=self._deprecation(),
        )

    def _deprecation(self) -> str:
        if (reason := self.data.get("x-cocalc-fails")) is not None:
            return repr(sentence(f"always fails: {reason}"))
        return repr(reason) if (reason := self._deprecated()) else ""

    def _deprecated(self) -> str | None:
        """Why the route should no longer be called; what the server dropped says since when, and what to use."""
        if self.data.get("x-cocalc-retired") is not None:
            return sentence(self.data.get("description") or "")
        return "the server deprecates this route" if self.data.get("deprecated") else None

    def _told(self, indent: int) -> list[str]:
        """Give what a docstring says before it comes to the arguments."""
        lines = [*wrapped(summary(self.path, self.data), indent), ""]
        lines += wrapped(" ".join(notes(self.path, self.data)), indent)
        for paragraph in paragraphs(self.data.get("description") or ""):
            lines += ["", *wrapped(paragraph, indent)]
        return lines

    def _docstring(self) -> list[str]:
        lines = self._told(8)
        told = [(argument.python, argument.text) for argument in self.arguments]
        if self.open_ended:
            told.append(("parameters", "Whatever the route takes, by its wire names."))
        if self.data.get("x-cocalc-confirm") is not None:
            told.append(("confirm", "Must be true; without it nothing is sent."))
        if any(text for _, text in told):
            lines += ["", "Args:"]
            for name, text in told:
                lines += [f"    {line}" for line in wrapped(f"{name}: {text}".rstrip(": "), 12, hanging=4)]
        if given := returned(self.data):
            lines += ["", "Returns:", *(f"    {line}" for line in wrapped(given, 12))]
        return lines


def _field(argument: Argument) -> list[object]:
    """Give an argument's entry in the table; that it may be null is said only where it may."""
    may_be_null = NULL in argument.kind.flat() or argument.kind == ANYTHING
    entry = [argument.wire, argument.python, table_kind(argument.kind), argument.required]
    return [*entry, True] if may_be_null else entry


def _body_type(annotation: str, body: Kind) -> str:
    """Leave out plain mappings where there is a class for the body: low-level functions take the class."""
    models = [option for option in body.flat() if isinstance(option, Model)]
    if models and len(models) == len(body.flat()):
        return annotation.replace(" | Mapping[str, Any]", "")
    return "Mapping[str, Any]"


def _json_schema(place: Mapping[str, Any]) -> Schema | None:
    for media in place.get("content", {}).values():
        schema: Schema | None = media.get("schema")
        return schema
    return None


def _text(value: object) -> str | None:
    return None if value is None else " ".join(clean(value).split())


def path_tree(operations: list[Operation]) -> Group:
    """Give the root of the groups, with every operation in its place, and say in which module each of both is.

    Raises:
        DocumentError: two paths have the same name in Python.
    """
    root = Group(())
    taken: dict[tuple[str, ...], str] = {}
    for operation in operations:
        if (other := taken.setdefault(operation.attributes, operation.path)) != operation.path:
            name = ".".join(operation.attributes)
            raise DocumentError(
                f"paths {other!r} and {operation.path!r} would both be called {name!r} in Python"
            )
    folders = {o.attributes[:depth] for o in operations for depth in range(1, len(o.attributes))}
    for operation in sorted(operations, key=lambda one: one.attributes):
        group = root
        for depth, name in enumerate(operation.attributes[:-1], start=1):
            folder = "/".join(operation.segments[:depth])
            group = group.groups.setdefault(name, Group(operation.attributes[:depth], folder))
        *_, last = operation.attributes
        if operation.attributes in folders:
            group = group.groups.setdefault(last, Group(operation.attributes, operation.path))
            group.call = operation
        else:
            group.operations.append(operation)
    _name_groups(root)
    _name_modules(operations)
    return root


def _name_groups(root: Group) -> None:
    modules = {root.module}
    classes = {prefix + name for prefix in _PREFIXES for name in (root.class_name, *RESERVED_CLASSES)}
    for group in root.walk():
        classes |= {operation.attributes[-1] for operation in group.operations} | set(group.groups)
    for group in root.walk():
        if group is root:
            continue
        group.module = file_name("_".join(group.attributes), modules)
        group.class_name = resource_class(group.attributes)
        names = {prefix + group.class_name for prefix in _PREFIXES}
        while names & classes or iskeyword(group.class_name):
            group.class_name += "Routes"
            names = {prefix + group.class_name for prefix in _PREFIXES}
        classes |= names


def _name_modules(operations: list[Operation]) -> None:
    packages: dict[tuple[str, ...], str] = {(): "root"}
    taken: dict[str, set[str]] = {"root": set()}
    for operation in sorted(operations, key=lambda one: one.attributes):
        *folder, last = operation.attributes
        if (package := packages.get(tuple(folder))) is None:
            names = set(taken)
            package = packages[tuple(folder)] = file_name("_".join(folder), names)
            taken[package] = set()
        operation.package = package
        operation.module = file_name(last, taken[package])
