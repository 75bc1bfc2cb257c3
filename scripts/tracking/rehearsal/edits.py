"""Changes of every kind that a server may make to its document, each drawn at random and made in place."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

Document = dict[str, Any]
Edit = Callable[["Server", Random], None]
PREFIX = "/api/v2/"
WORDS = (
    "alpha", "run", "close", "map", "query", "keys", "value", "Values", "fooBar", "foo_bar", "class", "from", "2fa", "id", "ID",
    "status", "list", "none", "self", "projectId", "project-id", "any", "Error",
)  # fmt: skip
KINDS: tuple[Any, ...] = (
    {"type": "string"},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "string", "nullable": True},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "string", "format": "date-time"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "integer"}}},
    {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "number"}}},
    },
    {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"deep": {"type": "string"}}}]},
    {"type": "object", "additionalProperties": {"type": "string"}},
    {},
)


class Server:
    """A server that publishes `document`, and remembers what it took away."""

    def __init__(self, document: Document) -> None:
        self.document = deepcopy(document)
        self.gone: list[tuple[str, Any]] = []

    @property
    def paths(self) -> Document:
        """The paths that it publishes."""
        found: Document = self.document["paths"]
        return found

    @property
    def components(self) -> Document:
        """The shared schemas."""
        found: Document = self.document.setdefault("components", {}).setdefault("schemas", {})
        return found

    def operation(self, random: Random) -> Document:
        """One of its operations."""
        item = self.paths[random.choice(sorted(self.paths))]
        found: Document = next(item[method] for method in ("post", "get") if method in item)
        return found

    def object(self, random: Random) -> Document | None:
        """One of the objects with fields of one of its operations, however deep."""
        operation = self.operation(random)
        holders = [operation.get("requestBody"), *operation.get("responses", {}).values()]
        found: list[Document] = []
        pending = [
            entry.get("schema")
            for holder in holders
            if holder
            for entry in holder.get("content", {}).values()
        ]
        for _ in range(60):
            if not pending:
                break
            node = pending.pop()
            if not isinstance(node, dict):
                continue
            if str(node.get("$ref", "")).startswith("#/components/schemas/"):
                node = self.components.get(node["$ref"].rpartition("/")[2], {})
            if node.get("properties"):
                found.append(node)
                pending += node["properties"].values()
            pending += [*node.get("anyOf", ()), *node.get("allOf", ()), node.get("items")]
        return random.choice(found) if found else None


def route_goes(server: Server, random: Random) -> None:
    """An operation is no longer published."""
    if len(server.paths) > 4:
        path = random.choice(sorted(server.paths))
        server.gone.append((path, server.paths.pop(path)))


def route_comes_back(server: Server, random: Random) -> None:
    """An operation that was gone is there again, as it was or in another spelling."""
    if server.gone:
        path, item = server.gone.pop(random.randrange(len(server.gone)))
        server.paths.setdefault(random.choice([path, _respelled(path, random)]), item)


def route_is_new(server: Server, random: Random) -> None:
    """An operation comes, also one that is called like something that the client has of its own."""
    name = "/".join(random.choice(WORDS) for _ in range(random.randint(1, 3)))
    like = deepcopy(server.operation(random))
    like["operationId"] = name.replace("/", "-")
    server.paths.setdefault(PREFIX + name, {"post": like})


def route_is_respelled(server: Server, random: Random) -> None:
    """A path changes its case or its dashes."""
    path = random.choice(sorted(server.paths))
    server.paths.setdefault(_respelled(path, random), server.paths.pop(path))


def field_goes(server: Server, random: Random) -> None:
    """A field is gone."""
    if (target := server.object(random)) is not None and len(target["properties"]) > 1:
        name = random.choice(sorted(target["properties"]))
        del target["properties"][name]
        _require(target, [other for other in target.get("required", []) if other != name])


def field_is_new(server: Server, random: Random) -> None:
    """A field comes, required or not."""
    if (target := server.object(random)) is not None:
        name = random.choice(WORDS)
        target["properties"].setdefault(name, deepcopy(random.choice(KINDS)))
        if random.random() < 0.3:
            _require(target, [*target.get("required", []), name])


def field_is_respelled(server: Server, random: Random) -> None:
    """A field changes its case or its dashes."""
    if (target := server.object(random)) is not None:
        name = random.choice(sorted(target["properties"]))
        other = _respelled(name, random)
        if other not in target["properties"]:
            fields = target["properties"].items()
            target["properties"] = {other if key == name else key: value for key, value in fields}
            _require(target, [other if key == name else key for key in target.get("required", [])])


def field_is_another(server: Server, random: Random) -> None:
    """A field has another type."""
    if (target := server.object(random)) is not None:
        name = random.choice(sorted(target["properties"]))
        target["properties"][name] = deepcopy(random.choice(KINDS))


def field_becomes_required(server: Server, random: Random) -> None:
    """A field is required, or no longer."""
    if (target := server.object(random)) is not None:
        name = random.choice(sorted(target["properties"]))
        _require(target, sorted(set(target.get("required", [])) ^ {name}))


def schema_is_shared(server: Server, random: Random) -> None:
    """A field's schema becomes a component, which another field refers to as well."""
    one, other = server.object(random), server.object(random)
    if one is None or other is None:
        return
    name = random.choice(sorted(one["properties"]))
    shared = f"Shared{random.randrange(20)}"
    if shared not in server.components:
        server.components[shared] = deepcopy(one["properties"][name])
    reference = {"$ref": f"#/components/schemas/{shared}"}
    for target in (one, other):
        target["properties"][random.choice(sorted(target["properties"]))] = dict(reference)


def schema_is_wrapped(server: Server, random: Random) -> None:
    """A field is said in another form: as the only part of a whole, or beside null."""
    if (target := server.object(random)) is not None:
        name = random.choice(sorted(target["properties"]))
        inner = target["properties"][name]
        target["properties"][name] = random.choice(
            [
                {"allOf": [inner]},
                {"anyOf": [inner, {"type": "null"}]},
                {"allOf": [inner, {"description": "d"}]},
            ]
        )


def arguments_all_go(server: Server, random: Random) -> None:
    """An operation takes nothing any more."""
    server.operation(random).pop("requestBody", None)


def all_is_reordered(server: Server, random: Random) -> None:
    """The order of everything changes, which says nothing."""
    for holder in (server.paths, server.components):
        names = sorted(holder, key=lambda _: random.random())
        for name in names:
            holder[name] = holder.pop(name)


def operation_is_deprecated(server: Server, random: Random) -> None:
    """An operation is deprecated, or no longer."""
    operation = server.operation(random)
    operation["deprecated"] = not operation.get("deprecated", False)


EDITS: tuple[Edit, ...] = (
    route_goes,
    route_comes_back,
    route_comes_back,
    route_is_new,
    route_is_respelled,
    field_goes,
    field_is_new,
    field_is_respelled,
    field_is_another,
    field_becomes_required,
    schema_is_shared,
    schema_is_wrapped,
    arguments_all_go,
    all_is_reordered,
    operation_is_deprecated,
)


def _require(target: Document, names: list[str]) -> None:
    target.pop("required", None)
    if names:
        target["required"] = names


def _respelled(name: str, random: Random) -> str:
    head, slash, last = name.rpartition("/")
    words = [word for word in re.split(r"[-_]|(?<=[a-z])(?=[A-Z])", last) if word] or [last]
    spelled = random.choice(
        [
            "-".join(map(str.lower, words)),
            "_".join(map(str.lower, words)),
            words[0].lower() + "".join(word[:1].upper() + word[1:] for word in words[1:]),
        ]
    )
    return head + slash + spelled
