"""The projects of an account, for who has to find out their ids first."""

from __future__ import annotations

from typing import Any

from cocalc_facade import AsyncCoCalc

FIELDS = ("project_id", "title", "state", "last_edited")


async def projects(client: AsyncCoCalc, title: str = "", *, older: bool = False) -> list[dict[str, Any]]:
    """Give the projects of the key's account: ids, titles, states, and when they were edited, the last edited first.

    Args:
        client: Who asks.
        title: Only those whose title has this in it, in any case.
        older: All of them; else at most 300 that were edited in the last 6 weeks.
    """
    rows = await client.query("projects_all" if older else "projects", FIELDS, many=True)
    wanted = [row for row in rows if title.casefold() in str(row["title"] or "").casefold()]
    wanted.sort(key=lambda row: str(row["last_edited"] or ""), reverse=True)
    return [{**row, "state": _state(row["state"])} for row in wanted]


def _state(state: Any) -> Any:
    return state.get("state") if isinstance(state, dict) else None
