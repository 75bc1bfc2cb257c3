"""The small things one does with files of a project: a part of one, a new folder, away with it, to another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_facade._errors import CommandError, ConfirmationRequired, ConflictError, NotFoundError
from cocalc_facade._jobs.files.one.asking import ask, bytes_of
from cocalc_facade._jobs.files.one.download import PIECE
from cocalc_facade._jobs.files.one.failures import failure
from cocalc_facade._jobs.run import PLAIN, run
from cocalc_facade._jobs.values.checks import identifier, location, refuse, truth, whole

from .one import scripts

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

NOTHING, TAKEN, NO_FILE = 11, 12, 13
LONGEST_READ = 700_000
"""Bytes that come whole, in one call."""
PARTS = "read a part of it, by offset= and length="


def read_whole(session: Session, project_id: object, path: object, *, max_size: object) -> Flow[bytes]:
    """Give the bytes of a file of at most `max_size` bytes."""
    project, name = identifier(project_id), location(path)
    most = whole(max_size, "max_size", 1, LONGEST_READ)
    data = yield from _some(session.for_one_job(), project, name, 0, most + 1)
    if len(data) > most:
        raise refuse("max_size", f"{name} has more than {most} bytes", PARTS)
    return data


def read_part(
    session: Session, project_id: object, path: object, *, offset: object, length: object, max_size: int
) -> Flow[bytes]:
    """Give the bytes of a file from `offset` on: at most `length`, or all that follow, of which there may be `max_size`."""
    project, name = identifier(project_id), location(path)
    start = whole(offset, "offset", 0)
    most = None if length is None else whole(length, "length", 0)
    limit = whole(max_size, "max_size", 1) + 1 if most is None else most
    session = session.for_one_job()
    found: list[bytes] = []
    size = 0
    while size < limit or not found:
        wanted = min(PIECE, limit - size)
        data = yield from _some(session, project, name, start + size, wanted)
        found.append(data)
        size += len(data)
        if len(data) < wanted:
            break
    if most is None and size >= limit:
        raise refuse("max_size", f"{name} has more than {max_size} bytes behind offset {start}", PARTS)
    return b"".join(found)


def _some(session: Session, project: str, name: str, start: int, length: int) -> Flow[bytes]:
    """Give some bytes of a file in one call; what is none, such as a device that never ends, is not read."""
    word = scripts.spelled(name)
    script = f"test -e {word} || exit {NOTHING}\ntest -f {word} || exit {NO_FILE}\n" + scripts.read(
        name, start, length
    )
    done = yield from ask(session, project, script, max_output=4 * length // 3 + 1_000)
    if done.returncode == NOTHING:
        raise NotFoundError(f"{name!r}: no such file", path="exec")
    if done.returncode == NO_FILE:
        raise CommandError(f"{name!r} is a folder, a FIFO or a device, and is not read", path="exec")
    if done.returncode or (done.stderr.strip() and not done.stdout):
        raise failure(done, name)
    return bytes_of(done.stdout)


def mkdir(session: Session, project_id: object, path: object) -> Flow[None]:
    """Make a folder and those above it; one that is there is left as it is."""
    project, name = identifier(project_id), location(path)
    done = yield from ask(session.for_one_job(), project, f"mkdir -p {scripts.spelled(name)}")
    if done.returncode:
        raise failure(done, name)


def delete(session: Session, project_id: object, path: object, *, confirm: object) -> Flow[None]:
    """Delete a file, a link, or a folder with all that is in it."""
    project, name = identifier(project_id), location(path)
    if name == "/":
        raise refuse("path", "must not be the whole file system")
    if not truth(confirm, "confirm"):
        raise ConfirmationRequired(
            f"this deletes {name!r} with all that is in it", hint="give confirm=True", path="exec"
        )
    word = scripts.spelled(name)
    script = f"test -e {word} || test -L {word} || exit {NOTHING}\nrm -rf {word}\n"
    done = yield from run(session.for_one_job(), project, script, env=PLAIN)
    if done.returncode == NOTHING:
        raise NotFoundError(f"{name!r}: no such file or folder", path="exec")
    if done.returncode:
        raise failure(done, name)


def move(
    session: Session, project_id: object, path: object, target: object, *, overwrite: object
) -> Flow[None]:
    """Give a file or folder another name, in one step."""
    project, name, other = identifier(project_id), location(path), location(target, "target")
    word, new = scripts.spelled(name), scripts.spelled(other)
    taken = (
        ""
        if truth(overwrite, "overwrite")
        else f"test -e {new} && exit {TAKEN}\ntest -L {new} && exit {TAKEN}\n"
    )
    folder = scripts.spelled(other.rpartition("/")[0] or "/" * other.startswith("/"))
    script = (
        f"test -e {word} || test -L {word} || exit {NOTHING}\n{taken}"
        f"mkdir -p {folder} && mv -fT {word} {new}\n"
    )
    done = yield from run(session.for_one_job(), project, script, env=PLAIN)
    if done.returncode == NOTHING:
        raise NotFoundError(f"{name!r}: no such file or folder", path="exec")
    if done.returncode == TAKEN:
        raise ConflictError(f"{other!r} is there already", path="exec", hint="overwrite=True replaces it")
    if done.returncode:
        raise failure(done, name)
