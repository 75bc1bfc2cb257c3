"""A tree to a project: what is there already is left as it is, small files go as archives, large ones alone."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_facade._errors import (
    CommandError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
)
from cocalc_facade._jobs.files.one import scripts
from cocalc_facade._jobs.files.one.asking import ask
from cocalc_facade._jobs.files.one.sources import File, Spool, kind_of, mode_of
from cocalc_facade._jobs.files.one.upload import send_archive, upload_file
from cocalc_facade._jobs.files.results import Meter, Refused, Transfer
from cocalc_facade._wire.flow import Offload

from .groups import ALONE, NAMES, groups, in_scripts, summed
from .landing import Entry, checksum, reason
from .names import excluded, fault_of, link_fault, shown

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OF_A_FILE = (CommandError, ConflictError, InvalidRequestError, NotFoundError, PermissionDeniedError)


def send_tree(
    session: Session, project: str, top: Path, path: str, patterns: tuple[str, ...], meter: Meter
) -> Flow[Transfer]:
    """Send all that is below a folder of this machine."""
    refused: list[Refused] = []
    entries = yield Offload(_walked, top, patterns, refused)
    files = [entry for entry in entries if entry.kind == "f"]
    meter.expect(sum(entry.size for entry in files))
    same = yield from _same(session, project, path, top, files)
    left = [entry for entry in files if entry.path not in same]
    meter.add(sum(entry.size for entry in files if entry.path in same))
    first = [entry for entry in entries if entry.kind in "dl"]
    sent: list[str] = []
    for group in [*([first] if first else []), *groups(left)]:
        if len(group) == 1 and group[0].size > ALONE:
            names = yield from _alone(session, project, group[0], top, path, meter, refused)
        else:
            names = yield from _together(session, project, group, top, path, meter, refused)
        sent += names
    folders = {entry.path for entry in first if entry.kind == "d"}
    sizes = {entry.path: entry.size for entry in left}
    size = sum(sizes.get(name, 0) for name in sent)
    return Transfer(tuple(name for name in sent if name not in folders), tuple(same), tuple(refused), size)


def _walked(top: Path, patterns: tuple[str, ...], refused: list[Refused]) -> list[Entry]:
    return list(_walk(top, b"", patterns, refused))


def _walk(top: Path, below: bytes, patterns: tuple[str, ...], refused: list[Refused]) -> Iterator[Entry]:
    """Give what is below a folder, links as they are; folders before what is in them."""
    folder = os.fsencode(top) + os.fsencode(os.sep) + below
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except OSError as error:
        refused.append(Refused(shown(below), (error.strerror or "it cannot be read").lower()))
        return
    for item in items:
        name = below + b"/" + item.name if below else item.name
        plain = name if os.sep == "/" else name.replace(os.fsencode(os.sep), b"/")
        path, fault = shown(plain), fault_of(plain)
        if excluded(path, patterns):
            continue
        info = item.stat(follow_symlinks=False)
        if fault is None and item.is_symlink():
            link = os.fsencode(Path(os.fsdecode(item.path)).readlink())
            fault = link_fault(path, link)
            if fault is None:
                yield Entry(path, "l", 0o777, 0, link)
                continue
        elif fault is None and item.is_dir(follow_symlinks=False):
            yield Entry(path, "d", mode_of(info) | 0o700 if os.name != "nt" else 0o755, 0)
            yield from _walk(top, name, patterns, refused)
            continue
        elif fault is None and item.is_file(follow_symlinks=False):
            yield Entry(path, "f", mode_of(info), info.st_size)
            continue
        refused.append(Refused(path, fault or f"it is {kind_of(info.st_mode)}"))


def _same(session: Session, project: str, path: str, top: Path, files: list[Entry]) -> Flow[dict[str, None]]:
    """Give the files that the project has already, as their checksums say."""
    same: dict[str, None] = {}
    room = f"{scripts.ROOM}/names-{os.urandom(12).hex()}"
    for group in in_scripts(files):
        script = scripts.sums(path, [entry.path for entry in group], room)
        size = sum(entry.size for entry in group)
        done = yield from ask(session, project, script, size=size, max_output=2 * NAMES)
        there = summed(done.stdout)
        for entry in group:
            if entry.path in there:
                here = yield Offload(checksum, top / entry.path)
                if here == there[entry.path]:
                    same[entry.path] = None
    return same


def _together(
    session: Session,
    project: str,
    group: list[Entry],
    top: Path,
    path: str,
    meter: Meter,
    refused: list[Refused],
) -> Flow[list[str]]:
    archive = Spool()
    try:
        packed = yield Offload(_packed, archive, group, top, refused)
        if not packed:
            return []
        left = yield from send_archive(session, project, archive, path, Meter(False, ""))
    finally:
        archive.file.close()
    meter.add(sum(entry.size for entry in group))
    refused += [Refused(name, "something else is in its place in the project") for name in left]
    return [name for name in packed if name not in set(left)]


def _packed(archive: Spool, group: list[Entry], top: Path, refused: list[Refused]) -> list[str]:
    """Put files, folders and links into an archive; gives the names of those that are in it."""
    names = []
    with tarfile.open(fileobj=archive.file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in group:
            info = tarfile.TarInfo(entry.path)
            info.mode = entry.mode
            data = b""
            if entry.kind == "d":
                info.type = tarfile.DIRTYPE
            elif entry.kind == "l":
                info.type, info.linkname = tarfile.SYMTYPE, entry.link.decode()
            else:
                try:
                    source = File(top / entry.path)
                    data = source.piece(0, source.size)
                    info.mtime = int((top / entry.path).stat().st_mtime)
                    source.check()
                except (OSError, ConflictError, InvalidRequestError) as error:
                    refused.append(Refused(entry.path, _why(error)))
                    continue
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            names.append(entry.path)
    archive.size = archive.file.seek(0, os.SEEK_END)
    return names


def _alone(
    session: Session,
    project: str,
    entry: Entry,
    top: Path,
    path: str,
    meter: Meter,
    refused: list[Refused],
) -> Flow[list[str]]:
    there = f"{path.rstrip('/')}/{entry.path}" if path else entry.path
    try:
        yield from upload_file(session, project, File(top / entry.path), there, meter)
    except (*OF_A_FILE, OSError) as error:
        refused.append(Refused(entry.path, _why(error)))
        return []
    return [entry.path]


def _why(error: Exception) -> str:
    return error.message if isinstance(error, OF_A_FILE) else reason(error)
