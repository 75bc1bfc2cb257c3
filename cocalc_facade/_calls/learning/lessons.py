"""What an answer tells of the server and of the key, beyond the call that it was for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_facade._calls.meaning.absence import is_newer_page
from cocalc_facade._calls.meaning.words.wording import NO_KEY_MAY
from cocalc_facade._errors import CoCalcError, NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.flow import Answer

    from .learned import Learned

PROJECT = re.compile(r" for project ([0-9a-fA-F-]{36})$")
PROJECT_FIELDS = ("project_id", "src_project_id", "target_project_id")
OF_THE_ACCOUNT = frozenset({"account:read", "project:create", "project:list"})


def refused(learned: Learned, error: CoCalcError, answer: Answer) -> None:
    """Learn from a refusal: that only servers of the newer generation say it, and what the key lacks."""
    if isinstance(error, PermissionDeniedError):
        if error.capability is not None:
            project = PROJECT.search(error.message)
            learned.capabilities[error.capability, project[1].lower() if project else None] = False
            learned.accepted = learned.suspected = True
        elif (error.hint or "").startswith(NO_KEY_MAY):
            learned.suspected = True
    elif isinstance(error, NotFoundError):
        learned.suspected = learned.suspected or is_newer_page(answer)


def worked(learned: Learned, route: Route, arguments: Mapping[str, Any]) -> None:
    """Learn from a success on a server of the newer generation which capabilities the key has."""
    needed = route.operation.capability if route.operation is not None else None
    if not needed or not route.needs_key:
        return
    learned.accepted = True
    projects = [str(arguments[name]).lower() for name in PROJECT_FIELDS if arguments.get(name)]
    if route.path == "projects/get-one" or (len(projects) > 1 and len(needed) != len(projects)):
        return  # which of them it took is not told
    for place, capability in enumerate(needed):
        project = (
            None if capability in OF_THE_ACCOUNT or not projects else projects[min(place, len(projects) - 1)]
        )
        learned.capabilities[capability, project] = True
