"""Copies between projects, and what the server left out of them without a word."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from cocalc_facade._calls.cautions import depth
from cocalc_facade._calls.engine import call
from cocalc_facade._errors import CoCalcError, CoCalcWarning, CommandError, ConflictError, TimedOut
from cocalc_facade._wire.flow import Sleep

from .run import MOST_OUTPUT, PLAIN, run
from .values.checks import identifier, location, positive
from .values.shapes import an_object, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

# How many files that may be the same are compared by their checksums, and how many are named.
MOST_COMPARED = 300
MOST_NAMED = 10


def copy(
    session: Session,
    project_id: object,
    path: object,
    target_project_id: object,
    target_path: object | None,
    *,
    timeout: float,
    options: dict[str, Any],
    see: bool = True,
) -> Flow[None]:
    """Copy a file or directory to another project, wait until it is there, and see that nothing was left out, unless that is as it should be."""
    arguments = {
        "src_project_id": identifier(project_id),
        "path": location(path),
        "target_project_id": identifier(target_project_id, "target_project_id"),
        **{name: value for name, value in options.items() if value},
    }
    if target_path is not None:
        arguments["target_path"] = location(target_path, "target_path")
    session = session.for_one_job()
    deadline = min(session.now() + positive(timeout, "timeout"), session.until)
    answer = yield from call(
        session, "projects/copy-path", {**arguments, "timeout": timeout}, timeout=timeout
    )
    copy_id = text(an_object(answer, "projects/copy-path").get("copy_id"))
    pause = 1.0
    while copy_id:
        answer = yield from call(session, "projects/copy-path-status", {"copy_id": copy_id})
        status = an_object(answer, "projects/copy-path-status")
        if status.get("copy_error"):
            raise CommandError(str(status["copy_error"]), path="projects/copy-path")
        if status.get("finished"):
            break
        if session.now() + pause > deadline:
            raise TimedOut(
                f"the copy goes on after {timeout:g} s; projects.copy_path_status(copy_id={copy_id!r}) tells its end",
                path="projects/copy-path",
                maybe_executed=True,
            )
        yield Sleep(pause)
        pause = min(pause * 1.5, 5.0)
    if see and not arguments.get("overwrite_newer"):
        source = (arguments["src_project_id"], arguments["path"])
        target = (arguments["target_project_id"], arguments.get("target_path", arguments["path"]))
        yield from _see_what_was_left(session, source, target)


def _see_what_was_left(session: Session, source: tuple[str, str], target: tuple[str, str]) -> Flow[None]:
    """Raise for files that are newer in the target, which the server leaves as they are; warn where that cannot be known."""
    try:
        left, doubt = yield from _left(session, source, target)
    except CoCalcError as error:
        left, doubt = [], str(error)
    if left:
        more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
        names = ", ".join(map(repr, left[:MOST_NAMED]))
        raise ConflictError(
            f"not copied, because newer in project {target[0]}: {names}{more}",
            path="projects/copy-path",
            hint="they may be somebody's work; overwrite_newer=True overwrites them, the rest was copied",
            maybe_executed=True,
        )
    if doubt:
        warnings.warn(
            f"the copy to project {target[0]} was made, but whether files that are newer there were left out is not known: {doubt}",
            CoCalcWarning,
            stacklevel=depth(),
        )


def _left(
    session: Session, source: tuple[str, str], target: tuple[str, str]
) -> Flow[tuple[list[str], str | None]]:
    """Give the paths in the target that are newer there and hold something else, and why they may not be all."""
    here, all_here = yield from _files(session, *source)
    if not here and all_here:
        return [], None
    one = "" in here
    there, all_there = yield from _files(session, *target, nearby=one)
    if one and "" not in there:
        # A file that was copied to the name of a directory lies in it.
        here = {source[1].rpartition("/")[2]: here[""]}
    doubt = None if all_here and all_there else "the files could not all be listed"
    left: list[str] = []
    alike: list[str] = []
    for name in here.keys() & there.keys():
        (time, size), (time_there, size_there) = here[name], there[name]
        if _later(time_there, time):
            (left if size != size_there else alike).append(name)
    if len(alike) > MOST_COMPARED:
        doubt = f"{len(alike)} files of the same size are newer there"
        del alike[MOST_COMPARED:]
    if alike:
        alike.sort()
        from_here = yield from _sums(session, source, [name if not one else "" for name in alike])
        from_there = yield from _sums(session, target, alike)
        left += [
            name
            for name, mine, theirs in zip(alike, from_here, from_there, strict=True)
            if mine is None or mine != theirs
        ]
    return sorted(_below(target[1], name) for name in left), doubt


def _files(
    session: Session, project: str, path: str, *, nearby: bool = False
) -> Flow[tuple[dict[str, tuple[str, str]], bool]]:
    """Give time and size of each file below a path, by its path from there, and whether these are all."""
    target = path if path.startswith("/") else f"./{path}"
    depth_ = ["-maxdepth", "1"] if nearby else []
    command = ["find", target, *depth_, "-type", "f", "-printf", "%T@\\0%s\\0%P\\0"]
    done = yield from run(session, project, command, max_output=MOST_OUTPUT, env=PLAIN)
    values = done.stdout.split("\0")
    found = {
        values[at + 2]: (values[at], values[at + 1]) for at in range(0, len(values) - 3, 3) if values[at]
    }
    return found, not done.returncode and not done.truncated


def _sums(session: Session, where: tuple[str, str], names: list[str]) -> Flow[list[str | None]]:
    """Give a checksum for each file; None for all when one cannot be had."""
    paths = [_below(where[1], name) for name in names]
    command = ["sha256sum", "--", *(path if path.startswith("/") else f"./{path}" for path in paths)]
    done = yield from run(session, where[0], command, max_output=MOST_OUTPUT, env=PLAIN)
    # The name of a file is escaped in its line, and a backslash before the checksum says so.
    sums = [line.lstrip("\\")[:64] for line in done.stdout.splitlines()]
    return [*sums] if not done.returncode and len(sums) == len(names) else [None] * len(names)


def _later(one: str, other: str) -> bool:
    """Whether a time, in seconds as find writes it, is after another."""
    try:
        return one != other and float(one) > float(other)
    except ValueError:
        return False


def _below(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}" if name else path
