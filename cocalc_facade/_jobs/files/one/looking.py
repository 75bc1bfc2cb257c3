"""What lies at a path of a project, asked before anything of it is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from cocalc_facade._errors import CommandError, NotFoundError, UnexpectedResponse

from . import scripts
from .asking import ask, bytes_of
from .failures import failure

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._jobs.values.commands import CompletedCommand
    from cocalc_facade._wire.flow import Flow

KINDS = {"p": "a FIFO", "s": "a socket", "b": "a device", "c": "a device", "l": "a link that leads nowhere"}
ROOM = 4 * scripts.INLINE // 3 + 5_000


@attrs.frozen
class Seen:
    """A file or a folder: for a file its size, mode and SHA-256, and its bytes when they are few."""

    folder: bool
    size: int = 0
    mode: int = 0o644
    sha256: str = ""
    content: bytes | None = None
    planned: bool = False
    """Whether nothing was asked, because the client is in a dry run."""


def look(session: Session, project: str, path: str) -> Flow[Seen]:
    """See what is at a path, links followed. Raises NotFoundError for nothing, CommandError for what is neither file nor folder."""
    done = yield from ask(session, project, scripts.look(path), max_output=ROOM)
    if done.planned:
        return Seen(False, planned=True)
    seen = told(done, path)
    if not seen.folder and not seen.sha256:
        done = yield from ask(session, project, scripts.checksum(path), size=max(seen.size, 1 << 29))
        if done.returncode:
            raise failure(done, path)
        seen = attrs.evolve(seen, sha256=done.stdout[:64])
    return seen


def told(done: CompletedCommand, path: str) -> Seen:
    """Read what `scripts.look` told."""
    head, mark, coded = done.stdout.rpartition("\n=\n")
    facts, _, summed = (head if mark else done.stdout).strip("\n").partition("\n")
    words = facts.split(" ")
    if done.returncode or len(words) != 4:
        raise failure(done, path)
    kind, size, mode, _ = words
    if kind == "d":
        return Seen(True)
    if kind == "l":
        raise NotFoundError(f"{path!r} is {KINDS['l']}", path="exec")
    if kind != "f":
        raise CommandError(f"{path!r} is {KINDS.get(kind, 'no file')}, and is not read", path="exec")
    sha256 = summed.lstrip("\\")[:64]
    if not (size.isdecimal() and _octal(mode)) or not (sha256 == "" or _is_sum(sha256)):
        raise UnexpectedResponse(f"{path!r}: what the project says of it makes no sense", path="exec")
    if not sha256 and done.stderr.strip():
        raise failure(done, path)
    content = bytes_of(coded) if sha256 and int(size) <= scripts.INLINE else None
    return Seen(False, int(size), int(mode, 8), sha256, content)


def _octal(text: str) -> bool:
    return 0 < len(text) <= 5 and set(text) <= set("01234567")


def _is_sum(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
