"""What a run writes, and nothing else: files by name, and the package by the places that its files have."""

from __future__ import annotations

import re

FILES = (
    "openapi/upstream.json",
    "openapi/client.json",
    "openapi/lock.json",
    "openapi/names.yaml",
    "openapi/classes.json",
    "openapi/contract.json",
    "openapi/CHANGES.md",
    "openapi/retired.yaml",
    "openapi/released.json",
    "cocalc_facade/testing/data/examples.json",
    "cocalc_facade/testing/data/published.json",
    "docs/coverage.md",
)
PACKAGE = "generated/cocalc_v2"
PAGES = "docs/reference/routes"
TARGETS = (*FILES, PACKAGE, PAGES)

_MODULE = re.compile(rf"{re.escape(PACKAGE)}/(api/[a-z0-9_]+/|api/|models/|resources/)?[a-z_][a-z0-9_]*\.py")
_PAGE = re.compile(rf"{re.escape(PAGES)}/[a-z0-9_-]+\.md")


def is_written(name: str) -> bool:
    """Tell whether a run writes a file of this name, relative to the repository."""
    return name in FILES or (_MODULE.fullmatch(name) or _PAGE.fullmatch(name)) is not None
