"""Commands that write, count and change text."""

from __future__ import annotations

import base64
import hashlib
import re

from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.world.process import Killed, Process

from .reading import encoded, source, trouble, unescaped


def echo(process: Process, args: list[str], streams: Streams) -> int:
    """Write the arguments."""
    end = "\n"
    escapes = False
    while args and re.fullmatch("-[neE]+", args[0]):
        end = "" if "n" in args[0] else end
        escapes = "e" in args.pop(0)
    text = " ".join(args) + end
    streams.write(process, encoded(unescaped(text) if escapes else text))
    return 0


def printf(process: Process, args: list[str], streams: Streams) -> int:
    """Write the arguments in a format with %s, %d and %%."""
    if not args:
        streams.complain(process, "printf: usage: printf [-v var] format [arguments]")
        return 2
    form, values = unescaped(args[0]), args[1:]
    while True:
        rest = list(values)

        def fill(found: re.Match[str], rest: list[str] = rest) -> str:
            if found[0] == "%%":
                return "%"
            value = rest.pop(0) if rest else ""
            return value if found[0] == "%s" else str(int(value or 0))

        text = re.sub(r"%[sd%]", fill, form)
        streams.write(process, encoded(text))
        if not rest or len(rest) == len(values):
            return 0
        values = rest


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


def cat(process: Process, args: list[str], streams: Streams) -> int:
    """Write files, or what comes in."""
    code = 0
    for name in args or ["-"]:
        content = source(process, name, streams)
        if content is None:
            streams.complain(process, f"cat: {name}: {trouble(process, name)}")
            code = 1
        else:
            streams.write(process, content)
    return code


def head(process: Process, args: list[str], streams: Streams) -> int:
    """Write the first lines (-n) or bytes (-c) of a file."""
    return _part(process, args, streams, first=True)


def tail(process: Process, args: list[str], streams: Streams) -> int:
    """Write the last lines (-n) or bytes (-c) of a file."""
    return _part(process, args, streams, first=False)


def _part(process: Process, args: list[str], streams: Streams, *, first: bool) -> int:
    count, unit, names, onward = 10, "n", list[str](), False
    at = 0
    while at < len(args):
        found = re.fullmatch(r"-([nc]?)(\+?\d*)", args[at])
        if found:
            unit = found[1] or "n"
            if not found[2]:
                at += 1
            word = found[2] or args[at]
            count, onward = int(word), not first and word.startswith("+")
        else:
            names.append(args[at])
        at += 1
    name = names[0] if names else "-"
    if name == "/dev/zero":
        if not first or count > 40_000_000:
            raise Killed
        streams.write(process, b"\0" * count)
        return 0
    content = source(process, name, streams)
    if content is None:
        streams.complain(process, f"head: cannot open '{name}' for reading: {trouble(process, name)}")
        return 1
    pieces = content if unit == "c" else content.splitlines(keepends=True)
    kept = (
        pieces[:count]
        if first
        else pieces[max(0, count - 1) :]
        if onward
        else pieces[max(0, len(pieces) - count) :]
    )
    streams.write(process, kept if isinstance(kept, bytes) else b"".join(kept))
    return 0


def tr(process: Process, args: list[str], streams: Streams) -> int:
    """Replace characters one by one."""
    old, new = (unescaped(arg).encode() for arg in [*args, "", ""][:2])
    if not old or not new:
        streams.complain(process, "tr: missing operand")
        return 1
    streams.write(
        process, streams.stdin.translate(bytes.maketrans(old, (new + new[-1:] * len(old))[: len(old)]))
    )
    return 0


def wc(process: Process, args: list[str], streams: Streams) -> int:
    """Count lines (-l), words (-w) and bytes (-c)."""
    names = [arg for arg in args if not arg.startswith("-")]
    content = source(process, names[0] if names else "-", streams)
    if content is None:
        streams.complain(process, f"wc: {names[0]}: {trouble(process, names[0])}")
        return 1
    counts = {"l": content.count(b"\n"), "w": len(content.split()), "c": len(content)}
    wanted = "".join(arg[1:] for arg in args if arg.startswith("-")) or "lwc"
    streams.write(
        process, (" ".join([str(counts[key]) for key in "lwc" if key in wanted] + names) + "\n").encode()
    )
    return 0


def encode(process: Process, args: list[str], streams: Streams) -> int:
    """Write a file in base64; -w 0 in one line, -d the other way."""
    if "-d" in args:
        try:
            streams.write(process, base64.b64decode(streams.stdin, validate=False))
        except ValueError:
            streams.complain(process, "base64: invalid input")
            return 1
        return 0
    args = [part for arg in args for part in (["-w", arg[2:]] if re.fullmatch(r"-w\d+", arg) else [arg])]
    width = int(args[args.index("-w") + 1]) if "-w" in args else 76
    plain = args[: args.index("-w")] + args[args.index("-w") + 2 :] if "-w" in args else args
    name = plain[-1] if plain and plain[-1] != "--" else "-"
    content = source(process, name, streams)
    if content is None:
        streams.complain(process, f"base64: {name}: {trouble(process, name)}")
        return 1
    text = base64.b64encode(content).decode()
    lines = [text] if not width else [text[at : at + width] + "\n" for at in range(0, len(text), width)]
    streams.write(process, "".join(lines).encode())
    return 0


def sha256sum(process: Process, args: list[str], streams: Streams) -> int:
    """Write the SHA-256 of files, with -z a NUL behind each; -c compares with what such lines say, --status without a word."""
    code = 0
    names = [arg for arg in args if arg not in ("--", "-z", "-c", "--status")]
    if "-c" in args:
        return _compared(process, names, streams, quiet="--status" in args)
    for name in names or ["-"]:
        content = source(process, name, streams)
        if content is None:
            streams.complain(process, f"sha256sum: {name}: {trouble(process, name)}")
            code = 1
        else:
            end, mark, shown = "\n", "", name
            if "-z" in args:
                end = "\0"
            elif "\n" in name or "\\" in name:
                mark, shown = "\\", name.replace("\\", "\\\\").replace("\n", "\\n")
            line = f"{mark}{hashlib.sha256(content).hexdigest()}  {shown}{end}"
            streams.write(process, encoded(line))
    return code


def _compared(process: Process, names: list[str], streams: Streams, *, quiet: bool) -> int:
    lines = (source(process, names[0] if names else "-", streams) or b"").decode("utf-8", "surrogateescape")
    code = 0
    for line in lines.splitlines():
        content = source(process, line[66:], streams)
        right = content is not None and hashlib.sha256(content).hexdigest() == line[:64]
        code |= not right
        if not quiet:
            streams.write(process, encoded(f"{line[66:]}: {'OK' if right else 'FAILED'}\n"))
    return code
