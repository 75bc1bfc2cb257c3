"""Time grows with the length of a document and no faster: four times as much of anything takes about four times as long."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from cocalc_facade._drift.contract import contract
from scripts.pipeline.published import DocumentError, parse
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from tests.pipeline.documents import document

S = {"type": "string"}


def values(n: int) -> dict[str, Any]:
    return document({}, {"type": "object", "properties": {"a": {**S, "enum": [f"v{i}" for i in range(n)]}}})


def constants(n: int) -> dict[str, Any]:
    arms = [{"const": f"v{i}"} for i in range(n // 4)]
    return document({}, {"type": "object", "properties": {"a": {"oneOf": arms}}})


def properties(n: int) -> dict[str, Any]:
    fields = {f"f{i}": S for i in range(n // 4)}
    return document({"type": "object", "properties": fields}, {"type": "object", "properties": fields})


def required(n: int) -> dict[str, Any]:
    names = [f"f{i}" for i in range(n // 4)]
    return document({}, {"type": "object", "properties": dict.fromkeys(names, S), "required": names})


def routes(n: int) -> dict[str, Any]:
    one = document({"type": "object", "properties": {"a": S}}, {"type": "object", "properties": {"b": S}})
    (item,) = one["paths"].values()
    paths = {}
    for i in range(n // 20):
        fields = {"type": "object", "properties": {"a": S, f"own{i}": S}}
        answer = {"200": {"description": "", "content": {"application/json": {"schema": fields}}}}
        paths[f"/api/v2/group{i % 9}/r{i}"] = {
            "post": {**item["post"], "operationId": f"r{i}", "responses": answer}
        }
    return {**one, "paths": paths}


@pytest.mark.parametrize("kind", [values, constants, properties, required, routes])
def test_reading_a_document_takes_as_long_as_it_is(kind: Callable[[int], dict[str, Any]]) -> None:
    def taken(n: int) -> float:
        text = json.dumps(kind(n)).encode()
        began = process_time()
        published = parse(text)
        contract(published)
        shape(repair(published).document)
        return process_time() - began

    taken(1_000)
    # Were it to grow with the square, it would be sixteen times as long.
    assert taken(16_000) < 9 * max(taken(4_000), 0.05)


@pytest.mark.parametrize("at", ["first", "last"])
def test_a_key_that_is_there_twice_is_found_in_one_pass(at: str) -> None:
    def taken(n: int) -> float:
        again = "k0" if at == "first" else f"k{n - 1}"
        body = '{"openapi":"3.1.0","paths":{' + ",".join(f'"k{i}":1' for i in range(n)) + f',"{again}":2}}}}'
        began = process_time()
        with pytest.raises(DocumentError, match=f"the key '{again}' is there twice"):
            parse(body.encode())
        return process_time() - began

    assert taken(80_000) < 9 * max(taken(20_000), 0.05)


def test_reading_ends_when_its_time_is_over() -> None:
    ticks = iter(range(1_000_000))
    body = b'{"openapi":"3.1.0","paths":{"/a":{"post":{}}},"x":[' + b",".join([b"{}"] * 500) + b"]}"
    assert parse(body, deadline=1_000, clock=lambda: next(ticks))["openapi"] == "3.1.0"
    with pytest.raises(DocumentError, match="takes too long"):
        parse(body, deadline=600, clock=lambda: next(ticks))
