"""Shaped documents made by hand, and packages generated from them for the tests."""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from scripts.pipeline.generate import Provenance, generate

NOWHERE = Provenance(source="file:made-up.json", date="2026-01-02", sha256="0" * 64, client_sha256="1" * 64)


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def operation(answer: Any, request: Any = None, **more: Any) -> dict[str, Any]:
    media = {"application/json": {"schema": answer}}
    made = {
        "operationId": "made-up",
        "responses": {"200": {"description": "The answer.", "content": media}},
        **more,
    }
    if request is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    return {"post": made}


def obj(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, WHOLE, NUMBER, TRUTH = ({"type": name} for name in ("string", "integer", "number", "boolean"))
ISO = {"type": "string", "x-cocalc-time": "iso"}
MILLISECONDS = {"type": "number", "x-cocalc-time": "epoch-ms"}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Made up", "version": "1"},
    "paths": {
        "/api/v2/zoo/feed": operation(
            ref("ZooFeedResult"),
            ref("ZooFeedRequest"),
            summary="Feed an animal",
            **{"x-cocalc-confirm": "feeds an animal", "x-cocalc-timeout": 300, "x-cocalc-idempotent": True},
        ),
        "/api/v2/zoo": operation({"type": "array", "items": ref("Animal")}),
        "/api/v2/zoo/list": operation({"type": ["number", "null"]}, ref("ZooListRequest")),
        "/api/v2/import": operation({}, deprecated=True),
    },
    "components": {
        "schemas": {
            "Animal": obj(
                name=TEXT, legs=WHOLE, weight=NUMBER, tame=TRUTH, born=ISO, seen=MILLISECONDS, mother=ref("Animal"),
                tags={"type": "array", "items": TEXT}, feedings={"type": "array", "items": ISO}, type=TEXT, list=TEXT,
                notes={"type": "object", "x-cocalc-map": True, "additionalProperties": TEXT}, **{"class": TEXT},
                keeper={"anyOf": [TEXT, ref("Keeper"), {"type": "array", "items": ref("Keeper")}]}, any={},
            ),
            "Keeper": obj(name=TEXT, sinceMs=MILLISECONDS),
            "ZooFeedRequest": obj(
                ("animal_id", "confirm"),
                animal_id={"type": "string", "format": "uuid", "description": "Which animal."},
                confirm=TRUTH,
                grams={"type": "integer", "default": 100, "minimum": 1, "maximum": 500},
                at=ISO,
                mood={"type": "string", "enum": ["calm", "wild"]},
            ),
            "ZooListRequest": obj(limit=WHOLE),
            "ZooFeedResult": obj(animals={"type": "array", "items": ref("Animal")}),
        }
    },
}  # fmt: skip


def made_up() -> dict[str, Any]:
    return deepcopy(DOCUMENT)


def part(module: ModuleType, name: str) -> Any:
    return import_module(f"{module.__name__}.{name}")


def package(document: dict[str, Any], folder: Path, name: str) -> Any:
    """Generate a package called `name` in `folder`, which has to be on the path, and import it."""
    generate(document, folder / name, NOWHERE)
    return import_module(name)
