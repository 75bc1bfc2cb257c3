"""What is in a directory of a project: as the database remembers it, or as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._errors import CommandError, NotFoundError
from cocalc_facade._wire.flow import Emit

from . import query
from .run import MOST_OUTPUT, PLAIN, run
from .values.checks import identifier, location, refuse, whole
from .values.rows import Row, Rows
from .values.shapes import integer, objects, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

FIELDS = ["compute_server_id", "time", "missing", "error", "listing"]
FORMAT = "%y\\0%Y\\0%s\\0%T@\\0%f\\0%l\\0"
COLUMNS = 6
# What the server puts for bytes that are no UTF-8.
LOST = "\ufffd"


@attrs.frozen(repr=False)
class Entry(Row):
    """One name in a directory. `path` is that of the entry itself, relative to the project's home; `size` in bytes."""

    name: str
    path: str
    is_dir: bool
    size: int | None = None
    mtime: datetime | None = None
    is_link: bool = False
    link_target: str | None = None


@attrs.frozen(repr=False)
class DirectoryListing(Rows[Entry]):
    """The entries of one directory, `as_of` a time.

    `missing` counts the entries that the source did not tell; None: unknown, because there were too many, or because some have names that are
    not UTF-8, which the server cannot tell: such a name has U+FFFD in it and leads nowhere.
    """

    path: str
    as_of: datetime | None
    live: bool
    missing: int | None = 0

    @property
    def complete(self) -> bool:
        """Whether every entry is here."""
        return self.missing == 0

    def names(self) -> list[str]:
        """Give the names only."""
        return [entry.name for entry in self.rows]

    def _caption(self) -> str:
        left = "" if self.complete else f", {'some' if self.missing is None else self.missing} missing"
        source = (
            "live"
            if self.live
            else f"as of {self.as_of:%Y-%m-%d %H:%M} UTC"
            if self.as_of
            else "of unknown age"
        )
        return f"{self.path or '~'}: {counted(len(self.rows), 'entry', 'entries')}{left}, {source}"


def list_directory(
    session: Session, project_id: object, path: object = "", *, live: bool = True, compute_server_id: int = 0
) -> Flow[DirectoryListing]:
    """Give the entries of one directory; never an empty listing for one that is unknown."""
    project, where = identifier(project_id), location(path, empty=True)
    server = whole(compute_server_id, "compute_server_id", 0)
    if live:
        return (yield from _live(session, project, where, server))
    if where.startswith("/"):
        raise refuse(
            "path",
            f"{where!r} is absolute; the database knows paths relative to the home only",
            "leave live=False out",
        )
    # The form for many, since a development build drops fields from the other one.
    rows = yield from query.many(session, "listings", FIELDS, {"project_id": project, "path": where})
    row = next((row for row in rows if (row["compute_server_id"] or 0) == server), None)
    error = text(row["error"]) if row is not None else None
    if row is None or (not isinstance(row["listing"], list) and not error):
        raise NotFoundError(
            f"the database knows no listing of {where or 'the home directory'!r} in project {project}",
            path="user-query",
            hint="servers since May 2025 keep no listings there, and what older ones wrote grows old;"
            " live=True, the default, asks the project itself, and starts it",
        )
    if error:
        missing = "ENOENT" in error or "no such" in error.lower()
        raise (NotFoundError if missing else CommandError)(f"{where or '~'}: {error}", path="user-query")
    listing = [item for item in objects(row["listing"], "user-query") if text(item.get("name"))]
    as_of = row["time"] if isinstance(row["time"], datetime) else None
    return DirectoryListing(
        tuple(_remembered(where, item) for item in listing), where, as_of, False, integer(row["missing"]) or 0
    )


def walk(
    session: Session, project_id: object, path: object = "", *, live: bool = True, compute_server_id: int = 0
) -> Flow[None]:
    """Emit the listing of `path` and of every directory below it, each before those that it holds; links are not followed."""
    ahead = [location(path, empty=True)]
    while ahead:
        here = ahead.pop()
        try:
            listing = yield from list_directory(
                session, project_id, here, live=live, compute_server_id=compute_server_id
            )
        except NotFoundError:
            if not live or here == location(path, empty=True):
                raise
            if LOST not in here:
                continue  # removed since its parent was listed
            listing = DirectoryListing((), here, datetime.now(UTC), True, None)
        yield Emit(listing)
        ahead += [entry.path for entry in reversed(listing.rows) if entry.is_dir and not entry.is_link]


def _live(session: Session, project: str, where: str, server: int) -> Flow[DirectoryListing]:
    # The slash at the end makes find refuse what is no directory; as an argument it also survives a leading dash.
    target = f"{where.rstrip('/')}/" if where.startswith("/") else f"./{where}/".replace(".//", "./")
    command = ["find", target, "-mindepth", "1", "-maxdepth", "1", "-printf", FORMAT]
    done = yield from run(
        session,
        project,
        command,
        max_output=MOST_OUTPUT,
        compute_server_id=server or None,
        timeout=30.0,
        env=PLAIN,
    )
    if done.returncode and not done.stdout:
        words = done.stderr.strip() or f"find exited with {done.returncode}"
        there = yield from kind_of(session, project, where or ".", server)
        raise (NotFoundError if there is None else CommandError)(words, path="exec")
    entries = tuple(_found(where, done.stdout))
    told = not (done.truncated or done.returncode or done.planned)
    whole = told and not any(LOST in entry.name for entry in entries)
    return DirectoryListing(entries, where, datetime.now(UTC), True, 0 if whole else None)


def kind_of(session: Session, project: str, where: str, server: int = 0) -> Flow[str | None]:
    """Give what lies at a path, as find's letter of a type with links followed, or None for nothing."""
    target = where if where.startswith("/") else f"./{where}"
    command = ["find", target, "-maxdepth", "0", "-printf", "%Y"]
    done = yield from run(session, project, command, compute_server_id=server or None, env=PLAIN)
    return None if done.stdout in ("", "N") else done.stdout


def _found(where: str, output: str) -> Iterator[Entry]:
    values = output.split("\0")
    for start in range(0, len(values) - COLUMNS, COLUMNS):
        kind, real, size, seconds, name, link = values[start : start + COLUMNS]
        yield Entry(
            name,
            _joined(where, name),
            real == "d",
            int(size) if size.isdecimal() else None,
            _moment(seconds),
            kind == "l",
            link or None,
        )


def _remembered(where: str, item: dict[str, Any]) -> Entry:
    name = str(item["name"])
    return Entry(
        name,
        _joined(where, name),
        bool(item.get("isdir")),
        integer(item.get("size")),
        _moment(item.get("mtime")),
        bool(item.get("issymlink")),
        text(item.get("link_target")),
    )


def _joined(where: str, name: str) -> str:
    return f"{where.rstrip('/')}/{name}" if where else name


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
