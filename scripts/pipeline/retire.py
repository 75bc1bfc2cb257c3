"""Retire: what the server no longer publishes stays in the client for one major version, as deprecated.

`openapi/retired.yaml` keeps what the contract said of it. A retired operation still sends its call, a retired argument
is still taken, a retired field of an answer is still an attribute, and each says since when and what to use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from cocalc_facade._drift.change import Change
from cocalc_facade._drift.contract import Contract, is_failure
from cocalc_facade._drift.names import field_name, method_name
from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.document.version import major
from scripts.pipeline.published import Document, DocumentError

HEADER = """\
# What the server no longer publishes and the client keeps for one major version. Written by scripts/regenerate.py;
# a person may fill in `use`, the sentence that says what to use instead.
"""

Retired = dict[str, list[dict[str, Any]]]


class Applied(NamedTuple):
    """A document with the retired parts in it, and those that found no place."""

    document: Document
    lost: tuple[str, ...]


def read(text: str) -> Retired:
    """Return what `openapi/retired.yaml` lists. Raises DocumentError when it is not what `text` wrote."""
    import yaml  # a run with nothing to do ends without it

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DocumentError(f"retired.yaml: {' '.join(str(error).split())[:200]}") from None
    found = {} if found is None else found
    if not isinstance(found, dict) or not all(
        isinstance(found.get(kind, []), list) for kind in ("operations", "fields")
    ):
        raise DocumentError("retired.yaml: two lists, `operations` and `fields`, are expected")
    return {kind: found.get(kind, []) for kind in ("operations", "fields")}


def text(retired: Retired) -> str:
    """Return `retired` as the text of `openapi/retired.yaml`."""
    import yaml

    return HEADER + yaml.safe_dump(retired, sort_keys=False, allow_unicode=True, width=110)


def update(
    retired: Retired, old: Contract, new: Contract, changes: Iterable[Change], *, date: str, version: str
) -> Retired:
    """Return what is retired in `version`: what was and still is gone, and what went with `changes`."""
    kept = [
        row
        for row in retired["operations"]
        if row["route"] not in new and major(row["version"]) == major(version)
    ]
    fields = [
        row
        for row in retired["fields"]
        if row["route"] in new and major(row["version"]) == major(version) and _find(new, row) is None
    ]
    for change in changes:
        if change.what != "removed":
            continue
        row: dict[str, Any] = {"route": change.route, "since": date, "version": version, "use": _use(change)}
        if change.where == "operation":
            kept.append(row | {"contract": old[change.route]})
            continue
        row |= {"in": change.where.split()[0], "field": list(_parts(change.field))}
        found = _find(old, row)
        if found is not None:
            fields.append(row | {"type": found["type"]})
    key = ("route", "in", "field")
    return {
        "operations": sorted(kept, key=lambda row: str(row["route"])),
        "fields": sorted(fields, key=lambda row: [str(row[name]) for name in key]),
    }


def apply(document: Document, retired: Retired) -> Applied:
    """Return `document` with what is `retired` in it again, deprecated; the input is left as it is."""
    result = deepcopy(document)
    lost = []
    for row in retired["operations"]:
        result["paths"].setdefault(PREFIX + row["route"], {"post": _operation(row)})
    for row in retired["fields"]:
        schema = {**schema_of(row["type"]), "deprecated": True, "description": _told(row)}
        schema["x-cocalc-retired"] = row["since"]
        if not _put(result, row, schema):
            lost.append(f"{method_name(row['route'])}: {row['in']} field {'.'.join(row['field'])}")
    return Applied(result, tuple(lost))


def _use(change: Change) -> str | None:
    if change.rename is None:
        return None
    name = method_name(change.rename) if change.where == "operation" else field_name(change.rename)
    return f"Perhaps `{name}` is what to use instead."


def _told(row: dict[str, Any]) -> str:
    last = f"It leaves the client in version {major(row['version']) + 1}."
    return f"Deprecated since {row['since']}: the server no longer documents it. {last} {row['use'] or ''}".strip()


def _operation(row: dict[str, Any]) -> dict[str, Any]:
    said = row["contract"]
    json_of = {"application/json": {"schema": schema_of(said["request"])}}
    answers = {"application/json": {"schema": schema_of(said["answer"])}}
    return {
        "operationId": row["route"],
        "description": _told(row),
        "deprecated": True,
        **{f"x-cocalc-{name}": value for name, value in said.get("stated", {}).items()},
        "x-cocalc-published": False,
        "x-cocalc-retired": row["since"],
        "requestBody": {"required": True, "content": json_of},
        "responses": {"200": {"description": "", "content": answers}},
    }


def schema_of(kind: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that says what the type `kind` of a contract says."""
    arms = [_arm(name, more) for name, more in kind.items()]
    return arms[0] if len(arms) == 1 else {"anyOf": arms} if arms else {}


def _arm(name: str, more: dict[str, Any]) -> dict[str, Any]:
    if name == "again":
        return {}
    schema: dict[str, Any] = {"type": name}
    if name == "object":
        fields = {wire: _field(field) for wire, field in more["fields"].items()}
        schema |= {"properties": fields} if fields else {}
        required = set.intersection(*(set(way["required"]) for way in more["ways"]))
        schema |= {"required": sorted(required)} if required else {}
        schema |= {"additionalProperties": schema_of(more["rest"])} if "rest" in more else {}
        return schema | ({"x-cocalc-name": more["name"]} if "name" in more else {})
    if "tuple" in more:
        return schema | {"prefixItems": [schema_of(part) for part in more["tuple"]]}
    limits = {key: value for key, value in more.items() if key not in ("items", "time")}
    schema |= limits | ({"items": schema_of(more.get("items", {}))} if name == "array" else {})
    return schema | ({"x-cocalc-time": more["time"]} if "time" in more else {})


def _field(field: dict[str, Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {key: field[key] for key in ("default", "deprecated") if key in field}
    return {**schema_of(field["type"]), **extra}


def _parts(field: str) -> Iterator[str]:
    """Yield the steps of a place: `rows`, `[]`, `title` for `rows[].title`."""
    for name in field.split("."):
        plain, *rest = name.replace("[", "\0[").replace("{", "\0{").split("\0")
        yield from ([plain] if plain else [])
        yield from rest


def _find(contract: Contract, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return what `contract` says of the field that `row` names, None when it has no such field."""
    kind = contract.get(row["route"], {}).get(row["in"], {})
    field: dict[str, Any] | None = None
    for part in row["field"]:
        if part[0] in "[{":
            more = kind.get("array" if part[0] == "[" else "object", {})
            found = more.get("items" if part[0] == "[" else "rest")
            field = None if found is None else {"type": found}
        else:
            field = kind.get("object", {}).get("fields", {}).get(part)
        if field is None:
            return None
        kind = field["type"]
    return field


def _put(document: Document, row: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Put `schema` where `row` says, if that is a shape that nothing else in the document refers to."""
    post = document["paths"].get(PREFIX + row["route"], {}).get("post", {})
    holder = post.get("requestBody") if row["in"] == "request" else post.get("responses", {}).get("200")
    entries = list((holder or {}).get("content", {}).values())
    found = [entries[0]["schema"]] if entries else []
    for part in row["field"][:-1]:
        found = [inner for one in found for inner in _inside(document, one, part)]
    arms = [arm for one in found for arm in _arms(document, one)]
    objects = [arm for arm in arms if "properties" in arm and not is_failure(arm)]
    target = max(objects, key=lambda arm: len(arm["properties"]), default=None)
    if target is None:
        return False
    target["properties"].setdefault(row["field"][-1], schema)
    return True


def _inside(document: Document, schema: dict[str, Any], part: str) -> Iterator[dict[str, Any]]:
    for arm in _arms(document, schema):
        if part == "[]":
            inner = arm.get("items")
        else:
            inner = arm.get("additionalProperties") if part == "{}" else arm.get("properties", {}).get(part)
        if isinstance(inner, dict):
            yield inner


def _arms(document: Document, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of `schema`; a component that several places share is left alone."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if _uses(document, schema["$ref"]) == 1:
            yield from _arms(document, document["components"]["schemas"][name])
        return
    yield schema
    for arm in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
        yield from _arms(document, arm)


def _uses(node: Any, ref: str) -> int:
    if isinstance(node, dict):
        return (node.get("$ref") == ref) + sum(_uses(inner, ref) for inner in node.values())
    return sum(_uses(inner, ref) for inner in node) if isinstance(node, list) else 0
