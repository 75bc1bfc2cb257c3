"""Whether the key may call a route of this server, as far as that can be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from cocalc_facade._calls.generations.asking import generation
from cocalc_facade._calls.generations.bridge import ask_hub
from cocalc_facade._calls.learning.lessons import OF_THE_ACCOUNT
from cocalc_facade._calls.meaning.absence import instead_of
from cocalc_facade._calls.meaning.words.wording import NEWER
from cocalc_facade._errors import APIError, AuthenticationError
from cocalc_facade._jobs.values.checks import identifier
from cocalc_facade._json.records import Record

from .identity import whoami

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

Verdict: TypeAlias = Literal["yes", "no", "unknown"]
Found: TypeAlias = tuple[Verdict, str]

NOT_TOLD = "the server tells what a key may only by refusing"


@attrs.frozen
class Permission(Record):
    """Whether the key may call a route: `verdict` is `yes`, `no` or `unknown`, and `reason` says why. True only for a yes.

    `capability` is what a key needs on a server of the newer generation, such as `("project:exec",)`; empty elsewhere.
    """

    route: str
    verdict: Verdict
    reason: str
    capability: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.verdict == "yes"


def can(session: Session, path: str, project_id: object = None) -> Flow[Permission]:
    """Tell from the table of the server's generation, the kind of the key, and what answers taught."""
    project = None if project_id is None else identifier(project_id).lower()
    route = session.routes[path]
    newer = (yield from generation(session)) == "ai"
    needed = _needed(route) if newer else ()
    found = _by_the_table(route, needed) if newer else _by_the_older_table(route)
    if found is None:
        found = _by_the_form(session, newer)
    if found is None:
        found = (yield from _by_asking(session, newer)) or (
            _by_capability(session, route, needed, project) if newer else _by_kind(session, route)
        )
    return Permission(route.path, *found, tuple(word for word in needed if ":" in word))


def _needed(route: Route) -> tuple[str, ...]:
    if route.operation is not None:
        return route.operation.capability or ()
    from cocalc_v2.newer import ROUTES

    return ROUTES.get(route.path, ())


def _by_the_table(route: Route, needed: tuple[str, ...]) -> Found | None:
    operation = route.operation
    if operation is not None and operation.newer_servers is False:
        return "no", f"servers {NEWER} lack this route; {instead_of(operation.instead)}"
    if not needed:
        return "unknown", "the table of the newer generation does not have this route"
    if needed == ("none",):
        return "yes", "it needs no key"
    if needed == ("never",):
        instead = f"; {instead_of(operation.instead)}" if operation is not None and operation.instead else ""
        return "no", f"no API key may call it on servers {NEWER}, only a browser session{instead}"
    if operation is not None and operation.auth in ("none", "optional"):
        return "yes", f"anybody may; more is told to a key that has {_words(needed)}"
    return None


def _by_the_older_table(route: Route) -> Found | None:
    operation = route.operation
    if operation is None:
        from cocalc_v2.newer import AS_OF, ROUTES

        if route.path in ROUTES:
            return "no", f"only servers {NEWER} have this route, as of {AS_OF}"
        return "unknown", "the table does not have this route"
    if operation.fails:
        return "no", f"it always fails: {operation.fails}"
    if operation.auth in ("none", "optional"):
        return "yes", "it needs no key"
    return None


def _by_the_form(session: Session, newer: bool) -> Found | None:
    """See whether there is a key of the form that the server takes."""
    key = session.key()
    if key is None:
        return "no", "it needs a key, and there is none"
    if (key.kind == "scoped") != newer:
        form = "begin with sk-cc-v2. or sk-cocalc-v2" if newer else "begin otherwise"
        return "no", f"the key is not one that this server takes: those {form}"
    return None


def _by_asking(session: Session, newer: bool) -> Flow[Found | None]:
    """See whether the server takes the key; asked by a call that does nothing, until it was taken once."""
    learned = session.learned
    if learned.accepted and (newer or learned.speaks_for):
        return None
    try:
        if newer:
            yield from ask_hub(session, "system.ping", [])
            learned.accepted = True
        else:
            yield from whoami(session)
    except AuthenticationError as error:
        return "no", f"the server does not take the key: {error.message}"
    except APIError as error:
        return "unknown", f"the server did not say whether it takes the key: {error.message}"
    return None


def _by_kind(session: Session, route: Route) -> Found:
    """Compare who may call a route of an older server with whom the key speaks for."""
    assert route.operation is not None
    auth, kind = route.operation.auth, session.learned.speaks_for
    if auth in ("admin", "admin-or-partner"):
        who = "administrators" if auth == "admin" else "administrators and partners"
        if kind == "project":
            return "no", f"only {who} may, and the key is a project's"
        return "unknown", f"only {who} may; whether the key's account is one is not told"
    if auth == "account-or-project" or auth == kind:
        member = (
            "; of a project, its account must be a member"
            if kind == "account" and _names_a_project(route)
            else ""
        )
        return "yes", f"the key is {'an account' if kind == 'account' else 'a project'}'s{member}"
    other = "a project" if auth == "project" else "an account"
    return "no", f"it is for {other}'s key"


def _names_a_project(route: Route) -> bool:
    return any(name.endswith("project_id") for name in route.kinds)


def _by_capability(session: Session, route: Route, needed: tuple[str, ...], project: str | None) -> Found:
    """Compare what a route needs with what the key was seen to have or lack."""
    known = session.learned.capabilities
    seen: list[bool | None] = []
    for word in needed:
        if word in OF_THE_ACCOUNT or project is not None:
            seen.append(known.get((word, None if word in OF_THE_ACCOUNT else project)))
        else:
            seen.append(any(had for (name, _), had in known.items() if name == word) or None)
    if False in seen:
        lacking = [word for word, had in zip(needed, seen, strict=True) if had is False]
        where = f" for project {project}" if project and not set(lacking) <= OF_THE_ACCOUNT else ""
        return "no", f"the key was refused for lack of {_words(tuple(lacking))}{where}"
    if route.operation is not None and route.operation.auth in ("admin", "admin-or-partner"):
        return "unknown", f"it needs {_words(needed)} and an administrator's account; {NOT_TOLD}"
    if all(seen):
        some = (
            ""
            if project or set(needed) <= OF_THE_ACCOUNT
            else ", at least for a project that it was used for"
        )
        return "yes", f"the key was seen to have {_words(needed)}{some}"
    more = (
        "" if set(needed) <= OF_THE_ACCOUNT else ", the project on its list, and an account that is a member"
    )
    return "unknown", f"the key needs {_words(needed)}{more}; {NOT_TOLD}"


def _words(needed: tuple[str, ...]) -> str:
    return " and ".join(needed)
