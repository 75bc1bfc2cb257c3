"""Commands that find files, and run others on what they find."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cocalc_facade.testing.shell.command import Command, Streams
from cocalc_facade.testing.world.process import Process

from .files import mode_of
from .reading import encoded, unescaped

VALUED = ("-mindepth", "-maxdepth", "-type", "-name", "-size", "-mmin", "-printf")
QUOTED = "‘{}’"  # noqa: RUF001 - GNU's quotes


@dataclass(slots=True)
class Query:
    """What find is asked for: depths, tests in order, and what is done with what passes them."""

    follow: bool = False
    low: int = 0
    high: int = 1_000_000
    tests: list[tuple[str, str, bool]] = field(default_factory=list)
    form: str | None = None
    run: list[str] = field(default_factory=list)
    together: bool = False


def find(run_command: Command, process: Process, args: list[str], streams: Streams) -> int:
    """Write what lies under a path, by name or in a -printf format, or run a command on it (-exec)."""
    query = Query()
    if args[:1] == ["-L"]:
        query.follow, args = True, args[1:]
    start = args[0] if args and not args[0].startswith(("-", "!")) else "."
    fault = _read(query, args[1:] if args and start == args[0] else args)
    if fault:
        streams.complain(process, f"find: unknown predicate `{fault}'")
        return 1
    files = process.files
    top = files.resolve(start, process.cwd)
    real = files.follow(top)
    if files.kind(top) is None and files.kind(real) is None:
        streams.complain(process, f"find: {QUOTED.format(start)}: {files.absent(real)}")
        return 1
    if start.endswith("/") and not files.is_directory(top):
        streams.complain(process, f"find: {QUOTED.format(start)}: Not a directory")
        return 1
    if query.follow or start.endswith("/"):
        top = real if files.kind(real) is not None else top
    code = 0
    found: list[str] = []
    for depth, shown, path in _walk(process, start, top, 0, query.high):
        if depth < query.low or not all(_passes(process, test, shown, path) for test in query.tests):
            continue
        if query.form is not None or not query.run:
            streams.write(process, _printed(process, top, path, shown, query.form or "%p\\n"))
        if query.run and query.together:
            found.append(shown)
        elif query.run:
            run_command(process, [word.replace("{}", shown) for word in query.run], _without_input(streams))
        if not files.modes.get(path, 0o755) & 0o400:
            streams.complain(process, f"find: {QUOTED.format(shown)}: Permission denied")
            code = 1
    if found:
        code |= run_command(process, [*query.run[:-1], *found], _without_input(streams))
    return code


def _read(query: Query, words: list[str]) -> str | None:
    """Read what find is asked for; gives the first word that it does not know."""
    at, wanted = 0, True
    while at < len(words):
        word = words[at]
        if word == "!":
            wanted = False
            at += 1
            continue
        if word == "-exec":
            end = next(end for end in range(at, len(words)) if words[end] in (";", "+"))
            query.run, query.together = words[at + 1 : end], words[end] == "+"
            at = end + 1
            continue
        if word not in VALUED:
            return word
        value = words[at + 1]
        if word == "-mindepth":
            query.low = int(value)
        elif word == "-maxdepth":
            query.high = int(value)
        elif word == "-printf":
            query.form = value
        else:
            query.tests.append((word, value, wanted))
        at, wanted = at + 2, True
    return None


def _passes(process: Process, test: tuple[str, str, bool], shown: str, path: str) -> bool:
    word, value, wanted = test
    files = process.files
    file = files.files.get(path)
    if word == "-type":
        held = files.kind(path) == value
    elif word == "-name":
        held = fnmatch.fnmatchcase(posixpath.basename(shown.rstrip("/")) or shown, value)
    else:
        number = re.fullmatch(r"([-+]?)(\d+)([ck]?)", value)
        if number is None:
            raise ValueError(value)
        if word == "-size":
            unit = {"": 512, "c": 1, "k": 1024}[number[3]]
            amount = -(-(4096 if file is None else len(file.content)) // unit)
        else:
            since = files.directories.get(path, 0.0) if file is None else file.mtime
            amount = int((process.now() - since) // 60)
        limit = int(number[2])
        held = amount < limit if number[1] == "-" else amount > limit if number[1] == "+" else amount == limit
    return held == wanted


def _walk(process: Process, shown: str, path: str, depth: int, high: int) -> Iterator[tuple[int, str, str]]:
    yield depth, shown, path
    files = process.files
    if depth < high and path in files.directories and files.modes.get(path, 0o755) & 0o400:
        for name in files.names(path):
            yield from _walk(
                process, posixpath.join(shown, name), posixpath.join(path, name), depth + 1, high
            )


def _printed(process: Process, top: str, path: str, shown: str, form: str) -> bytes:
    files = process.files
    file = files.files.get(path)
    kind = files.kind(path) or "N"
    link = files.links.get(path, "")
    size = len(file.content) if file is not None else len(link) if kind == "l" else 4096 * (kind == "d")
    values = {
        "y": kind,
        "Y": (files.kind(files.follow(path)) or "N") if kind == "l" else kind,
        "s": str(size),
        "m": f"{0o777 if kind == 'l' else mode_of(files, path):o}",
        "T@": f"{files.directories.get(path, 0.0) if file is None else file.mtime:.10f}",
        "P": posixpath.relpath(path, top) if path != top else "",
        "f": posixpath.basename(shown.rstrip("/")) or shown,
        "p": shown,
        "l": link,
        "%": "%",
    }
    return encoded(re.sub(r"%(T@|[yYsmfpPl%])", lambda found: values[found[1]], unescaped(form)))


def xargs(run_command: Command, process: Process, args: list[str], streams: Streams) -> int:
    """Run a command with what comes in behind its arguments; -0 for names that end with a NUL, -r to do nothing without names."""
    ends, rest, always = None, list(args), True
    while rest and rest[0] in ("-0", "-r"):
        option = rest.pop(0)
        ends = b"\0" if option == "-0" else ends
        always = always and option != "-r"
    names = [name.decode("utf-8", "surrogateescape") for name in streams.stdin.split(ends) if name]
    if not names and not always:
        return 0
    return 123 if run_command(process, [*rest, *names], _without_input(streams)) else 0


def _without_input(streams: Streams) -> Streams:
    return Streams(b"", streams.out, streams.err)
