"""What `upload`, `download` and `write_bytes` do: arguments checked, a file told from a tree."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_facade._errors import ConflictError
from cocalc_facade._jobs.files.one.download import download_file
from cocalc_facade._jobs.files.one.looking import look
from cocalc_facade._jobs.files.one.sources import Bytes, File, special
from cocalc_facade._jobs.files.one.upload import upload_file
from cocalc_facade._jobs.files.results import Meter, Progress, Transfer
from cocalc_facade._jobs.values.checks import identifier, local_path, location, refuse

from .tree.fetch import fetch_tree
from .tree.send import send_tree

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow


def upload(
    session: Session, project_id: object, here: object, there: object, *, exclude: object, progress: Progress
) -> Flow[Transfer]:
    """Send a file or a tree, and give what came of it."""
    project, source, patterns = identifier(project_id), Path(local_path(here, "here")), _patterns(exclude)
    into = isinstance(there, str) and there.endswith("/")
    path = location(there, "there", empty=True)
    meter = Meter(progress, f"upload {source.name}")
    session = session.for_one_job()
    if source.is_dir():
        return (yield from send_tree(session, project, source, path, patterns, meter))
    file = File(source)
    if into or not path:
        path = location(f"{path}/{source.name}" if path else source.name, "there")
    meter.expect(file.size)
    yield from upload_file(session, project, file, path, meter)
    return Transfer((source.name,), size=file.size)


def download(
    session: Session, project_id: object, there: object, here: object, *, exclude: object, progress: Progress
) -> Flow[Transfer]:
    """Fetch a file or a tree, and give what came of it."""
    project, path = identifier(project_id), location(there, "there", empty=True)
    target, patterns = Path(local_path(here, "here")), _patterns(exclude)
    meter = Meter(progress, f"download {path or '~'}")
    session = session.for_one_job()
    seen = yield from look(session, project, path)
    if seen.planned:
        return Transfer()
    if seen.folder:
        if target.exists() and not target.is_dir():
            raise ConflictError(f"here: {target.name!r} is a file, and {path or '~'} a folder")
        return (yield from fetch_tree(session, project, path, target, patterns, meter))
    name = path.rpartition("/")[2]
    if target.is_dir():
        target = target / name
    if target.is_dir():
        raise ConflictError(f"here: {target.name!r} is a folder, and {path!r} a file")
    if (in_the_way := special(target)) is not None:
        raise ConflictError(f"here: {target.name!r} is {in_the_way}, which is not replaced")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"here: there is no folder {str(target.parent)!r}")
    meter.expect(seen.size)
    yield from download_file(session, project, path, target, meter, seen)
    return Transfer((name,), size=seen.size)


def write_bytes(session: Session, project_id: object, path: object, data: object) -> Flow[None]:
    """Put bytes at a path of a project."""
    project, name = identifier(project_id), location(path)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data: expected bytes, not {type(data).__name__}")
    yield from upload_file(session.for_one_job(), project, Bytes(bytes(data)), name, Meter(False, ""))


def _patterns(exclude: object) -> tuple[str, ...]:
    if not isinstance(exclude, Iterable):
        raise TypeError(f"exclude: expected a pattern or several, not {type(exclude).__name__}")
    patterns = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    if not all(isinstance(pattern, str) and pattern.strip("/") for pattern in patterns):
        raise refuse("exclude", "each pattern must be a text such as '*.pyc'")
    return tuple(pattern.rstrip("/") for pattern in patterns)
