"""Supplement: routes that the server answers and does not publish, as OpenAPI path items of our own."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from scripts.pipeline.document.anatomy import PREFIX, Json, media, reachable
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.published import Document, DocumentError


class Supplemented(NamedTuple):
    """A complete document and what the supplement still had to add."""

    document: Document
    added: tuple[str, ...]
    redundant: tuple[str, ...]
    unused: tuple[str, ...]


def read_supplement(folder: Path) -> dict[str, Json]:
    """The supplement files of a folder by name, in alphabetical order."""
    return {path.name: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}


def supplement(document: Document, files: Mapping[str, Json]) -> Supplemented:
    """`document` with the path items and schema components of `files` added.

    What is published wins: an entry for a published path is left out and named in `redundant`; schema
    components of the supplement that no route leads to are named in `unused`. Every added operation carries
    `x-cocalc-published: false`.

    Raises:
        DocumentError: a file is malformed, or two files (or a file and the server) give one component or path.
    """
    result = deepcopy(document)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    own: dict[str, str] = {}
    added: list[str] = []
    redundant: list[str] = []
    origin: dict[str, str] = {}
    for name, content in files.items():
        paths, components = _parts(name, content)
        for key, schema in components.items():
            if key in schemas:
                raise DocumentError(
                    f"the component {key} exists already in {own.get(key, 'the document')}", name
                )
            own[key] = name
            schemas[key] = deepcopy(schema)
        for path, item in paths.items():
            if path in origin:
                raise DocumentError(f"the path is already in {origin[path]}", name, path)
            origin[path] = name
            if path in document["paths"]:
                redundant.append(path)
                continue
            operation = deepcopy(item["post"])
            operation["x-cocalc-published"] = False
            result["paths"][path] = {"post": operation}
            added.append(path)
    used = set().union(*(_used(item["post"], schemas) for item in result["paths"].values()))
    unused = [key for key in own if key not in used]
    for key in unused:
        del schemas[key]
    return Supplemented(result, tuple(added), tuple(redundant), tuple(unused))


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
