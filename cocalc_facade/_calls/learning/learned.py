"""What answers told of a server and of a key, beyond the calls that they were for."""

from __future__ import annotations

from typing import Literal, TypeAlias

Generation: TypeAlias = Literal["cocalc", "ai"]


class Learned:
    """What answers told of the server and of the key, shared by all views of a client.

    `suspected`: something was said that only servers of the newer generation say. `accepted`: the key was. `speaks_for`: `account` or
    `project`. `closed`: routes for files outside the API that the server does not give. `capabilities`: whether the key was seen to have one, by its name and the project that it was for.
    """

    __slots__ = ("accepted", "capabilities", "closed", "generation", "speaks_for", "suspected")

    def __init__(self) -> None:
        self.generation: Generation | None = None
        self.suspected = False
        self.accepted = False
        self.speaks_for: str | None = None
        self.closed: set[str] = set()
        self.capabilities: dict[tuple[str, str | None], bool] = {}
