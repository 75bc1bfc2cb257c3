"""Small documents, shaped and found valid, and their parts."""

from __future__ import annotations

from typing import Any

from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.documents import document
from tests.pipeline.shaped import TEXT


def shaped(
    answer: Any = None, request: Any = None, path: str = "projects/copy-path", **components: Any
) -> dict[str, Any]:
    source = document(answer, request, **components)
    source["paths"] = {f"/api/v2/{path}": source["paths"]["/api/v2/x"]}
    result = shape(source)
    validate(result)
    return result


def answer_of(result: dict[str, Any]) -> Any:
    (item,) = result["paths"].values()
    (media,) = item["post"]["responses"]["200"]["content"].values()
    return media["schema"]


def classes(result: dict[str, Any]) -> dict[str, Any]:
    return {name: s for name, s in result["components"]["schemas"].items() if name != "Error"}


def results(result: dict[str, Any]) -> dict[str, Any]:
    return {name: s for name, s in classes(result).items() if not name.endswith("Request")}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


ERROR = {**obj(error=TEXT), "required": ["error"]}
