"""The commands that the stand-in's projects know, each a few lines of Python."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from .shell import COMMANDS, Command, Killed, Leave, Process, Streams, run_line


def command(name: str) -> Callable[[Command], Command]:
    """Make a function known as a command."""

    def register(function: Command) -> Command:
        COMMANDS[name] = function
        return function

    return register


@command("true")
def true(process: Process, args: list[str], streams: Streams) -> int:
    """Nothing, with success."""
    return 0


@command("false")
def false(process: Process, args: list[str], streams: Streams) -> int:
    """Nothing, without success."""
    return 1


@command("exit")
def leave(process: Process, args: list[str], streams: Streams) -> int:
    """End the line."""
    raise Leave(int(args[0]) & 255 if args and args[0].isdigit() else process.code)


@command("echo")
def echo(process: Process, args: list[str], streams: Streams) -> int:
    """Write the arguments."""
    end = "\n"
    escapes = False
    while args and re.fullmatch("-[neE]+", args[0]):
        end = "" if "n" in args[0] else end
        escapes = "e" in args.pop(0)
    text = " ".join(args) + end
    streams.write(process, _encode(_unescape(text) if escapes else text))
    return 0


@command("printf")
def printf(process: Process, args: list[str], streams: Streams) -> int:
    """Write the arguments in a format with %s, %d and %%."""
    if not args:
        streams.complain(process, "printf: usage: printf [-v var] format [arguments]")
        return 2
    form, values = _unescape(args[0]), args[1:]
    while True:
        rest = list(values)

        def fill(found: re.Match[str], rest: list[str] = rest) -> str:
            if found[0] == "%%":
                return "%"
            value = rest.pop(0) if rest else ""
            return value if found[0] == "%s" else str(int(value or 0))

        text = re.sub(r"%[sd%]", fill, form)
        streams.write(process, _encode(text))
        if not rest or len(rest) == len(values):
            return 0
        values = rest


@command("sleep")
def sleep(process: Process, args: list[str], streams: Streams) -> int:
    """Let time pass."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    if not args:
        streams.complain(process, "sleep: missing operand")
        return 1
    for text in args:
        found = re.fullmatch(r"(\d+\.?\d*|\.\d+)([smhd]?)", text)
        if not found:
            streams.complain(process, f"sleep: invalid time interval '{text}'")
            return 1
        process.spend(float(found[1]) * units[found[2] or "s"])
    return 0


@command("seq")
def seq(process: Process, args: list[str], streams: Streams) -> int:
    """Count."""
    try:
        numbers = [int(text) for text in args]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3:
        streams.complain(process, "seq: invalid argument")
        return 1
    first = 1 if len(numbers) == 1 else numbers[0]
    step = numbers[1] if len(numbers) == 3 else 1
    last = numbers[-1]
    if step == 0 or abs((last - first) // step) > 5_000_000:
        raise Killed
    span = range(first, last + (1 if step > 0 else -1), step)
    streams.write(process, "".join(f"{number}\n" for number in span).encode())
    return 0


@command("pwd")
def pwd(process: Process, args: list[str], streams: Streams) -> int:
    """Write the working directory."""
    streams.write(process, f"{process.cwd}\n".encode())
    return 0


@command("cd")
def cd(process: Process, args: list[str], streams: Streams) -> int:
    """Change the working directory."""
    path = process.files.resolve(args[0] if args else "~", process.cwd)
    if not process.files.is_directory(path):
        streams.complain(process, f"bash: line 1: cd: {args[0]}: No such file or directory")
        return 1
    process.cwd = path
    return 0


@command("cat")
def cat(process: Process, args: list[str], streams: Streams) -> int:
    """Write files, or what comes in."""
    code = 0
    for name in args or ["-"]:
        content = _source(process, name, streams)
        if content is None:
            streams.complain(process, f"cat: {name}: {_trouble(process, name)}")
            code = 1
        else:
            streams.write(process, content)
    return code


@command("ls")
def ls(process: Process, args: list[str], streams: Streams) -> int:
    """Write the names in directories; -a shows hidden ones, -l one in a line with its size."""
    options = "".join(arg[1:] for arg in args if arg.startswith("-"))
    code = 0
    names = [arg for arg in args if not arg.startswith("-")] or ["."]
    for name in names:
        path = process.files.resolve(name, process.cwd)
        if path in process.files.files:
            streams.write(process, _encode(name + "\n"))
        elif not process.files.is_directory(path):
            streams.complain(process, f"ls: cannot access '{name}': No such file or directory")
            code = 2
        else:
            for row in process.files.listing(path):
                if not str(row["name"]).startswith(".") or set(options) & set("aA"):
                    streams.write(process, _encode(_entry(row, options)))
    return code


def _entry(row: dict[str, object], options: str) -> str:
    mark = "/" if row.get("isdir") and set(options) & set("pF") else ""
    if "l" not in options:
        return f"{row['name']}{mark}\n"
    mode = "drwxr-xr-x" if row.get("isdir") else "-rw-r--r--"
    when = datetime.fromtimestamp(float(str(row["mtime"])), UTC).strftime("%b %e %H:%M")
    return f"{mode} 1 user user {row['size']} {when} {row['name']}{mark}\n"


@command("mkdir")
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


@command("rm")
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


@command("touch")
def touch(process: Process, args: list[str], streams: Streams) -> int:
    """Make empty files, or give them a new time."""
    for name in args:
        path = process.files.resolve(name, process.cwd)
        if not process.files.write(path, process.files.read(path) or b"", process.now()):
            streams.complain(process, f"touch: cannot touch '{name}': No such file or directory")
            return 1
    return 0


@command("head")
def head(process: Process, args: list[str], streams: Streams) -> int:
    """Write the first lines (-n) or bytes (-c) of a file."""
    return _part(process, args, streams, first=True)


@command("tail")
def tail(process: Process, args: list[str], streams: Streams) -> int:
    """Write the last lines (-n) or bytes (-c) of a file."""
    return _part(process, args, streams, first=False)


def _part(process: Process, args: list[str], streams: Streams, *, first: bool) -> int:
    count, unit, names = 10, "n", list[str]()
    at = 0
    while at < len(args):
        found = re.fullmatch(r"-([nc]?)(\d*)", args[at])
        if found:
            unit = found[1] or "n"
            if not found[2]:
                at += 1
            count = int(found[2] or args[at])
        else:
            names.append(args[at])
        at += 1
    name = names[0] if names else "-"
    if name == "/dev/zero":
        if not first or count > 40_000_000:
            raise Killed
        streams.write(process, b"\0" * count)
        return 0
    content = _source(process, name, streams)
    if content is None:
        streams.complain(process, f"head: cannot open '{name}' for reading: {_trouble(process, name)}")
        return 1
    pieces = (
        [content[i : i + 1] for i in range(len(content))]
        if unit == "c"
        else content.splitlines(keepends=True)
    )
    streams.write(process, b"".join(pieces[:count] if first else pieces[max(0, len(pieces) - count) :]))
    return 0


@command("tr")
def tr(process: Process, args: list[str], streams: Streams) -> int:
    """Replace characters one by one."""
    old, new = (_unescape(arg).encode() for arg in [*args, "", ""][:2])
    if not old or not new:
        streams.complain(process, "tr: missing operand")
        return 1
    streams.write(
        process, streams.stdin.translate(bytes.maketrans(old, (new + new[-1:] * len(old))[: len(old)]))
    )
    return 0


@command("wc")
def wc(process: Process, args: list[str], streams: Streams) -> int:
    """Count lines (-l), words (-w) and bytes (-c)."""
    names = [arg for arg in args if not arg.startswith("-")]
    content = _source(process, names[0] if names else "-", streams)
    if content is None:
        streams.complain(process, f"wc: {names[0]}: {_trouble(process, names[0])}")
        return 1
    counts = {"l": content.count(b"\n"), "w": len(content.split()), "c": len(content)}
    wanted = "".join(arg[1:] for arg in args if arg.startswith("-")) or "lwc"
    streams.write(
        process, (" ".join([str(counts[key]) for key in "lwc" if key in wanted] + names) + "\n").encode()
    )
    return 0


@command("env")
def env(process: Process, args: list[str], streams: Streams) -> int:
    """Write the variables."""
    streams.write(process, _encode("".join(f"{key}={value}\n" for key, value in process.env.items())))
    return 0


@command("export")
def export(process: Process, args: list[str], streams: Streams) -> int:
    """Set variables."""
    for arg in args:
        name, _, value = arg.partition("=")
        process.env[name] = value
    return 0


@command("date")
def date(process: Process, args: list[str], streams: Streams) -> int:
    """Write the time of the stand-in's clock; `+%s` for seconds."""
    form = args[0][1:] if args and args[0].startswith("+") else "%a %b %e %H:%M:%S UTC %Y"
    moment = datetime.fromtimestamp(process.now(), UTC)
    text = str(int(process.now())) if form == "%s" else moment.strftime(form)
    streams.write(process, _encode(text + "\n"))
    return 0


@command("whoami")
def whoami(process: Process, args: list[str], streams: Streams) -> int:
    """Write the user's name."""
    streams.write(process, b"user\n")
    return 0


@command("test")
@command("[")
def test(process: Process, args: list[str], streams: Streams) -> int:
    """Ask whether a file (-f, -e) or directory (-d) is there, or whether texts are equal."""
    if args and args[-1] == "]":
        args = args[:-1]
    if len(args) == 2 and args[0] in ("-f", "-e", "-d", "-n", "-z"):
        path = process.files.resolve(args[1], process.cwd)
        file, directory = path in process.files.files, process.files.is_directory(path)
        held = {"-f": file, "-d": directory, "-e": file or directory, "-n": bool(args[1]), "-z": not args[1]}
        return 0 if held[args[0]] else 1
    if len(args) == 3 and args[1] in ("=", "==", "!="):
        return 0 if (args[0] == args[2]) != (args[1] == "!=") else 1
    return 2


@command("find")
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
            streams.write(process, _found(process, path, shown, kind, options.get("-printf", "%p\\n")))
    return 0


def _walk(process: Process, shown: str, path: str, depth: int, high: int) -> Iterator[tuple[int, str, str]]:
    yield depth, shown, path
    if depth < high and process.files.is_directory(path):
        for name in process.files.names(path):
            below = posixpath.join(path, name)
            yield from _walk(process, posixpath.join(shown, name), below, depth + 1, high)


def _found(process: Process, path: str, shown: str, kind: str, form: str) -> bytes:
    file = process.files.files.get(path)
    values = {
        "y": kind,
        "Y": kind,
        "s": str(4096 if file is None else len(file.content)),
        "T@": f"{process.files.directories.get(path, 0.0) if file is None else file.mtime:.10f}",
        "f": posixpath.basename(shown.rstrip("/")) or shown,
        "p": shown,
        "l": "",
        "%": "%",
    }
    return _encode(re.sub(r"%(T@|[yYsfpl%])", lambda found: values[found[1]], _unescape(form)))


@command("base64")
def encode(process: Process, args: list[str], streams: Streams) -> int:
    """Write a file in base64; -w 0 in one line."""
    width = int(args[args.index("-w") + 1]) if "-w" in args else 76
    name = args[-1] if args and args[-1] not in ("--", "0") else "-"
    content = _source(process, name, streams)
    if content is None:
        streams.complain(process, f"base64: {name}: {_trouble(process, name)}")
        return 1
    text = base64.b64encode(content).decode()
    lines = [text] if not width else [text[at : at + width] + "\n" for at in range(0, len(text), width)]
    streams.write(process, "".join(lines).encode())
    return 0


@command("sha256sum")
def sha256sum(process: Process, args: list[str], streams: Streams) -> int:
    """Write the SHA-256 of files."""
    code = 0
    for name in [arg for arg in args if arg != "--"] or ["-"]:
        content = _source(process, name, streams)
        if content is None:
            streams.complain(process, f"sha256sum: {name}: {_trouble(process, name)}")
            code = 1
        else:
            streams.write(process, f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode())
    return code


@command("kill")
def kill(process: Process, args: list[str], streams: Streams) -> int:
    """End jobs by their process id, or by the negative one of their group."""
    code = 0
    for text in [arg for arg in args if re.fullmatch(r"-?\d{3,}", arg)]:
        if process.kill is None or not process.kill(abs(int(text))):
            streams.complain(process, f"bash: line 1: kill: ({text}) - No such process")
            code = 1
    return code


@command("sh")
@command("bash")
def bash(process: Process, args: list[str], streams: Streams) -> int:
    """Run a line (-c) or a file."""
    if len(args) >= 2 and args[0] in ("-c", "-lc"):
        return run_line(process, args[1], streams)
    content = _source(process, args[0], streams) if args else streams.stdin
    if content is None:
        streams.complain(process, f"bash: {args[0]}: No such file or directory")
        return 127
    return run_line(process, content.decode("utf-8", "replace"), streams)


def _source(process: Process, name: str, streams: Streams) -> bytes | None:
    if name == "-":
        return streams.stdin
    if name == "/dev/null":
        return b""
    return process.files.read(process.files.resolve(name, process.cwd))


def _trouble(process: Process, name: str) -> str:
    directory = process.files.is_directory(process.files.resolve(name, process.cwd))
    return "Is a directory" if directory else "No such file or directory"


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _unescape(text: str) -> str:
    codes = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "e": "\x1b", "0": "\0"}
    pattern = r"\\(x[0-9a-fA-F]{1,2}|0?[0-7]{3}|[ntr\\abe0])"

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "x" or (code.isdigit() and len(code) >= 3):
            value = int(code[1:], 16) if code[0] == "x" else int(code, 8) & 255
            return bytes([value]).decode("utf-8", "surrogateescape")
        return codes[code]

    return re.sub(pattern, one, text)
