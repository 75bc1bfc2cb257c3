"""What an OpenAPI document promises a caller, whatever the form in which it says so.

A *contract* is plain JSON: for each route what it takes and what it answers. It is read from a document of any stage,
as published or repaired or shaped, and two documents that mean the same give the same contract: `nullable` or a list
of types, tuples old and new, maps written as pairs, references or copies, GET or POST, order, names, descriptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from .kinds import ContractError, Json
from .schema.pointer import followed
from .schema.reader import Reader, TooLarge
from .schema.reading import Alternative, Reading, either
from .schema.types import type_of

Contract: TypeAlias = dict[str, dict[str, Any]]
T = TypeVar("T")

METHODS = ("post", "get", "put", "patch", "delete", "options", "head", "trace")
ELSEWHERE = ("header", "cookie", "path")
"""Where a parameter stands that is no argument."""
_FLAGS = ("auth", "idempotent", "confirm", "charges", "fails")
_UNKNOWN = frozenset({"type", "description", "x-cocalc-unknown"})
_PER_OPERATION = ("RequestBody", "ResponseBody")
_FAILURE_FIELDS = frozenset({"error", "errors", "issues", "message", "code", "status", "success", "reason"})
_FAILURE_MARKS = frozenset({"error", "errors", "issues"})
_FAILURE_VALUES = ("error", "failed", "failure", "fail")
_EMPTY = Reading({"object": [Alternative()]})
_NULL = Reading({"null": [Alternative()]})


def contract(document: Json) -> Contract:
    """Return what `document` promises, by route (`projects/stop`). Raises ContractError."""
    found, unread = readable(document)
    for name, reason in unread.items():
        raise ContractError(f"{name[:80]!a}: {reason}")
    return found


def readable(document: Json) -> tuple[Contract, dict[str, str]]:
    """Return what `document` promises, and why some of its routes cannot be read. Raises ContractError for all of it."""
    return _each(document, _Operations.promise)


def unreadable(document: Json) -> dict[str, str]:
    """Return why some of its routes cannot be read, as `readable` does, in less time. Raises ContractError for all of it."""
    return _each(document, _Operations.readings)[1]


def _each(
    document: Json, read: Callable[[_Operations, Json, Json], T]
) -> tuple[dict[str, T], dict[str, str]]:
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        raise ContractError("not an OpenAPI document: it has no object `paths`")
    found: dict[str, T] = {}
    unread: dict[str, str] = {}
    operations = _Operations(document)
    for path, item in sorted(paths.items()):
        item = operations.resolved(item)
        operation = _operation(item)
        if operation is not None and "x-cocalc-retired" not in operation:
            try:
                found[route(path)] = read(operations, item, operation)
            except TooLarge:
                raise
            except ContractError as error:
                unread[route(path)] = str(error)
    return found, unread


def route(path: str) -> str:
    """Return the route that `path` names: what follows `/api/v2/`, whatever base path comes before."""
    return path.rpartition("/api/v2/")[2].strip("/")


def _operation(item: Json) -> dict[str, Json] | None:
    methods = METHODS if isinstance(item, dict) else ()
    return next((item[method] for method in methods if isinstance(item.get(method), dict)), None)


class _Operations:
    def __init__(self, document: dict[str, Json]) -> None:
        self._document = document
        self._overwritten = self._used_by_several()
        self._reader = Reader(document, self._overwritten)

    def _used_by_several(self) -> frozenset[str]:
        """Return the references to schemas that say in their name whose they are, and are used by several operations.

        The publishing tool lets operations of one name overwrite each other's schemas; which survived cannot be known.
        """
        used: Counter[str] = Counter()
        for item in self._document["paths"].values():
            operation = _operation(self.resolved(item)) or {}
            responses = operation.get("responses")
            answers = responses.values() if isinstance(responses, dict) else ()
            holders = map(self.resolved, (operation.get("requestBody"), *answers))
            for ref in {ref for holder in holders if isinstance(ref := _reference(_schema(holder)), str)}:
                used[ref] += 1
        return frozenset(ref for ref, count in used.items() if count > 1 and ref.endswith(_PER_OPERATION))

    def promise(self, item: dict[str, Json], operation: dict[str, Json]) -> dict[str, Json]:
        taken, given = self.readings(item, operation)
        result: dict[str, Json] = {
            "request": type_of(taken, answer=False) or type_of(_EMPTY, answer=False),
            "answer": type_of(given, answer=True) if given.kinds or given.open else {},
        }
        if operation.get("deprecated") is True:
            result["deprecated"] = True
        if isinstance(operation.get("x-cocalc-python"), str):
            result["python"] = operation["x-cocalc-python"]
        sides = {"request": operation.get("requestBody"), "answer": _first_success(operation)}
        unknown = [side for side, holder in sides.items() if self._cannot_be_known(holder)]
        if unknown:
            result["unknown"] = unknown
        stated = {name: operation[f"x-cocalc-{name}"] for name in _FLAGS if f"x-cocalc-{name}" in operation}
        if stated:
            result["stated"] = stated
        return result

    def readings(self, item: dict[str, Json], operation: dict[str, Json]) -> tuple[Reading, Reading]:
        """Return what an operation takes and what it answers, not yet as types."""
        return self._request(item, operation), self._answer(operation)

    def _request(self, item: dict[str, Json], operation: dict[str, Json]) -> Reading:
        schema = _schema(self.resolved(operation.get("requestBody")))
        taken = self._reader.read(schema, answer=False)
        fields: dict[str, Json] = {}
        required = []
        for parameter in [*_list(operation.get("parameters")), *_list(item.get("parameters"))]:
            parameter = self.resolved(parameter)
            name = parameter.get("name") if isinstance(parameter, dict) else None
            if isinstance(name, str) and parameter.get("in") not in ELSEWHERE and name not in fields:
                fields[name] = parameter_schema(parameter)
                if parameter.get("required") is True:
                    required.append(name)
        if fields:
            query: dict[str, Json] = {"type": "object", "properties": fields, "required": required}
            if schema is None:
                query["additionalProperties"] = False  # the list of parameters is whole
            taken = self._reader.both(taken, self._reader.read(query, answer=False))
        return taken

    def _answer(self, operation: dict[str, Json]) -> Reading:
        responses = operation.get("responses")
        responses = responses if isinstance(responses, dict) else {}
        good = [s for s in responses if str(s).startswith("2") and isinstance(responses[s], dict)] or [
            "default"
        ]
        found = [(status, self.resolved(responses.get(status))) for status in sorted(good)]
        said = any(has_content(response) for _, response in found)
        arms = [
            self._reader.read(_schema(response), answer=True)
            if has_content(response) or not (said or status in NO_CONTENT)
            else (_NULL if isinstance(response, dict) else Reading(open=True))
            for status, response in found
        ]
        return either(success(arm) for arm in arms)

    def _cannot_be_known(self, holder: Json) -> bool:
        """Tell whether a body or an answer is a schema that another operation may have overwritten."""
        schema = _schema(self.resolved(holder))
        ref = _reference(schema)
        if isinstance(ref, str):
            return ref in self._overwritten
        # So repair leaves it; when a correction says more, it is known again.
        return isinstance(schema, dict) and is_unknown(schema) and not schema.keys() - _UNKNOWN

    def resolved(self, node: Json) -> Json:
        """Return what `node` refers to, or `node`; nothing where a reference loops or leads outside."""
        for _ in range(20):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            place = followed(self._document, node["$ref"])
            node = None if place is None else place[1]
        return None


def parameter_schema(parameter: dict[str, Json]) -> Json:
    """Return the schema of a parameter, which may stand below a media type; that the parameter is deprecated is said in it."""
    schema = parameter.get("schema", _schema(parameter))
    if parameter.get("deprecated") is True and (schema is None or isinstance(schema, dict)):
        return {**(schema or {}), "deprecated": True}
    return schema


def is_unknown(schema: Mapping[str, Json]) -> bool:
    """Tell whether repair left a schema, which others overwrote: its mark names the component that several operations shared."""
    mark = schema.get("x-cocalc-unknown")
    return isinstance(mark, str) and mark.endswith(_PER_OPERATION)


def _first_success(operation: dict[str, Json]) -> Json:
    """Return the first answer of success."""
    responses = operation.get("responses")
    responses = responses if isinstance(responses, dict) else {}
    return next((responses[status] for status in sorted(responses) if status.startswith("2")), None)


NO_CONTENT = ("204", "205")


def has_content(response: Json) -> bool:
    """Tell whether an answer says that it has a body."""
    return (
        isinstance(response, dict) and isinstance(response.get("content"), dict) and bool(response["content"])
    )


def success(answer: Reading) -> Reading:
    """Return `answer` without the alternatives that are the shape of a failure, which callers get as an exception."""
    objects = answer.kinds.get("object")
    if objects is None:
        return answer
    kept = [one for one in objects if not _fails(one)]
    if len(kept) == len(objects):
        return answer
    kinds = {kind: found for kind, found in answer.kinds.items() if kind != "object"}
    return replace(answer, kinds={**kinds, "object": kept} if kept else kinds, types={})


def _fails(one: Alternative) -> bool:
    status = one.fields.get("status")
    values = [
        value for found in (status.kinds.values() if status else ()) for each in found for value in each.facts.get("enum", [None])
    ]  # fmt: skip
    return failing(frozenset(one.fields), values)


def failing(names: frozenset[str], status: list[Json]) -> bool:
    """Tell whether an object of the fields `names`, whose field `status` has these values, is a way to say no."""
    if not names:
        return False
    if names <= _FAILURE_FIELDS and (names & _FAILURE_MARKS or names == {"message"}):
        return True
    return "error" in names and bool(status) and all(value in _FAILURE_VALUES for value in status)


def _schema(holder: Json) -> Json:
    """Return the schema of a body or an answer: that of JSON when there are several."""
    content = holder.get("content") if isinstance(holder, dict) else None
    entries = content if isinstance(content, dict) else {}
    kinds = sorted(entries, key=lambda kind: "json" not in kind)
    entry = entries[kinds[0]] if kinds else None
    return entry.get("schema") if isinstance(entry, dict) else None


def _reference(schema: Json) -> Json:
    return schema.get("$ref") if isinstance(schema, dict) else None


def is_failure(schema: Json) -> bool:
    """Tell whether an alternative of an answer is the shape of a failure, which callers get as an exception."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return False
    status = properties.get("status")
    return failing(frozenset(properties), (_values(status) if isinstance(status, dict) else None) or [])


def _values(schema: dict[str, Json]) -> list[Json] | None:
    """Return the values that `schema` lists, or None where it lists none."""
    for keyword in ("enum", "x-cocalc-values"):
        if _list(schema.get(keyword)):
            return list(schema[keyword])
    return [schema["const"]] if "const" in schema else None


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
