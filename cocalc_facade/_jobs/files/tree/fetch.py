"""A tree from a project: listed once, then its files, small ones together; each checked by its own SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from cocalc_facade._calls.transfers.routes import FILES
from cocalc_facade._errors import (
    CommandError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.files.one import scripts
from cocalc_facade._jobs.files.one.asking import ask, bytes_of
from cocalc_facade._jobs.files.one.download import bring, download_file, held
from cocalc_facade._jobs.files.one.failures import failure
from cocalc_facade._jobs.files.one.looking import Seen, look, told
from cocalc_facade._jobs.files.one.parts import Held, Part
from cocalc_facade._jobs.files.results import Meter, Transfer
from cocalc_facade._wire.flow import Offload

from .groups import ALONE, NAMES, groups, in_scripts, summed
from .landing import Entry, Landing, checksum, reason, size_of
from .names import excluded

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OF_A_FILE = (CommandError, ConflictError, NotFoundError, PermissionDeniedError)


def fetch_tree(
    session: Session, project: str, path: str, top: Path, patterns: tuple[str, ...], meter: Meter
) -> Flow[Transfer]:
    """Fetch all that is below a folder of a project."""
    room = f"{scripts.ROOM}/tree-{secrets.token_hex(12)}"
    landing = Landing(top)
    yield Offload(landing.begin)
    found = yield from _listed(session, project, path, room, landing)
    entries = landing.sift(row for row in found if not excluded(row[3].decode("utf-8", "replace"), patterns))
    files = [entry for entry in entries if entry.kind == "f"]
    meter.expect(sum(entry.size for entry in files))
    for entry in entries:
        if entry.kind == "d":
            landing.folder(entry.path)
    same = yield from _same(session, project, path, room, landing, files)
    for name in same:
        meter.add(size_of(top / name) or 0)
    left = [entry for entry in files if entry.path not in same]
    done: list[str] = []
    for group in groups(left):
        if len(group) == 1 and group[0].size > ALONE:
            names = yield from _alone(session, project, path, group, landing, meter)
        else:
            names = yield from _together(session, project, path, room, group, landing, meter)
        done += names
    sizes = {entry.path: entry.size for entry in left}
    size = sum(sizes[name] for name in done)
    links = [entry for entry in entries if entry.kind == "l"]
    same |= {entry.path: None for entry in links if landing.linked(entry)}
    made = [entry.path for entry in links if entry.path not in same and landing.link(entry)]
    landing.finish(entry for entry in entries if entry.kind == "d")
    yield from ask(session, project, scripts.remove(room))
    return Transfer((*done, *made), tuple(same), tuple(landing.refused), size)


def _listed(
    session: Session, project: str, path: str, room: str, landing: Landing
) -> Flow[list[tuple[str, int, int, bytes, bytes]]]:
    script = scripts.listing(path, room)
    done = yield from ask(session, project, script, max_output=4 * scripts.INLINE // 3 + 5_000)
    if done.returncode:
        raise failure(done, path)
    for line in done.stderr.splitlines():
        if line.startswith("find: "):
            name, _, why = line.removeprefix("find: ").rpartition(": ")
            landing.refuse(name.strip("'\u2018\u2019").removeprefix("./"), why.lower() or "it cannot be read")
    seen = told(attrs.evolve(done, stderr=""), f"{room}/list")
    data = seen.content
    if data is None:
        data = yield from held(session, project, f"{room}/list", seen, Meter(False, ""))
    return list(_rows(data))


def _rows(data: bytes) -> Iterator[tuple[str, int, int, bytes, bytes]]:
    values = data.split(b"\0")
    if len(values) % 2 == 0 or values[-1]:
        raise UnexpectedResponse("the listing of the tree is not whole", path="exec")
    for at in range(0, len(values) - 1, 2):
        try:
            kind, mode, size, name = values[at].split(b" ", 3)
            if not size.isdigit() or len(size) > 18 or len(mode) > 6:
                raise ValueError(size)
            yield kind.decode(), int(mode, 8), int(size), name, values[at + 1]
        except ValueError:
            raise UnexpectedResponse("the listing of the tree makes no sense", path="exec") from None


def _same(
    session: Session, project: str, path: str, room: str, landing: Landing, files: list[Entry]
) -> Flow[dict[str, None]]:
    """Give the files that are here already, as their checksums say: a call that goes on finds what the one before has brought."""
    alike = [entry for entry in files if size_of(landing.top / entry.path) == entry.size]
    same: dict[str, None] = {}
    for group in in_scripts(alike):
        size = sum(entry.size for entry in group)
        script = scripts.sums(path, [entry.path for entry in group], room)
        done = yield from ask(session, project, script, size=size, max_output=2 * NAMES)
        there = summed(done.stdout)
        for entry in group:
            if there.get(entry.path) is not None:
                here = yield Offload(checksum, landing.top / entry.path)
                if here == there[entry.path]:
                    same[entry.path] = None
    return same


def _together(
    session: Session, project: str, path: str, room: str, group: list[Entry], landing: Landing, meter: Meter
) -> Flow[list[str]]:
    """Fetch small files as one; those that do not come out right, for they changed meanwhile, alone."""
    size = sum(entry.size for entry in group)
    inline = size <= scripts.INLINE
    script = scripts.batch(path, [entry.path for entry in group], room, inline=inline)
    done = yield from ask(session, project, script, size=3 * size, max_output=2 * NAMES + 2 * scripts.INLINE)
    if done.returncode == scripts.NO_FOLDER:
        raise failure(done, path)
    head, _, coded = done.stdout.rpartition("\n=\n")
    sums = summed(head)
    expected = sum(entry.size for entry in group if entry.path in sums)
    pile = Held(expected)
    if inline:
        pile(bytes_of(coded.strip("\n")))
    elif expected:
        try:
            pieces = Seen(False, expected)
            yield from bring(session, project, f"{room}/all", pieces, pile, Meter(False, ""))
            if pile.size != expected:
                session.learned.closed.add(FILES)  # what it gave was another thing, such as a page
                pile.restart()
                yield from bring(session, project, f"{room}/all", pieces, pile, Meter(False, ""))
        except OF_A_FILE:
            pile.restart()
    data = memoryview(b"" if pile.overrun else pile.whole())
    names: list[str] = []
    again: list[Entry] = []
    at = 0
    for entry in group:
        if entry.path not in sums:
            again.append(entry)
            continue
        chunk = data[at : at + entry.size]
        at += entry.size
        if hashlib.sha256(chunk).hexdigest() != sums[entry.path]:
            again.append(entry)
            continue
        kept = yield Offload(_settled, entry, sums[entry.path], chunk, landing)
        meter.add(entry.size)
        if kept:
            names.append(entry.path)
    more = yield from _alone(session, project, path, again, landing, meter)
    return [*names, *more]


def _settled(entry: Entry, sha256: str, data: memoryview, landing: Landing) -> bool:
    target = landing.place_of(entry.path)
    if target is None:
        return False
    part = Part(target, sha256, entry.size)
    try:
        part.begin()
        part.restart()
        part(data)  # type: ignore[arg-type]
        if part.error is not None:
            raise part.error
        part.settle(entry.mode, safe=False)
    except OSError as error:
        landing.refuse(entry.path, reason(error))
        return False
    finally:
        part.close()
    return True


def _alone(
    session: Session, project: str, path: str, entries: list[Entry], landing: Landing, meter: Meter
) -> Flow[list[str]]:
    """Fetch files one by one, and refuse by name those that cannot be read."""
    names = []
    for entry in entries:
        target = landing.place_of(entry.path)
        if target is None:
            continue
        where = f"{path.rstrip('/')}/{entry.path}" if path else entry.path
        try:
            seen = yield from look(session, project, where)
            if seen.folder:
                landing.refuse(entry.path, "it became a folder")
                continue
            yield from download_file(session, project, where, target, meter, seen)
        except OF_A_FILE as error:
            landing.refuse(entry.path, error.message)
        except OSError as error:
            landing.refuse(entry.path, reason(error))
        else:
            names.append(entry.path)
    return names
