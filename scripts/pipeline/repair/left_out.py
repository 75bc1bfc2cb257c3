"""What a document has and no client can have: removed before all else, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from cocalc_facade._drift.contract import METHODS, route, unreadable
from cocalc_facade._drift.kinds import ContractError
from scripts.pipeline.document.anatomy import PREFIX, Json, media, operations, pointed_at
from scripts.pipeline.document.names import MAX_SEGMENTS, SEGMENT
from scripts.pipeline.published import Document, DocumentError, printable
from scripts.pipeline.repair.document_rules import route_path

_LONGEST_CHAIN = 10
_JSON = re.compile(r"[/+]json\b(?!-)", re.IGNORECASE)
_SENT_ANYWAY = ("accept", "authorization", "content-type")
"""Headers that OpenAPI wants ignored among the parameters."""


def leave_out(document: Document) -> list[str]:
    """Remove from `document` the routes and the parts of operations that say nothing a client could use; name each.

    Raises:
        DocumentError: no operation is left; the text has the first reason.
    """
    named = [
        *_references_of_paths(document),
        *_routes(document),
        *_parts(document),
        *_other_ways(document),
        *_too_large(document),
    ]
    if named and not any(operations(document)):
        raise DocumentError(f"the document has no operation that a client can have: {named[0]}")
    return named


def _references_of_paths(document: Document) -> Iterator[str]:
    """A path may be a reference to another path item, which is put in its place."""
    for path, item in list(document["paths"].items()):
        if not isinstance(item, dict) or "$ref" not in item:
            continue
        target = _followed(document, item)
        if isinstance(target, dict):
            document["paths"][path] = {
                **deepcopy(target),
                **{key: said for key, said in item.items() if key != "$ref"},
            }
        else:
            del document["paths"][path]
            yield f"{printable(path)}: the path is a reference that leads to none"


def _routes(document: Document) -> Iterator[str]:
    by_route: dict[str, list[str]] = {}
    for path, item in list(document["paths"].items()):
        if isinstance(item, dict) and any(isinstance(item.get(method), dict) for method in METHODS):
            by_route.setdefault(route_path(path), []).append(path)
            if (reason := _unusable(document, path, item)) is not None:
                del document["paths"][path]
                yield f"{printable(path)}: {reason}"
    for wanted, paths in by_route.items():
        live = sorted((path for path in paths if path in document["paths"]), key=lambda p: (p != wanted, p))
        for path in live[1:]:
            del document["paths"][path]
            yield f"{printable(path)}: it is the same route as {printable(live[0])}"


def _unusable(document: Document, path: str, item: dict[str, Any]) -> str | None:
    wanted = route_path(path)
    if not wanted.startswith(PREFIX):
        return f"the path does not begin with {PREFIX}"
    given = [
        item.get("parameters"),
        *(item[m].get("parameters") for m in METHODS if isinstance(item.get(m), dict)),
    ]
    parameters = [_followed(document, one) for listed in given if isinstance(listed, list) for one in listed]
    if "{" in wanted or any(isinstance(one, dict) and one.get("in") == "path" for one in parameters):
        return "a parameter is part of the path"
    segments = wanted.removeprefix(PREFIX).split("/")
    if len(segments) > MAX_SEGMENTS or not all(SEGMENT.fullmatch(segment) for segment in segments):
        return "the path is not made of letters, digits, dashes and slashes as routes are"
    return None


def _parts(document: Document) -> Iterator[str]:
    """Bodies, answers and parameters that are references: where one cannot be followed, nothing is said."""
    for path, _, operation in operations(document):
        place = printable(path)
        body = operation.get("requestBody")
        if _is_lost(document, body) or (
            "$ref" in (body or ()) and "content" not in _followed(document, body)
        ):
            yield f"{place}: its request, a reference that leads to none"
            del operation["requestBody"]
        given = operation.get("responses")
        responses: dict[str, Json] = given if isinstance(given, dict) else {}
        for status, response in responses.items():
            if _is_lost(document, response):
                yield f"{place}: its answer {printable(status)}, a reference that leads to none"
                responses[status] = {"description": "", "content": {"application/json": {"schema": {}}}}
    for path, item in document["paths"].items():
        for holder in (item, *item.values()) if isinstance(item, dict) else ():
            said = holder.get("parameters") if isinstance(holder, dict) else None
            listed: list[Json] = said if isinstance(said, list) else []
            for one in list(listed):
                if _is_lost(document, one):
                    yield f"{printable(path)}: a parameter, a reference that leads to none"
                    listed.remove(one)


def _other_ways(document: Document) -> Iterator[str]:
    """What a call could carry elsewhere than in JSON: headers, cookies, forms, files. The operation stays without it."""
    for path, _, operation in operations(document):
        place = printable(path)
        listed = [document["paths"][path].get("parameters"), operation.get("parameters")]
        for one in (_followed(document, one) for given in listed if isinstance(given, list) for one in given):
            name = str(one.get("name")) if isinstance(one, dict) else ""
            if name and one.get("in") in ("header", "cookie") and name.lower() not in _SENT_ANYWAY:
                yield f"{place}: the {one['in']} {printable(name)}, which no call sends"
        kinds = _forms(_followed(document, operation.get("requestBody")))
        if kinds:
            yield f"{place}: its request as {kinds}, because calls send JSON"
        for status, response in _answers(operation):
            kinds = _forms(answer := _followed(document, response))
            if kinds and all(_is_file(document, kind, entry) for kind, entry in media(answer)):
                yield f"{place}: its answer {status} as {kinds}, because answers are read as JSON or text"


def _answers(operation: dict[str, Any]) -> Iterator[tuple[str, Json]]:
    given = operation.get("responses")
    for status, response in given.items() if isinstance(given, dict) else ():
        if str(status).startswith("2"):
            yield printable(status), response


def _is_file(document: Document, kind: str, entry: Json) -> bool:
    """Tell whether an answer that is not called JSON has no shape either, as servers call what is JSON by other names too."""
    schema = _followed(document, entry.get("schema"))
    return not kind.startswith("text/") and (not schema or schema.get("type") == "string")


def _forms(holder: Json) -> str:
    """The media types of a body or an answer of which none is JSON."""
    content = holder.get("content") if isinstance(holder, dict) else None
    kinds = [str(kind) for kind in content] if isinstance(content, dict) else []
    return "" if any(map(_JSON.search, kinds)) else printable(", ".join(sorted(kinds)))


def _too_large(document: Document) -> Iterator[str]:
    """Operations that describe more than anybody could read."""
    try:
        unread = unreadable(document)
    except ContractError as error:
        raise DocumentError(str(error)) from None
    for path in [path for path in document["paths"] if route(path) in unread]:
        del document["paths"][path]
        yield f"{printable(path)}: {unread[route(path)]}"


def _is_lost(document: Document, node: Json) -> bool:
    return isinstance(node, dict) and "$ref" in node and not isinstance(_followed(document, node), dict)


def _followed(document: Document, node: Json) -> Json:
    """What `node` refers to, or `node` itself; None where a reference loops, leads outside or nowhere."""
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(node, dict) or "$ref" not in node:
            return node
        node = pointed_at(document, node["$ref"]) if isinstance(node["$ref"], str) else None
    return None
