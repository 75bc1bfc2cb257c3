"""Retire: what the server no longer publishes stays in the client until the next major version, as deprecated.

`openapi/retired.yaml` keeps what the contract said of it. A retired operation still sends its call, a retired argument
is still taken, a retired field of an answer is still an attribute, and each says since when and what to use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from typing import Any

from cocalc_facade._drift.change import Change
from cocalc_facade._drift.contract import Contract, is_failure
from cocalc_facade._drift.names import field_name, method_name, respelled
from scripts.pipeline.document.anatomy import PREFIX, component, reachable
from scripts.pipeline.document.records import ROUTE, TEXT, checked
from scripts.pipeline.document.restated import schema_of
from scripts.pipeline.document.version import major
from scripts.pipeline.published import Document, DocumentError

HEADER = """\
# What the server no longer publishes and the client keeps until the next major version. Written by scripts/regenerate.py;
# a person may fill in `use`, the sentence that says what to use instead.
"""

Retired = dict[str, list[dict[str, Any]]]
"""`operations` and `fields` that the client still has, and those `leaving` with the version that is not released yet, or `back` in it."""
_KINDS = ("operations", "fields", "leaving", "back")
_ALWAYS = _KINDS[:2]
_ROW = {
    "type": "object",
    "required": ["route", "since", "version", "use"],
    "properties": {
        **dict.fromkeys(("route", "since", "version"), TEXT),
        "use": {"type": ["string", "null"]},
        "contract": ROUTE,
        "in": {"enum": ["request", "answer"]},
        "field": {"type": "array", "minItems": 1, "items": TEXT},
        "type": {"$ref": "#/$defs/type"},
    },
    "oneOf": [{"required": ["contract"]}, {"required": ["in", "field", "type"]}],
}
_FORM = {
    "type": "object",
    "additionalProperties": False,
    "properties": {kind: {"type": "array", "items": _ROW} for kind in _KINDS},
}


def read(text: str) -> Retired:
    """Return what `openapi/retired.yaml` lists. Raises DocumentError when it is not what `text` wrote."""
    import yaml  # a run with nothing to do ends without it

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DocumentError(f"retired.yaml: {' '.join(str(error).split())[:200]}") from None
    found = checked("retired.yaml", {} if found is None else found, _FORM)
    return {kind: found.get(kind, []) for kind in _KINDS if kind in found or kind in _ALWAYS}


def text(retired: Retired) -> str:
    """Return `retired` as the text of `openapi/retired.yaml`."""
    import yaml

    return HEADER + yaml.safe_dump(retired, sort_keys=False, allow_unicode=True, width=110)


def update(
    retired: Retired, old: Contract, new: Contract, changes: Iterable[Change], *, date: str, version: str
) -> Retired:
    """Return what is retired in `version`: what was and still is gone, and what went with `changes`."""
    live = {*new, *old}  # what came back in another spelling is restored in `old`
    kept = [
        row
        for row in retired["operations"]
        if row["route"] not in live and major(row["version"]) == major(version)
    ]
    fields = [
        row
        for row in retired["fields"]
        if major(row["version"]) == major(version) and find(new, row, old) is None
    ]
    for change in changes:
        if change.what != "removed":
            continue
        row: dict[str, Any] = {"route": change.route, "since": date, "version": version, "use": _use(change)}
        if change.where == "operation":
            kept.append(row | {"contract": old[change.route]})
            continue
        row |= {"in": change.where.split()[0], "field": list(change.parts)}
        found = find(old, row, new)
        if found is not None:
            fields.append(row | {"type": found["type"]})
    for was, said in old.items():
        # A server that now takes anything goes on taking these; they go on being arguments.
        route = route_in(new, was, old)
        if route in new and not new[route]["request"] and (arguments := said["request"].get("object")):
            same = {"route": route, "since": date, "version": version, "use": None, "in": "request"}
            fields += [
                same | {"field": [wire], "type": field["type"]} for wire, field in arguments["fields"].items()
            ]
    here = {*new, *(row["route"] for row in kept)}
    fields = [row | {"route": route_in(here, row["route"], old)} for row in fields]
    fields = [row for row in fields if row["route"] in here]
    key = ("route", "in", "field")
    return {
        "operations": sorted(kept, key=lambda row: str(row["route"])),
        "fields": sorted(fields, key=lambda row: [str(row[name]) for name in key]),
    }


def restored(old: Contract, retired: Retired, new: Contract) -> Contract:
    """Return `old` with what was retired and is in `new` again: whoever has it in the client calls it as it was."""
    result = dict(old)
    again = respelled([row["route"] for row in retired["operations"]], set(new) - set(old))
    for row in retired["operations"]:
        if row["route"] not in old and again.get(row["route"], row["route"]) in new:
            result[row["route"]] = row["contract"]
    for row in retired["fields"]:
        route = route_in(result, row["route"], new)
        if route not in result or find(new, row, old) is None or find(result, row, new) is not None:
            continue
        result[route] = _with_field(result[route], row)
    return result


def _with_field(said: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Return a route's contract with the retired field of `row` in it, optional and deprecated, where its place is still there."""
    said = deepcopy(said)
    kind = said[row["in"]]
    for part in row["field"][:-1]:
        field = _step(kind, part)
        if field is None:
            return said
        kind = field["type"]
    if "object" in kind and row["field"][-1][:1] not in ("[", "{"):
        fields = {**kind["object"]["fields"], row["field"][-1]: {"type": row["type"], "deprecated": True}}
        kind["object"]["fields"] = dict(sorted(fields.items()))
        for way in kind["object"]["ways"]:
            way["fields"] = sorted({*way["fields"], row["field"][-1]})
    return said


def known(document: Document, old: Contract, new: Contract) -> tuple[Document, Contract]:
    """Return both with what `old` knew of each side that cannot be known any more, because operations overwrote it.

    In the contract such a side is `recorded` then; `unknown` are those that were never known.
    """
    result, found = document, dict(new)
    earlier = {now: was for was, now in respelled(set(old) - set(new), set(new) - set(old)).items()}
    for route, said in new.items():
        before = old.get(earlier.get(route, route))
        if before is None:
            continue
        for side in (side for side in said.get("unknown", ()) if side not in before.get("unknown", ())):
            result = deepcopy(document) if result is document else result
            mark = {"recorded": sorted({*found[route].get("recorded", ()), side})}
            left = [other for other in found[route]["unknown"] if other != side]
            found[route] = {**found[route], side: before[side], "unknown": left, **mark}
            post = result["paths"][PREFIX + route]["post"]
            content = {"application/json": {"schema": _as_known(schema_of(before[side]))}}
            if side == "request":
                post["requestBody"] = {"required": True, "content": content}
            else:
                status = min(status for status in post["responses"] if status.startswith("2"))
                post["responses"][status]["content"] = content
    return result, found


def apply(document: Document, retired: Retired) -> Document:
    """Return `document` with what is `retired` in it again, deprecated; the input is left as it is.

    A field of a shape that holds itself and that several places share has no place of its own: its class keeps it.
    """
    result = deepcopy(document)
    for row in retired["operations"]:
        result["paths"].setdefault(PREFIX + row["route"], {"post": _operation(row)})
    uses = _uses(result)
    for row in retired["fields"]:
        schema = {**_as_known(schema_of(row["type"])), "deprecated": True, "description": told(row)}
        schema["x-cocalc-retired"] = row["since"]
        _put(result, row, schema, uses)
    return result


def _use(change: Change) -> str | None:
    if change.rename is None:
        return None
    name = method_name(change.rename) if change.where == "operation" else field_name(change.rename)
    return f"Perhaps `{name}` is what to use instead."


def told(row: dict[str, Any]) -> str:
    """Return what the description of something says that is retired since `row` says."""
    last = f"It leaves the client in version {major(row['version']) + 1}."
    return f"Deprecated since {row['since']}: the server no longer documents it. {last} {row['use'] or ''}".strip()


def _operation(row: dict[str, Any]) -> dict[str, Any]:
    said = row["contract"]
    json_of = {"application/json": {"schema": _as_known(schema_of(said["request"]))}}
    answers = {"application/json": {"schema": _as_known(schema_of(said["answer"]))}}
    return {
        "operationId": row["route"],
        "description": told(row),
        "deprecated": True,
        **{f"x-cocalc-{name}": value for name, value in said.get("stated", {}).items()},
        **({"x-cocalc-python": said["python"]} if "python" in said else {}),
        "x-cocalc-published": False,
        "x-cocalc-retired": row["since"],
        "requestBody": {"required": True, "content": json_of},
        "responses": {"200": {"description": "", "content": answers}},
    }


def _as_known(node: Any) -> Any:
    """Return a schema whose classes keep the names that were chosen for them only where nothing else has these now."""
    if isinstance(node, dict):
        return {
            "x-cocalc-known-as" if key == "x-cocalc-name" and isinstance(value, str) else key: _as_known(
                value
            )
            for key, value in node.items()
        }
    return [_as_known(inner) for inner in node] if isinstance(node, list) else node


def find(contract: Contract, row: dict[str, Any], other: Contract) -> dict[str, Any] | None:
    """Return what `contract` says of the field that `row` names, however it is spelled there; None without such a field.

    `other` is the contract before or after, as for `route_in`.
    """
    kind = contract.get(route_in(contract, row["route"], other), {}).get(row["in"], {})
    field: dict[str, Any] | None = None
    for part in row["field"]:
        field = _step(kind, part)
        if field is None:
            return None
        kind = field["type"]
    return field


def _step(kind: dict[str, Any], part: str) -> dict[str, Any] | None:
    fields: dict[str, Any] = kind.get("object", {}).get("fields", {})
    if (name := spelled_now(part, fields)) in fields:
        found: dict[str, Any] = fields[name]
        return found
    array = kind.get("array", {})
    inner: dict[str, Any] | None = None
    if part == "{}":
        inner = kind.get("object", {}).get("rest")
    elif part == "[]":
        inner = array.get("items")
    elif part[:1] == "[" and part[1:-1].isdecimal() and int(part[1:-1]) < len(array.get("tuple", ())):
        inner = array["tuple"][int(part[1:-1])]
    return None if inner is None else {"type": inner}


def route_in(routes: Collection[str], route: str, other: Collection[str]) -> str:
    """Return how `route` is spelled among `routes`, itself when nothing there is another spelling of it.

    What is in `other`, those before or after, under its own name is a route of its own, however much it is spelled like this one.
    """
    return route if route in routes else spelled_now(route, set(routes) - set(other))


def spelled_now(name: str, names: Iterable[str]) -> str:
    """Return how `name` is spelled among `names`, `name` itself when it is there or nothing like it is."""
    return name if name in names else respelled([name], names).get(name, name)


def _put(document: Document, row: dict[str, Any], schema: dict[str, Any], uses: Counter[str]) -> None:
    """Put `schema` where `row` says; a shape that others refer to is copied first, so that they stay as they are."""
    post = document["paths"].get(PREFIX + row["route"], {}).get("post", {})
    if row["in"] == "request":
        holder = post.setdefault("requestBody", {"required": True, "content": {}})
        entries = list(holder["content"].values()) or [
            holder["content"].setdefault("application/json", {"schema": {"type": "object"}})
        ]
    else:
        entries = list(post.get("responses", {}).get("200", {}).get("content", {}).values())
    found = [_own(document, entries[0], "schema", uses)] if entries else []
    for part in row["field"][:-1]:
        found = [inner for one in found for inner in _inside(document, one, part, uses)]
    arms = [arm for one in found for arm in _arms(document, one, uses)]
    objects = [arm for arm in arms if _takes_fields(arm) and not is_failure(arm)]
    target = max(objects, key=lambda arm: len(arm.get("properties", ())), default=None)
    if target is None:
        return
    target.setdefault("type", "object")
    properties = target.setdefault("properties", {})
    properties.setdefault(spelled_now(row["field"][-1], properties), schema)


def _takes_fields(schema: dict[str, Any]) -> bool:
    """Tell whether `schema` is an object with fields, or one of which nothing is said."""
    if "properties" in schema or not schema.keys() - {"description"}:
        return True
    return schema.get("type") == "object" and not isinstance(schema.get("additionalProperties"), dict)


def _inside(
    document: Document, schema: dict[str, Any], part: str, uses: Counter[str]
) -> Iterator[dict[str, Any]]:
    for arm in _arms(document, schema, uses):
        properties = arm.get("properties", {})
        holder: Any = arm
        key: Any = "items" if part[:1] == "[" else "additionalProperties"
        if (name := spelled_now(part, properties)) in properties:
            holder, key = properties, name
        elif key == "items" and part[1:-1].isdecimal():
            holder, key = arm.get("prefixItems", []), int(part[1:-1])
        if isinstance(key, int) and key >= len(holder):
            continue
        if isinstance(holder[key] if isinstance(key, int) else holder.get(key), dict):
            yield _own(document, holder, key, uses)


def _arms(document: Document, schema: dict[str, Any], uses: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of `schema`, each of them used in this place alone; what holds itself is left out."""
    if "$ref" in schema:
        return
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index in range(len(schema.get(keyword, ()))):
            yield from _arms(document, _own(document, schema[keyword], index, uses), uses)


def _own(document: Document, holder: Any, key: Any, uses: Counter[str]) -> dict[str, Any]:
    """Return what `holder` has under `key`, a component that only it uses, or a copy of one instead of a reference to it."""
    schema: dict[str, Any] = holder[key]
    if not isinstance(schema.get("$ref"), str):
        return schema
    name, schemas = component(schema["$ref"]), document.get("components", {}).get("schemas", {})
    if name not in schemas or name in reachable(schemas[name], schemas):
        return schema
    if uses[schema["$ref"]] == 1:
        return _own(document, schemas, name, uses)
    copied = deepcopy(schemas[name])
    uses[schema["$ref"]] -= 1
    uses.update(_references(copied))
    holder[key] = {"x-cocalc-known-as": name, **copied, **{k: v for k, v in schema.items() if k != "$ref"}}
    return _own(document, holder, key, uses)


def _uses(document: Document) -> Counter[str]:
    return Counter(_references(document))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
