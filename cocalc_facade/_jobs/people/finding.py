"""A project by its title: found, or made when it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import by_generation
from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import (
    CoCalcError,
    ConflictError,
    NotFoundError,
    ServerError,
    TransportError,
    UnexpectedResponse,
)
from cocalc_facade._jobs import query
from cocalc_facade._jobs.values.checks import plain_text
from cocalc_facade._jobs.values.shapes import an_object, objects, text
from cocalc_facade._wire.flow import Sleep

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

NAMED = 5
LOOKS, PAUSE = 3, 1.0
"""How often, and after how many seconds, it is looked again when there are several: one of them may be about to be deleted."""
MOST = 500
"""How many projects a server of the newer generation gives."""


def find(session: Session, title: object) -> Flow[str]:
    """Give the id of the one project that has the title."""
    wanted = plain_text(title, "title")
    found = yield from _titled(session, wanted)
    if not found:
        raise NotFoundError(
            f"no project of this account has the title {wanted!r}",
            path="user-query",
            hint="a title has to be the same in every letter; deleted projects do not count",
        )
    if len(found) > 1:
        raise _several(wanted, found)
    return found[0]


def ensure(session: Session, title: object, description: object = "") -> Flow[str]:
    """Give the id of the project that has the title, which is made when there is none.

    The server has no way to make a project only if its title is free. So who made one looks again, and when another was made
    at the same moment, the one that was made first stays, for everybody who looks; whoever made a later one deletes that, which nobody has used.
    """
    wanted = plain_text(title, "title")
    if not isinstance(description, str):
        raise TypeError(f"description: expected text, not {type(description).__name__}")
    session = session.for_one_job()
    found = yield from _titled(session, wanted)
    for _ in range(LOOKS):
        if len(found) < 2:
            break
        yield Sleep(PAUSE)
        found = yield from _titled(session, wanted)
    if len(found) > 1:
        raise _several(wanted, found)
    if found:
        return found[0]
    made = yield from _make(session, wanted, description)
    if is_placeholder(made):
        return made
    found = yield from _titled(session, wanted)
    if made not in found:  # its row is not to be seen yet, or somebody changed it already
        return made
    first = found[0]
    if first != made:
        yield from call(session, "projects/delete", {"project_id": made})
    return first


def _make(session: Session, title: str, description: str) -> Flow[str]:
    """Make a project; when the answer was lost, the project may be there all the same, and is looked for."""
    arguments = {"title": title, **({"description": description} if description else {})}
    try:
        answer = yield from call(session, "projects/create", arguments)
    except (TransportError, ServerError, UnexpectedResponse) as lost:
        try:
            found = yield from _titled(session, title)
        except CoCalcError:
            raise lost from None
        if found:
            return found[0]
        lost.add_note(f"no project has the title {title!r} so far; calling ensure_project again does no harm")
        raise
    project = text(an_object(answer, "projects/create").get("project_id"))
    if not project:
        raise UnexpectedResponse("the answer names no project", path="projects/create")
    return project


def _titled(session: Session, title: str) -> Flow[list[str]]:
    """Give the ids of the account's projects of this title that are not deleted, the first made first."""
    return (
        yield from by_generation(session, lambda: _in_table(session, title), lambda: _in_list(session, title))
    )


def _in_table(session: Session, title: str) -> Flow[list[str]]:
    fields = ["project_id", "title", "deleted", "created"]
    rows: Any = yield from query.many(session, "projects_all", fields, {"title": title})
    kept = [row for row in rows if row["title"] == title and not row["deleted"] and text(row["project_id"])]
    kept.sort(key=lambda row: (str(row["created"] or "~"), row["project_id"]))
    return [row["project_id"] for row in kept]


def _in_list(session: Session, title: str) -> Flow[list[str]]:
    """Look through the list of projects; there the one that was edited last comes first, so ids decide."""
    answer = yield from call(session, "projects/get", {"limit": MOST})
    rows = objects(answer, "projects/get")
    return sorted(
        str(row["project_id"]) for row in rows if row.get("title") == title and row.get("project_id")
    )


def _several(title: str, found: list[str]) -> ConflictError:
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return ConflictError(
        f"{len(found)} projects have the title {title!r}: {', '.join(found[:NAMED])}{more}",
        path="user-query",
        hint="name the one that is meant: client.project(project_id)",
    )
