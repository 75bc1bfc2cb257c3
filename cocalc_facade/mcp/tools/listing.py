"""The projects of an account, for who has to find out their ids first."""

from __future__ import annotations

from typing import Any

from cocalc_facade import AsyncCoCalc, PermissionDeniedError

FIELDS = ("project_id", "title", "state", "last_edited")
MOST = 500


async def projects(client: AsyncCoCalc, title: str = "", *, older: bool = False) -> list[dict[str, Any]]:
    """Give the projects of the key's account: ids, titles, states, and when they were edited, the last edited first.

    Servers of the newer generation tell no states and times: `project_state` does.

    Args:
        client: Who asks.
        title: Only those whose title has this in it, in any case.
        older: All of them; else at most 300 that were edited in the last 6 weeks.
    """
    try:
        rows = [*await client.query("projects_all" if older else "projects", FIELDS, many=True)]
    except PermissionDeniedError:  # servers of the newer generation let no key read tables
        rows = [one.to_dict() for one in await client.projects.get(limit=MOST)]
    wanted = [row for row in rows if title.casefold() in str(row.get("title") or "").casefold()]
    wanted.sort(key=lambda row: str(row.get("last_edited") or ""), reverse=True)
    return [{**row, "state": _state(row.get("state"))} for row in wanted]


def _state(state: Any) -> Any:
    return state.get("state") if isinstance(state, dict) else None
