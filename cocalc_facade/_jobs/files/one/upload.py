"""One file to a project: its pieces into a room of their own, then together, checked, and into its place in one step."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cocalc_facade._calls.transfers.routes import UPLOAD, put
from cocalc_facade._errors import CoCalcError, NotFoundError, TransportError, UnexpectedResponse
from cocalc_facade._wire.flow import Offload, Sleep

from . import scripts
from .asking import ask
from .closed import closed, note
from .failures import failure

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._jobs.files.results import Meter
    from cocalc_facade._jobs.values.commands import CompletedCommand
    from cocalc_facade._wire.flow import Flow

    from .sources import Source

AT_ONCE = 384_000
"""Bytes that go with the script that puts them in place, in one call of at most 1 MB."""
PIECE = 8 * 1024 * 1024
"""Bytes of a piece that goes by the upload route."""
PIECE_BY_EXEC = 288_000
"""Bytes of a piece that goes by `exec`: smaller ones pay for the call, larger ones for the server's copying."""
TRIES = 3
FAILED = 500


def upload_file(session: Session, project: str, source: Source, path: str, meter: Meter) -> Flow[None]:
    """Put a file at a path of the project."""
    sha256 = yield Offload(source.checksum)
    if source.size <= AT_ONCE:
        data = yield Offload(source.piece, 0, source.size)
        source.check()
        done = yield from ask(session, project, scripts.put(path, data, sha256, source.mode))
        _left(done, path)
        meter.add(source.size)
        return
    room = yield from _sent(session, project, source, sha256, path, meter)
    yield from ask(session, project, scripts.remove(room))


def _sent(session: Session, project: str, source: Source, sha256: str, path: str, meter: Meter) -> Flow[str]:
    """Send the pieces that are not there yet and put them together; gives the room, to be cleared."""
    tries = 0
    while True:
        tries += 1
        room = yield from _brought(session, project, source, sha256, path, meter)
        done = yield from ask(
            session, project, scripts.place(path, room, sha256, source.mode), size=3 * source.size
        )
        if not done.returncode:
            _left(done, path)
            return room
        source.check()
        there = yield from ask(session, project, scripts.checksum(path), size=source.size)
        if there.stdout[:64] == sha256:
            return room  # a script whose answer was lost has put it there
        if tries == TRIES or not _may_be_late(done, path):
            raise failure(done, path)
        yield from _later(session, project, room, tries, done)


def _may_be_late(done: CompletedCommand, path: str) -> bool:
    """Whether pieces are not what they should be: an uploaded file is renamed a moment after the answer."""
    late = done.returncode == scripts.NOT_WRITTEN and isinstance(failure(done, path), NotFoundError)
    return late or done.returncode == scripts.DIFFERS


def _later(session: Session, project: str, room: str, tries: int, done: CompletedCommand) -> Flow[None]:
    """Wait for pieces that are late; those that are wrong a second time are sent anew."""
    yield Sleep(float(tries))
    if tries > 1 and done.returncode == scripts.DIFFERS:
        yield from ask(session, project, scripts.remove(room))


class _Closed(Exception):
    """The server does not take files by its route."""


def _brought(
    session: Session, project: str, source: Source, sha256: str, path: str, meter: Meter
) -> Flow[str]:
    """Send the pieces by the best way that the server has; gives the room."""
    if not closed(session, UPLOAD):
        try:
            return (yield from _bring(session, project, source, sha256, path, PIECE, meter))
        except _Closed:
            yield from ask(session, project, scripts.remove(_room(sha256, path, PIECE)))
    return (yield from _bring(session, project, source, sha256, path, PIECE_BY_EXEC, meter))


def _room(sha256: str, path: str, size: int) -> str:
    """Give where pieces of a size wait: a second call for the same content and place finds them there."""
    mark = hashlib.sha256(f"{sha256}\0{path}\0{size}".encode()).hexdigest()[:24]
    return f"{scripts.ROOM}/up-{mark}"


def _bring(
    session: Session, project: str, source: Source, sha256: str, path: str, size: int, meter: Meter
) -> Flow[str]:
    """Send the pieces of `size` bytes that are not in the room yet; gives the room."""
    room = _room(sha256, path, size)
    done = yield from ask(session, project, scripts.begin(path, room), max_output=900_000)
    if done.returncode:
        raise failure(done, path)
    here = {
        (name, int(number)) for name, number in re.findall(r"^(p\d{6}) (\d+)$", done.stdout, re.MULTILINE)
    }
    for number, start in enumerate(range(0, source.size, size)):
        name = f"p{number:06}"
        length = min(size, source.size - start)
        if (name, length) not in here:
            data = yield Offload(source.piece, start, length)
            if len(data) < length:
                source.check()
            if size > PIECE_BY_EXEC:
                yield from _by_route(session, project, room, name, data, path, meter, start)
            else:
                yield from _by_exec(session, project, room, name, data, path)
        meter.add(length)
    return room


def _by_route(
    session: Session, project: str, room: str, name: str, data: bytes, path: str, meter: Meter, sent: int
) -> Flow[None]:
    refused = yield from _refused(session, project, room, name, data)
    if refused is not None:
        note(session, UPLOAD, refused)
    if refused is not None and refused.status == FAILED:
        # It says so to everything; a full disk is told by the project itself, and what was the matter of a moment is over.
        done = yield from ask(session, project, scripts.probe(room, len(data)), size=len(data))
        if done.returncode:
            raise failure(done, path)
        refused = yield from _refused(session, project, room, name, data)
    if refused is not None:
        meter.add(-sent)
        raise _Closed from refused


def _refused(session: Session, project: str, room: str, name: str, data: bytes) -> Flow[CoCalcError | None]:
    """Send one piece by the site's route, and give what its answer refuses it with."""
    try:
        yield from put(session, project, room, name, data)
    except TransportError:
        raise
    except CoCalcError as error:
        return error
    return None


def _by_exec(session: Session, project: str, room: str, name: str, data: bytes, path: str) -> Flow[None]:
    """Send one piece within a script."""
    done = yield from ask(session, project, scripts.piece(room, name, data))
    if done.returncode:
        raise failure(done, path)


def send_archive(session: Session, project: str, archive: Source, path: str, meter: Meter) -> Flow[list[str]]:
    """Unpack an archive into a folder of the project; gives the names that could not be put in place."""
    sha256 = yield Offload(archive.checksum)
    inside = f"{path.rstrip('/')}/.cocalc" if path else ".cocalc"
    tries = 0
    while True:
        tries += 1
        if archive.size <= AT_ONCE:
            room = f"{scripts.ROOM}/up-{sha256[:24]}"
            data = yield Offload(archive.piece, 0, archive.size)
            first = f"mkdir -p {room} || exit {scripts.NO_FOLDER}\n{scripts.piece(room, 'p000000', data)}"
        else:
            room = yield from _brought(session, project, archive, sha256, inside, meter)
            first = ""
        script = f"{first}{scripts.unpack(path, room, sha256)}"
        done = yield from ask(session, project, script, size=3 * archive.size, max_output=900_000)
        if tries == TRIES or not _may_be_late(done, path):
            break
        yield from _later(session, project, room, tries, done)
    left = _left(done, path or ".")
    yield from ask(session, project, scripts.remove(room))
    return [name for name in left.split("\0") if name]


def _left(done: CompletedCommand, path: str) -> str:
    """Give what a script told before it said that all is in its place; raises when it did not say so."""
    if done.returncode:
        raise failure(done, path)
    told, said, rest = done.stdout.rpartition(scripts.PLACED)
    if not done.planned and not (said and not rest.strip()):
        raise UnexpectedResponse(f"{path!r}: the project does not say that it is in its place", path="exec")
    return told
