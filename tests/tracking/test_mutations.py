"""Single changes made to today's document by code: each is found, is the only one, and is judged as it should be."""

import json
import pickle
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import Contract, contract
from cocalc_facade._drift.report import report
from scripts.compare import compare
from scripts.pipeline.repair import repair
from tests.rows import every_row

Document = dict[str, Any]
ROUTES = (
    "guesslang",
    "exec",
    "latex",
    "licenses/get-managed",
    "projects/get",
    "projects/stop",
    "purchases/get-purchases",
    "shopping/cart/add",
)


def excerpt(routes: tuple[str, ...]) -> Document:
    """Today's document with these routes only, which makes the tests quick."""
    document = json.loads((Path(__file__).parent.parent / "data" / "upstream" / "cocalc.json").read_text())
    document["paths"] = {
        path: item for path, item in document["paths"].items() if path.removeprefix("/api/v2/") in routes
    }
    used = json.dumps(document["paths"])
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {
        name: inner for name, inner in schemas.items() if f'/{name}"' in used
    }
    return document


TODAY = excerpt(ROUTES)
INVISIBLE, COMPATIBLE, NOTABLE, BREAKING = Severity


def operation(document: Document, route: str) -> Document:
    return document["paths"][f"/api/v2/{route}"]["post"]


def request(document: Document, route: str) -> Document:
    """The schema of what `route` takes."""
    return schema(document, operation(document, route)["requestBody"])


def answer(document: Document, route: str) -> Document:
    """The schema of what `route` answers when nothing fails."""
    whole = schema(document, operation(document, route)["responses"]["200"])
    return next(arm for arm in whole["anyOf"] if set(arm.get("properties", ())) != {"error"})


def schema(document: Document, holder: Document) -> Document:
    (entry,) = holder["content"].values()
    return document["components"]["schemas"][entry["schema"]["$ref"].rpartition("/")[2]]


def drop(mapping: Document, *keys: str) -> None:
    for key in keys:
        del mapping[key]


def rename(document: Document, old: str, new: str) -> None:
    document["paths"][f"/api/v2/{new}"] = document["paths"].pop(f"/api/v2/{old}")


def remove_field(target: Document, name: str) -> None:
    del target["properties"][name]
    target["required"] = [other for other in target.get("required", []) if other != name]


def rename_field(target: Document, old: str, new: str) -> None:
    target["properties"][new] = target["properties"].pop(old)
    target["required"] = [new if name == old else name for name in target.get("required", [])]


def every_schema(node: Any, change: Callable[[Document], None]) -> None:
    if isinstance(node, dict):
        change(node)
        for inner in list(node.values()):
            every_schema(inner, change)
    elif isinstance(node, list):
        for inner in node:
            every_schema(inner, change)


def reverse(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: reverse(node[key]) for key in reversed(node)}
    return [reverse(inner) for inner in node] if isinstance(node, list) else node


def type_lists(node: Document) -> None:
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        del node["nullable"]
        if "enum" in node:
            node["enum"].append(None)


def inline(document: Document) -> None:
    """Put the schemas of all operations where they are used."""
    schemas = document["components"]["schemas"]

    def resolve(node: Document) -> None:
        for key, inner in node.items():
            if isinstance(inner, dict) and "$ref" in inner and key == "schema":
                node[key] = deepcopy(schemas[inner["$ref"].rpartition("/")[2]])

    every_schema(document["paths"], resolve)
    schemas.clear()


def to_get(document: Document) -> None:
    for item in document["paths"].values():
        item["get"] = item.pop("post")


def describe(document: Document) -> None:
    every_schema(
        document["paths"],
        lambda node: node.update(description="new words") if "operationId" in node else None,
    )
    every_schema(
        document["components"],
        lambda node: node.update(description="x") if "type" in node and "properties" in node else None,
    )


def as_query(document: Document) -> None:
    """Publish one operation as older documents did: a GET with its parameters in the address."""
    item = document["paths"]["/api/v2/projects/get"]
    body = request(document, "projects/get")
    post = item.pop("post")
    del post["requestBody"]
    post["parameters"] = [
        {"name": name, "in": "query", "required": name in body.get("required", []), "schema": inner}
        for name, inner in body["properties"].items()
    ]
    item["get"] = post


def split_object(target: Document, name: str, inner: Document) -> None:
    """Say the same with `allOf`."""
    rest = {key: target.pop(key) for key in ("type", "properties", "required") if key in target}
    required = rest.get("required", [])
    rest["required"] = [other for other in required if other != name]
    moved = {name: rest["properties"].pop(name)}
    target["allOf"] = [
        rest,
        {"type": "object", "properties": moved, "required": [n for n in required if n == name]},
    ]


Mutation = Callable[[Document], Any]

KINDS: dict[str, tuple[Severity, str, Mutation]] = {
    # operations
    "an operation comes": (COMPATIBLE, "added", lambda d: d["paths"].update({"/api/v2/new/route": deepcopy(d["paths"]["/api/v2/latex"])}) or d["paths"]["/api/v2/new/route"]["post"].update(requestBody={}, responses={})),
    "an operation goes": (BREAKING, "removed", lambda d: drop(d["paths"], "/api/v2/projects/stop")),
    "an operation moves": (BREAKING, "added removed", lambda d: rename(d, "projects/stop", "projects/halt")),
    "an operation is deprecated": (NOTABLE, "deprecated", lambda d: operation(d, "latex").update(deprecated=True)),
    "an operation becomes repeatable": (NOTABLE, "idempotent", lambda d: operation(d, "latex").update({"x-cocalc-idempotent": True})),
    "an operation is for others": (NOTABLE, "auth", lambda d: operation(d, "latex").update({"x-cocalc-auth": "admin"})),
    "an operation needs to be confirmed": (BREAKING, "confirm", lambda d: operation(d, "latex").update({"x-cocalc-confirm": "deletes it"})),
    "an operation charges money": (NOTABLE, "charges", lambda d: operation(d, "latex").update({"x-cocalc-charges": True})),
    # fields of requests
    "an optional argument comes": (COMPATIBLE, "added", lambda d: request(d, "latex")["properties"].update(new={"type": "string"})),
    "a required argument comes": (BREAKING, "added", lambda d: (request(d, "latex")["properties"].update(new={"type": "string"}), request(d, "latex")["required"].append("new"))),
    "an argument goes": (BREAKING, "removed", lambda d: remove_field(request(d, "latex"), "content")),
    "an argument is renamed": (BREAKING, "added removed", lambda d: rename_field(request(d, "latex"), "content", "text")),
    "an argument becomes required": (BREAKING, "required", lambda d: request(d, "latex")["required"].append("content")),
    "an argument becomes optional": (COMPATIBLE, "required", lambda d: request(d, "projects/stop").pop("required")),
    "an argument changes its type": (BREAKING, "type", lambda d: request(d, "latex")["properties"].update(content={"type": "boolean"})),
    "an argument takes one more type": (COMPATIBLE, "type", lambda d: request(d, "latex")["properties"].update(content={"anyOf": [{"type": "string"}, {"type": "boolean"}]})),
    "an argument takes anything": (COMPATIBLE, "type", lambda d: request(d, "latex")["properties"].update(content={})),
    "an argument takes fewer types": (BREAKING, "type", lambda d: request(d, "exec")["anyOf"][0]["properties"].update(aggregate={"type": "string"})),
    "an argument takes integers only": (BREAKING, "type", lambda d: request(d, "exec")["anyOf"][0]["properties"]["timeout"].update(type="integer")),
    "an argument takes fractions": (COMPATIBLE, "type", lambda d: request(d, "exec")["anyOf"][0]["properties"]["compute_server_id"].update(type="number")),
    "an argument accepts null": (COMPATIBLE, "nullable", lambda d: request(d, "latex")["properties"]["content"].update(nullable=True)),
    "an argument no longer accepts null": (BREAKING, "nullable", lambda d: request(d, "shopping/cart/add")["properties"]["purchased"].pop("nullable")),
    "an argument accepts a value less": (BREAKING, "enum", lambda d: request(d, "shopping/cart/add")["properties"]["product"]["enum"].remove("cash-voucher")),
    "an argument accepts a value more": (COMPATIBLE, "enum", lambda d: request(d, "shopping/cart/add")["properties"]["product"]["enum"].append("course")),
    "an argument accepts only some values": (BREAKING, "enum", lambda d: request(d, "latex")["properties"]["content"].update(enum=["a", "b"])),
    "an argument accepts any text": (COMPATIBLE, "enum", lambda d: request(d, "shopping/cart/add")["properties"]["product"].pop("enum")),
    "an argument has a higher least": (BREAKING, "limits", lambda d: request(d, "shopping/cart/add")["properties"]["id"].update(minimum=1)),
    "an argument has no least": (COMPATIBLE, "limits", lambda d: request(d, "shopping/cart/add")["properties"]["id"].pop("minimum")),
    "an argument has a greatest": (BREAKING, "limits", lambda d: request(d, "shopping/cart/add")["properties"]["id"].update(maximum=9)),
    "an argument excludes its least": (BREAKING, "limits", lambda d: request(d, "shopping/cart/add")["properties"]["id"].update(exclusiveMinimum=True)),
    "an argument has to be an id": (BREAKING, "limits", lambda d: request(d, "latex")["properties"]["content"].update(format="uuid")),
    "an argument need not be an id": (COMPATIBLE, "limits", lambda d: request(d, "latex")["properties"]["project_id"].pop("format")),
    "an argument has another default": (NOTABLE, "default", lambda d: request(d, "exec")["anyOf"][0]["properties"]["timeout"].update(default=30)),
    "an argument is deprecated": (NOTABLE, "deprecated", lambda d: request(d, "latex")["properties"]["content"].update(deprecated=True)),
    "the items of an argument change": (BREAKING, "type", lambda d: request(d, "exec")["anyOf"][0]["properties"]["args"].update(items={"type": "number"})),
    "the values of a map change": (BREAKING, "type", lambda d: request(d, "exec")["anyOf"][0]["properties"]["env"].update(additionalProperties={"type": "number"})),
    "a nested argument becomes required": (BREAKING, "required", lambda d: request(d, "shopping/cart/add")["properties"]["description"]["anyOf"][0]["required"].append("title")),
    "a request takes fields that are not listed": (COMPATIBLE, "closed", lambda d: request(d, "latex").pop("additionalProperties")),
    "one way to call goes": (BREAKING, "alternative removed removed removed", lambda d: request(d, "exec")["anyOf"].pop()),
    "one way to call comes": (COMPATIBLE, "added alternative", lambda d: request(d, "exec")["anyOf"].append({"type": "object", "properties": {"job": {"type": "string"}}, "required": ["job"]})),
    "one way to call needs more": (BREAKING, "required", lambda d: request(d, "exec")["anyOf"][1]["required"].append("async_await")),
    # fields of answers
    "an answer field comes": (COMPATIBLE, "added", lambda d: answer(d, "projects/stop")["properties"].update(new={"type": "string"})),
    "an answer field goes": (BREAKING, "removed", lambda d: remove_field(answer(d, "purchases/get-purchases"), "balance")),
    "an answer field is renamed": (BREAKING, "added removed", lambda d: rename_field(answer(d, "purchases/get-purchases"), "balance", "saldo")),
    "an answer field changes its type": (BREAKING, "type", lambda d: answer(d, "purchases/get-purchases")["properties"].update(balance={"type": "string"})),
    "an answer field may be another type": (BREAKING, "type", lambda d: answer(d, "purchases/get-purchases")["properties"].update(balance={"anyOf": [{"type": "number"}, {"type": "string"}]})),
    "an answer field may be absent": (NOTABLE, "required", lambda d: answer(d, "purchases/get-purchases").update(required=["purchases"])),
    "an answer field is always there": (COMPATIBLE, "required", lambda d: answer(d, "licenses/get-managed")["properties"]["quota"]["required"].append("dedicated_cpu")),
    "an answer field may be null": (NOTABLE, "nullable", lambda d: answer(d, "purchases/get-purchases")["properties"]["balance"].update(nullable=True)),
    "an answer field is never null": (COMPATIBLE, "nullable", lambda d: answer(d, "purchases/get-purchases")["properties"]["purchases"]["items"]["properties"]["pending"].pop("nullable")),
    "an answer has a new value": (NOTABLE, "enum", lambda d: answer(d, "projects/stop")["properties"]["status"]["enum"].append("late")),
    "an answer has a value less": (COMPATIBLE, "enum", lambda d: answer(d, "licenses/get-managed")["properties"]["quota"]["properties"]["user"]["enum"].remove("business")),
    "an answer may be any text": (NOTABLE, "enum", lambda d: answer(d, "projects/stop")["properties"]["status"].pop("enum")),
    "an answer field is a time": (BREAKING, "type", lambda d: answer(d, "purchases/get-purchases")["properties"]["purchases"]["items"]["properties"]["time"].update({"x-cocalc-time": "iso"})),
    "an answer becomes a list": (BREAKING, "type", lambda d: (lambda a: (a.update(type="array", items=deepcopy(a)), drop(a, "properties", "required")))(answer(d, "projects/stop"))),
    "an answer field of an item goes": (BREAKING, "removed", lambda d: remove_field(answer(d, "purchases/get-purchases")["properties"]["purchases"]["items"], "cost")),
    "a class is named": (BREAKING, "name", lambda d: answer(d, "projects/stop").update({"x-cocalc-name": "Stopped"})),
    # what nobody notices
    "the order changes": (INVISIBLE, "", lambda d: (lambda r: (d.clear(), d.update(r)))(reverse(deepcopy(d)))),
    "descriptions change": (INVISIBLE, "", describe),
    "an operationId changes": (INVISIBLE, "", lambda d: operation(d, "latex").update(operationId="compileLatex")),
    "POST is published as GET": (INVISIBLE, "", to_get),
    "arguments move into the address": (INVISIBLE, "", as_query),
    "nullable becomes a list of types": (INVISIBLE, "", lambda d: every_schema(d, type_lists)),
    "schemas move to where they are used": (INVISIBLE, "", inline),
    "the version changes": (INVISIBLE, "", lambda d: d["info"].update(version="9.9.9")),
    "the servers change": (INVISIBLE, "", lambda d: d.update(servers=[{"url": "https://example.com"}])),
    "the tags change": (INVISIBLE, "", lambda d: operation(d, "latex").update(tags=["Other"])),
    "a media type is put right": (INVISIBLE, "", lambda d: (lambda r: r.update(content={"application/json": next(iter(r["content"].values()))}))(operation(d, "exec")["responses"]["200"])),
    "an answer is no longer closed": (INVISIBLE, "", lambda d: every_schema(answer(d, "projects/stop"), lambda node: node.pop("additionalProperties", None))),
    "a failure is described otherwise": (INVISIBLE, "", lambda d: operation(d, "latex")["responses"].pop("500")),
    "a failure gets a code": (INVISIBLE, "", lambda d: schema(d, operation(d, "projects/stop")["responses"]["200"])["anyOf"][0]["properties"].update(code={"type": "string"})),
    "a tuple is written in the new way": (INVISIBLE, "", lambda d: every_schema(d, lambda node: node.update(prefixItems=node.pop("items")) if isinstance(node.get("items"), list) else None)),
    "an object is split with allOf": (INVISIBLE, "", lambda d: split_object(request(d, "latex"), "path", {})),
    "a bound is written in the new way": (INVISIBLE, "", lambda d: every_schema(d, lambda node: node.update(exclusiveMinimum=node.pop("minimum")) if node.get("exclusiveMinimum") is True else None)),
    "an unused schema comes": (INVISIBLE, "", lambda d: d["components"]["schemas"].update(Unused={"type": "string"})),
    "an unlisted status comes": (INVISIBLE, "", lambda d: operation(d, "latex")["responses"].update({"429": {"description": "slow down"}})),
    "a base path is published": (INVISIBLE, "", lambda d: d.update(paths={f"/base{path}": item for path, item in d["paths"].items()})),
}  # fmt: skip


def mutated(kind: str, base: Document = TODAY) -> Document:
    document = pickle.loads(pickle.dumps(base))  # a copy, in a fifth of the time
    KINDS[kind][2](document)
    assert document != base or kind == "the order changes"
    return document


@cache
def stated() -> Document:
    """Today's document, repaired, with what the overlay says of each operation in its careful form."""
    document = repair(TODAY).document
    for item in document["paths"].values():
        item["post"]["x-cocalc-auth"] = "account"
    return document


def base_of(kind: str) -> Document:
    """The document that a kind of change is made to: what only we can say is not in the published one."""
    return (
        stated()
        if KINDS[kind][1] in ("idempotent", "auth", "confirm", "charges", "name") or "time" in kind
        else TODAY
    )


@cache
def promised(kind: str | None = None) -> Contract:
    """What the document promises that a kind of change was made to; without one, today's."""
    return contract(mutated(kind, base_of(kind)) if kind else TODAY)


@cache
def promised_when_repaired() -> Contract:
    """What today's document promises once it is repaired."""
    return contract(repair(TODAY).document)


@cache
def promised_before(kind: str) -> Contract:
    """What it promises without that change."""
    base = base_of(kind)
    return promised() if base is TODAY else contract(base)


def test_there_are_many_kinds():
    assert len(KINDS) >= 70


@every_row("kind", KINDS)
def test_a_change_is_found_alone_and_judged(kind):
    expected, what, _ = KINDS[kind]
    found = report(promised_before(kind), promised(kind))
    assert found.severity is expected, str(found)
    assert sorted(change.what for change in found.changes) == sorted(what.split()), str(found)


@every_row("kind", [kind for kind in KINDS if base_of(kind) is TODAY])
def test_repair_does_not_hide_or_invent_a_change(kind):
    plain = report(promised(), promised(kind))
    assert report(promised_when_repaired(), contract(repair(mutated(kind)).document)) == plain


def test_a_comparison_repairs_both_documents():
    assert compare(TODAY, mutated("an argument is renamed")) == report(
        promised(), promised("an argument is renamed")
    )


@every_row("kind", KINDS)
def test_the_way_back_is_the_mirror_of_the_change(kind):
    base, other = promised_before(kind), promised(kind)
    swapped = {"added": "removed", "removed": "added"}
    there = {
        (c.route, c.where, c.field, swapped.get(c.what, c.what), str(c.new), str(c.old))
        for c in report(base, other).changes
    }
    back = {(c.route, c.where, c.field, c.what, str(c.old), str(c.new)) for c in report(other, base).changes}
    assert there == back


def test_what_may_be_a_renaming_is_suggested():
    (moved,) = (c for c in compare(TODAY, mutated("an operation moves")).changes if c.what == "removed")
    assert moved.rename == "projects/halt"
    assert "perhaps it is now client.projects.halt" in moved.sentence
    (field,) = (c for c in compare(TODAY, mutated("an argument is renamed")).changes if c.what == "removed")
    assert field.rename == "text"
