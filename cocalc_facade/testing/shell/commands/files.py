"""Commands on files and directories."""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime

from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.world.files import Files
from cocalc_facade.testing.world.process import Process

from .reading import encoded


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
    files = process.files
    parents = "-p" in args
    for name in _names(args):
        path = files.resolve(name, process.cwd)
        there = files.kind(files.follow(path))
        why: str | None = None
        if there is not None:
            why = None if parents and there == "d" else "File exists"
        elif parents:
            above = posixpath.dirname(path)
            while files.kind(files.follow(above)) is None:
                above = posixpath.dirname(above)
            why = "Not a directory"
            if files.is_directory(above):
                why = None if files.modes.get(files.follow(above), 0o755) & 0o200 else "Permission denied"
        else:
            why = files.unwritable(path)
        if why is not None:
            streams.complain(process, f"mkdir: cannot create directory ‘{name}’: {why}")  # noqa: RUF001 - GNU's quotes
            return 1
        files.make_directory(files.follow(path), process.now())
    return 0


def rm(process: Process, args: list[str], streams: Streams) -> int:
    """Remove files, and with -r directories."""
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    files = process.files
    for name in _names(args):
        path = files.resolve(name, process.cwd)
        kind = files.kind(path)
        why = None
        if kind is None:
            why = None if "f" in options else "No such file or directory"
        elif kind == "d" and "r" not in options:
            why = "Is a directory"
        elif not files.modes.get(posixpath.dirname(path), 0o755) & 0o200:
            why = "Permission denied"
        if why is not None:
            streams.complain(process, f"rm: cannot remove '{name}': {why}")
            return 1
        files.remove(path)
    return 0


def mv(process: Process, args: list[str], streams: Streams) -> int:
    """Give files or directories another name, each in one step; with -T never into a directory of that name, with -t always into one."""
    if "-t" in args:
        at = args.index("-t")
        folder = args[at + 1]
        moved = [
            _moved(process, name, posixpath.join(folder, posixpath.basename(name)), streams)
            for name in _names(args[:at] + args[at + 2 :])
        ]
        return max(moved, default=1)
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    files = process.files
    name, target = _names(args)
    if "T" not in options and files.is_directory(files.resolve(target, process.cwd)):
        target = posixpath.join(target, posixpath.basename(name))
    return _moved(process, name, target, streams)


def _moved(process: Process, name: str, target: str, streams: Streams) -> int:
    files = process.files
    path, new = files.resolve(name, process.cwd), files.resolve(target, process.cwd)
    new = posixpath.join(files.follow(posixpath.dirname(new)), posixpath.basename(new))
    here, there = files.kind(path), files.kind(new)
    why = None
    if here is None:
        why = f"cannot stat '{name}': {files.absent(path)}"
    elif there == "d" and here != "d":
        why = f"cannot overwrite directory '{target}' with non-directory"
    elif there not in (None, "d") and here == "d":
        why = f"cannot overwrite non-directory '{target}' with directory"
    elif there == "d" and files.names(new):
        why = f"cannot move '{name}' to '{target}': Directory not empty"
    else:
        folders = [posixpath.dirname(path), posixpath.dirname(new)]
        if folders[1] not in files.directories:
            why = f"cannot move '{name}' to '{target}': {files.absent(new)}"
        elif not all(files.modes.get(folder, 0o755) & 0o200 for folder in folders):
            why = f"cannot move '{name}' to '{target}': Permission denied"
    if why is not None:
        streams.complain(process, f"mv: {why}")
        return 1
    if path != new:
        files.move(path, new)
    return 0


def chmod(process: Process, args: list[str], streams: Streams) -> int:
    """Give files a mode in octal, or that of another (--reference=)."""
    files = process.files
    like = next((arg.partition("=")[2] for arg in args if arg.startswith("--reference=")), None)
    names = _names(args)
    mode = int(names.pop(0), 8) if like is None else mode_of(files, files.resolve(like, process.cwd))
    for name in names:
        path = files.follow(files.resolve(name, process.cwd))
        if path in files.files:
            files.files[path].mode = mode
        elif path in files.directories:
            files.modes[path] = mode
        else:
            streams.complain(process, f"chmod: cannot access '{name}': No such file or directory")
            return 1
    return 0


def mode_of(files: Files, path: str) -> int:
    """The permissions of what lies at a path."""
    real = files.follow(path)
    return files.files[real].mode if real in files.files else files.modes.get(real, 0o755)


def _names(args: list[str]) -> list[str]:
    """The arguments that are no options."""
    if "--" in args:
        at = args.index("--")
        return [arg for arg in args[:at] if not arg.startswith("-")] + args[at + 1 :]
    return [arg for arg in args if not arg.startswith("-")]


def touch(process: Process, args: list[str], streams: Streams) -> int:
    """Make empty files, or give them a new time."""
    for name in args:
        path = process.files.resolve(name, process.cwd)
        if not process.files.write(path, process.files.read(path) or b"", process.now()):
            why = process.files.unwritable(path)
            streams.complain(process, f"touch: cannot touch '{name}': {why}")
            return 1
    return 0
