"""What a shell itself does: its variables, its working directory, its time, its jobs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from signal import Signals

from cocalc_facade.testing.shell.command import Leave, Streams
from cocalc_facade.testing.world.process import Died, Process

from .reading import encoded


def true(process: Process, args: list[str], streams: Streams) -> int:
    """Nothing, with success."""
    return 0


def false(process: Process, args: list[str], streams: Streams) -> int:
    """Nothing, without success."""
    return 1


def trap(process: Process, args: list[str], streams: Streams) -> int:
    """Let the shell outlive a TERM, or keep what is to run when it ends (EXIT); other traps do nothing."""
    process.traps = process.traps or "TERM" in args[1:]
    if len(args) == 2 and args[1] == "EXIT":
        process.at_exit = args[0]
    return 0


def leave(process: Process, args: list[str], streams: Streams) -> int:
    """End the line."""
    raise Leave(int(args[0]) & 255 if args and args[0].isdigit() else process.code)


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


def pwd(process: Process, args: list[str], streams: Streams) -> int:
    """Write the working directory."""
    streams.write(process, f"{process.cwd}\n".encode())
    return 0


def cd(process: Process, args: list[str], streams: Streams) -> int:
    """Change the working directory."""
    path = process.files.resolve(args[0] if args else "~", process.cwd)
    if not process.files.is_directory(path):
        streams.complain(process, f"bash: line 1: cd: {args[0]}: No such file or directory")
        return 1
    process.cwd = path
    return 0


def env(process: Process, args: list[str], streams: Streams) -> int:
    """Write the variables."""
    streams.write(process, encoded("".join(f"{key}={value}\n" for key, value in process.env.items())))
    return 0


def export(process: Process, args: list[str], streams: Streams) -> int:
    """Set variables."""
    for arg in args:
        name, _, value = arg.partition("=")
        process.env[name] = value
    return 0


def date(process: Process, args: list[str], streams: Streams) -> int:
    """Write the time of the stand-in's clock; `+%s` for seconds."""
    form = args[0][1:] if args and args[0].startswith("+") else "%a %b %e %H:%M:%S UTC %Y"
    moment = datetime.fromtimestamp(process.now(), UTC)
    text = str(int(process.now())) if form == "%s" else moment.strftime(form)
    streams.write(process, encoded(text + "\n"))
    return 0


def whoami(process: Process, args: list[str], streams: Streams) -> int:
    """Write the user's name."""
    streams.write(process, b"user\n")
    return 0


def identity(process: Process, args: list[str], streams: Streams) -> int:
    """Write who the user is; -u the number, -un the name."""
    shown = {"-u": "2001", "-g": "2001", "-un": "user", "-gn": "user"}
    whole = "uid=2001(user) gid=2001(user) groups=2001(user)"
    streams.write(process, encoded(shown.get(args[0] if args else "", whole) + "\n"))
    return 0


def test(process: Process, args: list[str], streams: Streams) -> int:
    """Ask whether a file (-f, -e) or directory (-d) is there, or whether texts are equal."""
    if args and args[-1] == "]":
        args = args[:-1]
    if len(args) == 2 and args[0] in ("-f", "-e", "-d", "-n", "-z", "-w", "-L"):
        files = process.files
        path = files.resolve(args[1], process.cwd)
        real = files.follow(path)
        file, directory = real in files.files, real in files.directories
        writable = files.modes.get(real, 0o755) if directory else files.files[real].mode if file else 0
        held = {
            "-f": file,
            "-d": directory,
            "-e": files.kind(real) is not None,
            "-n": bool(args[1]),
            "-z": not args[1],
            "-w": bool(writable & 0o200),
            "-L": path in files.links,
        }
        return 0 if held[args[0]] else 1
    if len(args) == 3 and args[1] in ("=", "==", "!="):
        return 0 if (args[0] == args[2]) != (args[1] == "!=") else 1
    return 2


def kill(process: Process, args: list[str], streams: Streams) -> int:
    """Signal processes: this shell, or jobs by their pid, or by the negative one of their group."""
    signal, rest = _signal_in(args)
    if signal is None:
        streams.complain(process, f"bash: line 1: kill: {args[-1]}: invalid signal specification")
        return 1
    code = 0
    for text in rest:
        if not re.fullmatch(r"-?\d+", text):
            streams.complain(process, f"bash: line 1: kill: {text}: arguments must be process or job IDs")
            code = 1
        elif int(text) == process.pid:
            if signal:
                raise Died(process.pid, signal)
        elif process.kill is None or not process.kill(int(text), signal):
            streams.complain(process, f"bash: line 1: kill: ({text}) - No such process")
            code = 1
    return code


def _signal_in(args: list[str]) -> tuple[int | None, list[str]]:
    """The signal that `kill` is told to send, None for an unknown one, and whom it shall go to."""
    if args[:1] in (["-s"], ["-n"]):
        word, rest = (args[1:2] or [""])[0], args[2:]
    elif args and re.fullmatch(r"-[A-Za-z0-9]+", args[0]):
        word, rest = args[0][1:], args[1:]
    else:
        word, rest = "TERM", args
    rest = rest[1:] if rest[:1] == ["--"] else rest
    if word.isdigit():
        return int(word) if int(word) < 65 else None, rest
    name = "SIG" + word.upper().removeprefix("SIG")
    return Signals[name].value if name in Signals.__members__ else None, rest


def python(process: Process, args: list[str], streams: Streams) -> int:
    """No Python runs here; only how a program ends is understood: by a signal that it sends itself, or with an exit code."""
    code = args[1] if args[:1] == ["-c"] and len(args) > 1 else ""
    signal = re.search(r"os\.kill\(os\.getpid\(\),\s*(\d+)\)", code)
    if signal:
        raise Died(process.fresh_pid(), int(signal[1]))
    ended = re.fullmatch(r"(?:import sys;\s*)?(?:raise SystemExit|sys\.exit)\((\d*)\)", code)
    if ended:
        return int(ended[1] or 0) & 255
    streams.complain(process, "python3: this stand-in runs no Python")
    return 1
