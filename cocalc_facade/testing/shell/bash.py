"""A small shell: enough of bash to run a line, none of the host's commands."""

from __future__ import annotations

import posixpath
from functools import partial

from cocalc_facade.testing.world.process import Process

from .command import Command, Leave, Streams
from .commands import archives, files, session, texts
from .commands.finding import find, xargs
from .commands.reading import source
from .line import Line
from .words import SyntaxFault


def run_command(process: Process, argv: list[str], streams: Streams) -> int:
    """Run one command of a line; an unknown one ends with 127 as in bash."""
    command = COMMANDS.get(posixpath.basename(argv[0]))
    if command is None:
        streams.complain(process, f"bash: line 1: {argv[0]}: command not found")
        return 127
    try:
        return command(process, argv[1:], streams)
    except (ArithmeticError, LookupError, ValueError):
        # Options without a value, numbers that are none, or of more digits than a program reads.
        streams.complain(process, f"{argv[0]}: invalid argument")
        return 1


def run_line(process: Process, line: str, streams: Streams | None = None) -> int:
    """Run a line as `bash -c` would; the result is its exit code."""
    streams = streams or Streams()
    outer, process.at_exit = process.at_exit, ""
    try:
        process.code = Line(line, run_command).run(process, streams)
    except Leave as left:
        process.code = left.code
    except SyntaxFault as fault:
        streams.complain(process, f"bash: -c: line 1: {fault}")
        process.code = 2
    last, process.at_exit = process.at_exit, outer
    if last:
        code = process.code
        run_line(process, last, streams)
        process.code = code
    return process.code


def bash(process: Process, args: list[str], streams: Streams) -> int:
    """Run a line (-c) or a file."""
    if len(args) >= 2 and args[0] in ("-c", "-lc"):
        return _run_shell(process, args[1], args[2:] or ["bash"], streams)
    content = source(process, args[0], streams) if args else streams.stdin
    if content is None:
        streams.complain(process, f"bash: {args[0]}: No such file or directory")
        return 127
    return _run_shell(process, content.decode("utf-8", "replace"), args or ["bash"], streams)


def _run_shell(process: Process, line: str, arguments: list[str], streams: Streams) -> int:
    """Run a line in a shell of its own, with a pid and arguments of its own, from which nothing of the outer one is changed."""
    outer = process.pid, process.arguments, process.cwd, process.env
    process.pid, process.arguments, process.env = process.fresh_pid(), arguments, dict(process.env)
    try:
        return run_line(process, line, streams)
    finally:
        process.pid, process.arguments, process.cwd, process.env = outer


def nohup(process: Process, args: list[str], streams: Streams) -> int:
    """Run a command that a hangup would not end."""
    return run_command(process, args, streams) if args else 125


def replace(process: Process, args: list[str], streams: Streams) -> int:
    """Put a command in the place of the shell: nothing of the line is run behind it, and a signal that ends it ends the shell."""
    args = args[1:] if args[:1] == ["--"] else args
    if not args:
        return 0
    raise Leave(run_command(process, args, streams))


def kind_of(process: Process, args: list[str], streams: Streams) -> int:
    """Say where the program of a command lies (-P)."""
    names = [arg for arg in args if arg not in ("-P", "--")]
    known = [name for name in names if posixpath.basename(name) in COMMANDS.keys() - BUILT_IN]
    for name in known:
        streams.write(process, f"/usr/bin/{posixpath.basename(name)}\n".encode())
    return 0 if names and known == names else 1


# What only a shell can do.
BUILT_IN = {"cd", "exec", "exit", "export", "trap", "type"}
# Every command, in the order of the alphabet.
COMMANDS: dict[str, Command] = {
    "[": session.test,
    "base64": texts.encode,
    "bash": bash,
    "cat": texts.cat,
    "cd": session.cd,
    "chmod": files.chmod,
    "date": session.date,
    "echo": texts.echo,
    "env": session.env,
    "exec": replace,
    "exit": session.leave,
    "export": session.export,
    "false": session.false,
    "find": partial(find, run_command),
    "head": texts.head,
    "id": session.identity,
    "kill": session.kill,
    "ls": files.ls,
    "mkdir": files.mkdir,
    "mv": files.mv,
    "nohup": nohup,
    "printf": texts.printf,
    "pwd": session.pwd,
    "python3": session.python,
    "rm": files.rm,
    "seq": texts.seq,
    "sh": bash,
    "sha256sum": texts.sha256sum,
    "sleep": session.sleep,
    "tail": texts.tail,
    "tar": archives.tar,
    "test": session.test,
    "touch": files.touch,
    "tr": texts.tr,
    "trap": session.trap,
    "true": session.true,
    "type": kind_of,
    "wc": texts.wc,
    "whoami": session.whoami,
    "xargs": partial(xargs, run_command),
}
