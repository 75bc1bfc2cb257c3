"""What the table of routes says, in the terms of the protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import mcp_types as types

from cocalc_facade import RouteDescription

Effect = Literal["reads", "starts", "changes"]
"""What calls do: they only read, they start the project at most, or they do what their routes do."""


def hints(
    rows: Iterable[RouteDescription], effect: Effect = "changes", title: str | None = None
) -> types.ToolAnnotations:
    """Give the hints for what calls these routes. What is not known to be harmless may destroy something."""
    rows = list(rows)
    reads = effect == "reads" or (effect == "changes" and all(row.reads for row in rows))
    return types.ToolAnnotations(
        title=title,
        read_only_hint=reads,
        destructive_hint=not reads and effect == "changes",
        idempotent_hint=reads or effect == "starts" or all(row.repeatable for row in rows),
        open_world_hint=bool(rows),
    )
