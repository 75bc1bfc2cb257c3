"""Commands on files and directories."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.world.process import Process

from .reading import encoded, unescaped


def ls(process: Process, args: list[str], streams: Streams) -> int:
    """Write the names in directories; -a shows hidden ones, -l one in a line with its size."""
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    code = 0
    names = [arg for arg in args if not arg.startswith("-")] or ["."]
    for name in names:
        path = process.files.resolve(name, process.cwd)
        if path in process.files.files:
            streams.write(process, encoded(name + "\n"))
        elif not process.files.is_directory(path):
            streams.complain(process, f"ls: cannot access '{name}': No such file or directory")
            code = 2
        else:
            for row in process.files.listing(path):
                if not str(row["name"]).startswith(".") or set(options) & set("aA"):
                    streams.write(process, encoded(_entry(row, options)))
    return code


def _entry(row: dict[str, object], options: str) -> str:
    mark = "/" if row.get("isdir") and set(options) & set("pF") else ""
    if "l" not in options:
        return f"{row['name']}{mark}\n"
    mode = "drwxr-xr-x" if row.get("isdir") else "-rw-r--r--"
    when = datetime.fromtimestamp(float(str(row["mtime"])), UTC).strftime("%b %e %H:%M")
    return f"{mode} 1 user user {row['size']} {when} {row['name']}{mark}\n"


def mkdir(process: Process, args: list[str], streams: Streams) -> int:
    """Make directories; -p also those above."""
    for name in [arg for arg in args if not arg.startswith("-")]:
        path = process.files.resolve(name, process.cwd)
        if "-p" not in args and (process.files.is_directory(path) or path in process.files.files):
            streams.complain(process, f"mkdir: cannot create directory '{name}': File exists")
            return 1
        if "-p" not in args and not process.files.is_directory(posixpath.dirname(path)):
            streams.complain(process, f"mkdir: cannot create directory '{name}': No such file or directory")
            return 1
        process.files.make_directory(path, process.now())
    return 0


def rm(process: Process, args: list[str], streams: Streams) -> int:
    """Remove files, and with -r directories."""
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    for name in [arg for arg in args if not arg.startswith("-")]:
        path = process.files.resolve(name, process.cwd)
        if process.files.is_directory(path) and "r" not in options:
            streams.complain(process, f"rm: cannot remove '{name}': Is a directory")
            return 1
        if not process.files.remove(path) and "f" not in options:
            streams.complain(process, f"rm: cannot remove '{name}': No such file or directory")
            return 1
    return 0


def touch(process: Process, args: list[str], streams: Streams) -> int:
    """Make empty files, or give them a new time."""
    for name in args:
        path = process.files.resolve(name, process.cwd)
        if not process.files.write(path, process.files.read(path) or b"", process.now()):
            streams.complain(process, f"touch: cannot touch '{name}': No such file or directory")
            return 1
    return 0


def find(process: Process, args: list[str], streams: Streams) -> int:
    """Write what lies under a path, by name or in a -printf format; -mindepth, -maxdepth, -type and -name are known."""
    start = args[0] if args and not args[0].startswith("-") else "."
    rest = args[1:] if args and start == args[0] else args
    options = dict(zip(rest[::2], rest[1::2], strict=False))
    unknown = set(options) - {"-mindepth", "-maxdepth", "-type", "-name", "-printf"}
    if unknown:
        streams.complain(process, f"find: unknown predicate `{sorted(unknown)[0]}'")
        return 1
    top = process.files.resolve(start, process.cwd)
    if top not in process.files.files and not process.files.is_directory(top):
        streams.complain(process, f"find: ‘{start}’: No such file or directory")  # noqa: RUF001 - GNU's quotes
        return 1
    if start.endswith("/") and not process.files.is_directory(top):
        streams.complain(process, f"find: ‘{start}’: Not a directory")  # noqa: RUF001 - GNU's quotes
        return 1
    low, high = int(options.get("-mindepth", 0)), int(options.get("-maxdepth", 1_000_000))
    for depth, shown, path in _walk(process, start, top, 0, high):
        kind = "d" if process.files.is_directory(path) else "f"
        name = posixpath.basename(shown.rstrip("/")) or shown
        wanted = options.get("-type", kind) == kind and fnmatch.fnmatchcase(name, options.get("-name", "*"))
        if depth >= low and wanted:
            streams.write(process, _found(process, top, path, shown, kind, options.get("-printf", "%p\\n")))
    return 0


def _walk(process: Process, shown: str, path: str, depth: int, high: int) -> Iterator[tuple[int, str, str]]:
    yield depth, shown, path
    if depth < high and process.files.is_directory(path):
        for name in process.files.names(path):
            below = posixpath.join(path, name)
            yield from _walk(process, posixpath.join(shown, name), below, depth + 1, high)


def _found(process: Process, top: str, path: str, shown: str, kind: str, form: str) -> bytes:
    file = process.files.files.get(path)
    values = {
        "y": kind,
        "Y": kind,
        "s": str(4096 if file is None else len(file.content)),
        "T@": f"{process.files.directories.get(path, 0.0) if file is None else file.mtime:.10f}",
        "P": posixpath.relpath(path, top) if path != top else "",
        "f": posixpath.basename(shown.rstrip("/")) or shown,
        "p": shown,
        "l": "",
        "%": "%",
    }
    return encoded(re.sub(r"%(T@|[yYsfpPl%])", lambda found: values[found[1]], unescaped(form)))
