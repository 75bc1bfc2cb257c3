"""Supplement: routes that the server answers and does not publish, as OpenAPI path items of our own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from scripts.pipeline.document.anatomy import PREFIX, SCHEMAS, Json, component, media, reachable
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.published import Document, DocumentError

COMPONENTS = "$.components.schemas"
LENT = ""


class Supplemented(NamedTuple):
    """A complete document and what the supplement still had to add."""

    document: Document
    added: tuple[str, ...]
    redundant: tuple[str, ...]
    unused: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def read_supplement(folder: Path) -> dict[str, Json]:
    """The supplement files of a folder by name, in alphabetical order."""
    return {path.name: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}


def meaning_ours(corrections: Json, shared: Json, document: Document) -> Json:
    """The overlay `corrections` as they apply to `document`, when it gives components of theirs or of `shared` another meaning.

    What they call `Ok` is ours, also where the document has an `Ok` of its own.
    """
    actions = corrections.get("actions") if isinstance(corrections, dict) else None
    if not isinstance(actions, list):
        return corrections
    whole = [action for action in actions if isinstance(action, dict) and action.get("target") == COMPONENTS]
    updates = [action["update"] for action in whole if isinstance(action.get("update"), dict)]
    names = [*_parts("shared", shared)[1], *(name for update in updates for name in update)]
    renamed = _renamed(names, document.get("components", {}).get("schemas", {}))
    if not renamed:
        return corrections
    result: Json = _referring(corrections, renamed)
    for action in result["actions"]:
        if isinstance(action, dict) and action.get("target") == COMPONENTS and "update" in action:
            action["update"] = {renamed.get(name, name): one for name, one in action["update"].items()}
    return result


def supplement(
    document: Document, files: Mapping[str, Json], *, without: Collection[str] = (), lent: Json = None
) -> Supplemented:
    """`document` with the path items and schema components of `files` added.

    What is published wins: an entry for a published path is left out and named in `redundant`, and where both have a
    component of one name, ours stands under another one; schema components of the supplement that no route leads to are named
    in `unused`. Components of `lent` are there for what refers to them already, unless `files` have their own. Every added operation carries `x-cocalc-published: false`. The routes `without` are left out, too, where the
    document does not have them.

    Raises:
        DocumentError: a file is malformed, or two files give one component or path.
    """
    result = deepcopy(document)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    parts = {name: _parts(name, content) for name, content in files.items()}
    ours = {key for _, components in parts.values() for key in components}
    borrowed = {key: one for key, one in (_parts("lent", lent)[1] if lent else {}).items() if key not in ours}
    parts[LENT] = {}, borrowed
    renamed = _renamed([key for _, components in parts.values() for key in components], schemas)
    own: dict[str, str] = {}
    added: list[str] = []
    redundant: list[str] = []
    left_out: dict[str, Json] = {}
    origin: dict[str, str] = {}
    for name, (paths, components) in parts.items():
        for key, schema in components.items():
            if key in own:
                raise DocumentError(f"the component {key} exists already in {own[key]}", name)
            own[key] = name
            known = {"x-cocalc-known-as": key} if key in renamed else {}
            schemas[renamed.get(key, key)] = {**known, **_referring(schema, renamed)}
        for path, item in paths.items():
            if path in origin:
                raise DocumentError(f"the path is already in {origin[path]}", name, path)
            origin[path] = name
            operation = _referring(item["post"], renamed)
            if path in document["paths"]:
                redundant.append(path)
            elif path.removeprefix(PREFIX) in without:
                left_out[path] = operation
            else:
                operation["x-cocalc-published"] = False
                result["paths"][path] = {"post": operation}
                added.append(path)
    used = set().union(*(_used(item["post"], schemas) for item in result["paths"].values()))
    elsewhere = set().union(*(_used(operation, schemas) for operation in left_out.values()))
    unused = [key for key in own if renamed.get(key, key) not in used | elsewhere and own[key] != LENT]
    for key in own:
        if renamed.get(key, key) not in used:
            del schemas[renamed.get(key, key)]
    return Supplemented(result, tuple(added), tuple(redundant), tuple(unused), tuple(left_out))


def _renamed(names: list[str], published: Mapping[str, Json]) -> dict[str, str]:
    """The components of ours whose name the document has given to another one, with the name that each stands under."""
    taken = {*names, *published}
    renamed: dict[str, str] = {}
    for name in names:
        if name in published:
            other = f"{name}.supplement"
            while other in taken:
                other += "_"
            taken.add(other)
            renamed[name] = other
    return renamed


def _referring(node: Json, renamed: Mapping[str, str]) -> Json:
    """A copy of a part of the supplement that refers to components by the names they stand under."""
    if isinstance(node, list):
        return [_referring(inner, renamed) for inner in node]
    if not isinstance(node, dict):
        return node
    result = {key: _referring(inner, renamed) for key, inner in node.items()}
    if isinstance(node.get("$ref"), str) and (name := renamed.get(component(node["$ref"]))):
        result["$ref"] = SCHEMAS + name
    return result


def _parts(name: str, content: Json) -> tuple[dict[str, Json], dict[str, Json]]:
    if not isinstance(content, dict) or set(content) - {"paths", "components"}:
        raise DocumentError("a supplement has `paths`, and `components` if need be", name)
    paths, components = content.get("paths", {}), content.get("components", {})
    if not isinstance(paths, dict) or not (paths or components):
        raise DocumentError("the supplement has neither paths nor components", name)
    if not isinstance(components, dict) or set(components) - {"schemas"}:
        raise DocumentError("components of a supplement are schemas", name)
    schemas = components.get("schemas", {})
    if not isinstance(schemas, dict) or not all(isinstance(schema, dict) for schema in schemas.values()):
        raise DocumentError("components.schemas is no object of schemas", name)
    for path, item in paths.items():
        if not path.startswith(PREFIX):
            raise DocumentError(f"the path does not begin with {PREFIX}", name, path)
        if not isinstance(item, dict) or set(item) != {"post"} or not isinstance(item["post"], dict):
            raise DocumentError("a route of the supplement is a post and nothing else", name, path)
        if "x-cocalc-published" in item["post"]:
            raise DocumentError("x-cocalc-published is for the pipeline to set", name, path)
        if not isinstance(item["post"].get("responses"), dict):
            raise DocumentError("the route says nothing of its answer", name, path)
    return paths, schemas


def _used(operation: Json, schemas: dict[str, Json]) -> set[str]:
    found: set[str] = set()
    for holder in (operation.get("requestBody"), *operation["responses"].values()):
        for _, entry in media(holder):
            found |= reachable(entry.get("schema"), schemas)
    return found
