"""The stand-in's data that follow from the documents: an example answer for every route, and what is published."""

from __future__ import annotations

import json
from typing import Any

from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.document.example import example

TARGETS = ("cocalc_facade/testing/data/examples.json", "cocalc_facade/testing/data/published.json")


def examples(document: dict[str, Any]) -> dict[str, Any]:
    """For each route who may call it, what it needs, and an example of its answer."""
    schemas = document["components"]["schemas"]
    found = {}
    for path, item in document["paths"].items():
        operation = item["post"]
        (media,) = operation["responses"]["200"]["content"].values()
        body = (
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        )
        if "$ref" in body:
            body = schemas[body["$ref"].rpartition("/")[2]]
        found[path.removeprefix(PREFIX)] = {
            "auth": operation.get("x-cocalc-auth", "account"),
            "required": sorted(body.get("required", ())),
            "example": example(media["schema"], schemas),
        }
    return found


def files(document: dict[str, Any], published: dict[str, Any]) -> dict[str, str]:
    """The files, by their place in the repository, and what belongs in them.

    Args:
        document: `client.json`, with all routes.
        published: the document as the server publishes it.
    """
    made = json.dumps(examples(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return dict(
        zip(
            TARGETS,
            (made, json.dumps(published, separators=(",", ":"), ensure_ascii=False) + "\n"),
            strict=True,
        )
    )
