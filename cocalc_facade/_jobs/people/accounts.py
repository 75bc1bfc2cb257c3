"""Accounts by their addresses, the people of a project, and for administrators all accounts and anybody's projects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import by_generation, is_newer, refuse_on_newer
from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import NotFoundError
from cocalc_facade._jobs import query
from cocalc_facade._jobs.projects import out_of_sight
from cocalc_facade._jobs.values.checks import identifier, parsed_time, plain_text, refuse, truth
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import State, inner, objects, project_state, text
from cocalc_facade._wire.flow import Parallel, done

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

ALL = 100_000
"""The most rows that the server gives."""
AT_ONCE = 8
FIELDS = ("account_id", "email_address", "first_name", "last_name", "name", "created", "last_active")


@attrs.frozen(repr=False)
class AccountRow(Row):
    """An account. `banned` and `groups` are told to administrators only, and are None else; `email_address` where it was asked for by it."""

    account_id: str
    email_address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    created: datetime | None = None
    last_active: datetime | None = None
    banned: bool | None = None
    groups: tuple[str, ...] | None = None


@attrs.frozen(repr=False)
class Accounts(Rows[AccountRow]):
    """Accounts. `cut` says that the server's limit of 100,000 was reached, so some may be missing."""

    @property
    def cut(self) -> bool:
        """Whether the server's limit was reached."""
        return len(self.rows) >= ALL


@attrs.frozen(repr=False)
class Collaborator(Row):
    """Somebody who works on a project. `group` is `owner` or `collaborator`, None on servers that do not tell it; unlisted people have no names."""

    account_id: str
    first_name: str | None = None
    last_name: str | None = None
    group: str | None = None
    hidden: bool | None = None


@attrs.frozen(repr=False)
class Collaborators(Rows[Collaborator]):
    """The people of a project."""


@attrs.frozen(repr=False)
class ProjectRow(Row):
    """A project of an account. `quotas` is what it ran with last, `settings` what administrators set; None where it could not be read."""

    project_id: str
    title: str | None = None
    description: str | None = None
    state: State | None = None
    created: datetime | None = None
    last_edited: datetime | None = None
    deleted: bool = False
    hidden: bool = False
    quotas: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None


@attrs.frozen(repr=False)
class ProjectRows(Rows[ProjectRow]):
    """The projects of an account."""


def find_account(session: Session, email: object) -> Flow[AccountRow]:
    """Give the account of an address."""
    address = address_of(email)
    yield from refuse_on_newer(session, "way to find an account by its address", "accounts/search")
    answer = yield from call(session, "accounts/search", {"query": address})
    for row in objects(answer, "accounts/search"):
        if (text(row.get("email_address")) or "").lower() == address and text(row.get("account_id")):
            return _account(row)
    raise NotFoundError(f"no account has the address {address}", path="accounts/search")


def address_of(email: object) -> str:
    """Give an address as the server keeps it; what would be several words of a search is refused."""
    address = plain_text(email, "email").strip().lower()
    before, at, after = address.rpartition("@")
    if not (before and at and after) or any(mark.isspace() or mark in ",;" for mark in address):
        raise refuse("email", f"{address[:80]!r} is no address")
    return address


def invite(session: Session, project_id: str, email: object) -> Flow[AccountRow]:
    """Make the account of an address a collaborator, unless it is in the project already."""
    try:
        account = yield from find_account(session, email)
    except NotFoundError as error:
        error.hint = "the HTTP API cannot send invitations to those without an account: invite them in the app, or let them sign up first"
        raise
    people = yield from collaborators(session, project_id)
    if all(one.account_id != account.account_id for one in people):
        arguments = {"project_id": project_id, "account_id": account.account_id}
        yield from call(session, "projects/collaborators/add", arguments)
    return account


def collaborators(session: Session, project_id: str) -> Flow[Collaborators]:
    """Give the people of a project, with their groups where tables can be read."""
    users = yield from by_generation(session, lambda: _users(session, project_id), lambda: done(None))
    answer = yield from call(session, "projects/collaborators/list", {"project_id": project_id})
    named = {
        row["account_id"]: row
        for row in objects(answer, "projects/collaborators/list")
        if text(row.get("account_id"))
    }
    if users is None and not named and not is_placeholder(project_id):  # what the server says to strangers
        raise out_of_sight(project_id)
    found = [
        Collaborator(
            account,
            text(inner(named, account).get("first_name")),
            text(inner(named, account).get("last_name")),
            None if users is None else text(inner(users, account).get("group")),
            None if users is None else bool(inner(users, account).get("hide")),
        )
        for account in [*(users or ()), *(one for one in named if one not in (users or ()))]
    ]
    return Collaborators(tuple(found))


def _users(session: Session, project_id: str) -> Flow[dict[str, Any] | None]:
    row = yield from query.one(session, "projects_all", ["users"], {"project_id": project_id})
    if row is None:
        raise out_of_sight(project_id)
    return inner(row, "users")


def accounts(session: Session, *, banned: bool | None) -> Flow[Accounts]:
    """Give all accounts of the site, for administrators."""
    if banned is not None:
        truth(banned, "banned")
    yield from refuse_on_newer(session, "table of accounts that a key may read", "user-query")
    fields = [*FIELDS, "banned", "groups"]
    rows: Any = yield from query.many(session, "crm_accounts", fields, None, known=False)
    found = [
        attrs.evolve(
            _account(row),
            banned=bool(row["banned"]),
            groups=tuple(str(group) for group in row["groups"] or ()),
        )
        for row in rows
        if text(row["account_id"])
    ]
    return Accounts(tuple(row for row in found if banned is None or row.banned is banned))


def projects_of(session: Session, account_id: object | None) -> Flow[ProjectRows]:
    """Give the projects of the caller, or for administrators of any account."""
    if account_id is not None:
        return (yield from _of_another(session, identifier(account_id, "account_id")))
    if (yield from is_newer(session)):
        answer = yield from call(session, "projects/get", {"limit": 500})
        return ProjectRows(tuple(_listed(row) for row in objects(answer, "projects/get")))
    me = yield from query.one(session, "accounts", ["account_id"], None)
    mine = "" if me is None else me["account_id"]
    rows: Any = yield from query.many(session, "projects_all", COLUMNS, None)
    return ProjectRows(tuple(_project(row, mine) for row in rows))


COLUMNS = [
    "project_id",
    "title",
    "description",
    "users",
    "state",
    "created",
    "last_edited",
    "deleted",
    "run_quota",
    "settings",
]


def _of_another(session: Session, account: str) -> Flow[ProjectRows]:
    """List the projects of an account by the route that administrators have for it, and read each one's row."""
    yield from refuse_on_newer(session, "list of another account's projects", "projects/get")
    answer = yield from call(session, "projects/get", {"account_id": account, "limit": ALL})
    listed = [_listed(row) for row in objects(answer, "projects/get")]
    steps = [query.one(session, "projects_all", COLUMNS, {"project_id": row.project_id}) for row in listed]
    rows = yield Parallel(steps, AT_ONCE)
    return ProjectRows(
        tuple(
            one if row is None else _project(row, account)
            for one, (row, _error) in zip(listed, rows, strict=True)
        )
    )


def _listed(row: dict[str, Any]) -> ProjectRow:
    return ProjectRow(text(row.get("project_id")) or "", text(row.get("title")), text(row.get("description")))


def _project(row: dict[str, Any], account: str) -> ProjectRow:
    return ProjectRow(
        row["project_id"],
        text(row["title"]),
        text(row["description"]),
        project_state(inner(row, "state")),
        parsed_time(row["created"]) if not isinstance(row["created"], datetime) else row["created"],
        parsed_time(row["last_edited"])
        if not isinstance(row["last_edited"], datetime)
        else row["last_edited"],
        bool(row["deleted"]),
        bool(inner(inner(row, "users"), account).get("hide")),
        inner(row, "run_quota") or None,
        inner(row, "settings") or None,
    )


def _account(row: dict[str, Any]) -> AccountRow:
    return AccountRow(
        text(row.get("account_id")) or "",
        text(row.get("email_address")),
        text(row.get("first_name")),
        text(row.get("last_name")),
        text(row.get("name")),
        parsed_time(row.get("created")),
        parsed_time(row.get("last_active")),
    )
