"""One file from a project: streamed into a part beside its place, checked, and put there in one step."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cocalc_facade._calls.retries import backoff
from cocalc_facade._calls.transfers.routes import FILES, receive
from cocalc_facade._errors import (
    CoCalcError,
    ConflictError,
    ConnectionFailed,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._wire.flow import Offload, Sleep

from . import scripts
from .asking import ask, bytes_of
from .closed import closed, note
from .failures import failure
from .looking import look
from .parts import Held, Part

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_facade._calls.session import Session
    from cocalc_facade._jobs.files.results import Meter
    from cocalc_facade._wire.flow import Flow

    from .looking import Seen

PIECE = 288_000
"""Bytes of a piece that comes by `exec`: the server's effort grows with the square."""
FEW = 1_000_000
"""Bytes; fewer are not worth a request of their own after what broke."""
LOOKS = 3


def download_file(
    session: Session, project: str, path: str, target: Path, meter: Meter, seen: Seen
) -> Flow[None]:
    """Fetch a file of a project into its place here. Raises ConflictError when it changes again and again while it is read."""
    for looks in range(1, LOOKS + 1):
        part = Part(target, seen.sha256, seen.size)
        try:
            yield Offload(part.begin)
            meter.add(part.size)
            yield from bring(session, project, path, seen, part, meter)
            if part.size == seen.size and part.checksum() == seen.sha256:
                yield Offload(part.settle, seen.mode)
                return
            meter.add(-part.size)
            part.discard()
        finally:
            part.close()
        yield Sleep(backoff(looks))
        before, seen = seen, (yield from look(session, project, path))
        if seen.folder:
            break
        if seen.sha256 == before.sha256:
            session.learned.closed.add(FILES)  # what it gave was another thing, such as a page
    raise ConflictError(f"{path!r} changed while it was read", path="exec", hint="nothing was put in place")


def held(session: Session, project: str, path: str, seen: Seen, meter: Meter) -> Flow[bytes]:
    """Give the bytes of a file that fits into memory."""
    part = Held(seen.size)
    yield from bring(session, project, path, seen, part, meter)
    if part.size != seen.size or part.checksum() != seen.sha256:
        raise ConflictError(f"{path!r} changed while it was read", path="exec")
    return part.whole()


def bring(
    session: Session, project: str, path: str, seen: Seen, part: Part | Held, meter: Meter
) -> Flow[None]:
    """Let the part have what it lacks; less, or something else, when the file changes meanwhile."""
    if seen.content is not None:
        part.restart()
        _take(part, seen.content, meter)
        return
    failures = 0
    by_route = not closed(session, FILES)
    while part.size < seen.size and not part.overrun:
        before = part.size
        try:
            if by_route and (seen.size - before > FEW or not before):
                yield from _by_route(session, project, path, part)
                meter.add(part.size - before)
                if part.size < seen.size:
                    return
            else:
                yield from _by_exec(session, project, path, seen.size, part, meter)
        except CoCalcError as error:
            _heed(part)
            if part.overrun:
                return
            meter.add(0 if not by_route else part.size - before)
            if not by_route:
                raise
            if not _broke(error):
                note(session, FILES, error)
                by_route = False
                continue
            failures = 1 if part.size > before else failures + 1
            wait = backoff(failures)
            if failures > session.options.max_retries or session.now() + wait > session.until:
                error.add_note("what came is kept: the same call goes on from there")
                raise
            yield Sleep(wait)
        _heed(part)


def _broke(error: CoCalcError) -> bool:
    """Whether the connection broke, rather than that the server refused."""
    return isinstance(error, ConnectionFailed | TimedOut) or (
        isinstance(error, UnexpectedResponse) and error.status == 200
    )


def _heed(part: Part | Held) -> None:
    if part.error is not None:
        raise part.error


def _take(part: Part | Held, data: bytes, meter: Meter) -> None:
    part(data)
    _heed(part)
    meter.add(len(data))


def _by_route(session: Session, project: str, path: str, part: Part | Held) -> Flow[None]:
    """Fetch the rest by the file route, which always gives the whole of a file: the rest is made one first."""
    left = part.expected - part.size
    if not part.size:
        yield from receive(session, project, path, part, left)
        return
    mark = hashlib.sha256(f"{path}\0{part.size}".encode()).hexdigest()[:24]
    room = f"{scripts.ROOM}/down-{mark}"
    done = yield from ask(session, project, scripts.cut(path, part.size, room), size=left)
    if done.returncode:
        raise failure(done, path)
    yield from receive(session, project, f"{room}/rest", part, left)
    yield from ask(session, project, scripts.remove(room))


def _by_exec(
    session: Session, project: str, path: str, size: int, part: Part | Held, meter: Meter
) -> Flow[None]:
    length = min(PIECE, size - part.size)
    script = scripts.read(path, part.size, length)
    done = yield from ask(session, project, script, max_output=4 * length // 3 + 1_000)
    data = bytes_of(done.stdout)
    if not data:
        if done.stderr.strip():
            raise failure(done, path)
        part.overrun = True  # it has become shorter
        return
    _take(part, data, meter)
