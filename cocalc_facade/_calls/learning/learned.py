"""What answers told of a server and of a key, beyond the calls that they were for."""

from __future__ import annotations

from typing import Literal, TypeAlias

Generation: TypeAlias = Literal["cocalc", "ai"]


class Learned:
    """What answers told of the server and of the key, shared by all views of a client.

    `suspected`: something was said that only servers of the newer generation say. `accepted`: the key was. `speaks_for`: `account` or
    `project`. `capabilities`: whether the key was seen to have one, by its name and the project that it was for.
    """

    __slots__ = ("accepted", "capabilities", "generation", "speaks_for", "suspected")

    def __init__(self) -> None:
        self.generation: Generation | None = None
        self.suspected = False
        self.accepted = False
        self.speaks_for: str | None = None
        self.capabilities: dict[tuple[str, str | None], bool] = {}
