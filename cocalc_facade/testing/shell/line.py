"""One line of bash: sequences, pipelines, redirections, loops and conditions."""

from __future__ import annotations

import re
from signal import Signals

from cocalc_facade.testing.world.process import Died, Process

from .command import Command, Streams
from .commands.reading import encoded
from .expansion import expand
from .words import SyntaxFault, Token, Word, tokens


class Line:
    """One parsed line that runs on a process.

    Args:
        text: the line.
        run_command: what runs a command, its name the first of its arguments.
    """

    def __init__(self, text: str, run_command: Command) -> None:
        self._tokens = list(tokens(text))
        self._run_command = run_command
        self._at = 0

    def run(self, process: Process, streams: Streams) -> int:
        """Run everything; the result is the exit code of the last command."""
        self._sequence(process, streams, (), run=True)
        if self._at < len(self._tokens):
            raise SyntaxFault(f"syntax error near unexpected token `{self._tokens[self._at]}'")
        return process.code

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _keyword(self, at: int | None = None) -> str:
        token = self._peek() if at is None else self._tokens[at]
        return token[0][0] if isinstance(token, list) and len(token) == 1 and token[0][1] == "" else ""

    def _expect(self, keyword: str) -> None:
        if self._keyword() != keyword:
            raise SyntaxFault(f"syntax error: expected `{keyword}'")
        self._at += 1

    def _sequence(self, process: Process, streams: Streams, ends: tuple[str, ...], *, run: bool) -> None:
        active = run
        while True:
            while self._peek() == ";":
                self._at += 1
                active = run
            if self._peek() is None or self._keyword() in ends:
                return
            if active and self._goes_behind(ends):
                self._behind(process, streams)
            else:
                self._pipeline(process, streams, run=active)
            follow = self._peek()
            if follow == "&&":
                self._at, active = self._at + 1, run and active and process.code == 0
            elif follow == "||":
                self._at, active = self._at + 1, run and process.code != 0
            elif follow == "&":
                self._at, active = self._at + 1, run
            elif follow == ";":
                active = run
            else:
                return

    def _goes_behind(self, ends: tuple[str, ...]) -> bool:
        """Whether the list of commands that begins here ends in `&`."""
        depth = 0
        for at in range(self._at, len(self._tokens)):
            item, word = self._tokens[at], self._keyword(at)
            depth += (word in ("for", "if")) - (word in ("done", "fi"))
            if depth < 0 or (not depth and (item == ";" or word in ends)):
                return False
            if not depth and item == "&":
                return True
        return False

    def _behind(self, process: Process, streams: Streams) -> None:
        """Run a pipeline in the background: the shell goes on at once, and the server waits for it as long as it holds the output."""
        begun, outer = process.elapsed, process.background
        process.background = True
        self._pipeline(process, streams, run=True)
        process.background = outer
        process.elapsed, process.code = begun, 0

    def _pipeline(self, process: Process, streams: Streams, *, run: bool) -> None:
        if self._keyword() == "for":
            self._loop(process, streams, run=run)
            return
        if self._keyword() == "if":
            self._condition(process, streams, run=run)
            return
        stdin = streams.stdin
        while True:
            argv, redirects = self._simple()
            piped = self._peek() == "|"
            buffer = bytearray()
            if run:
                target = Streams(stdin, buffer if piped else streams.out, streams.err)
                process.code = self._launch(process, argv, redirects, target)
            if not piped:
                return
            self._at += 1
            stdin = bytes(buffer)

    def _simple(self) -> tuple[list[Word], list[tuple[str, Word | None]]]:
        argv: list[Word] = []
        redirects: list[tuple[str, Word | None]] = []
        while (token := self._peek()) is not None:
            if isinstance(token, list):
                argv.append(token)
                self._at += 1
            elif token in ("2>&1", "1>&2", ">&2"):
                redirects.append((token, None))
                self._at += 1
            elif token in (">", ">>", "1>", "2>", "2>>", "<", "<<"):
                self._at += 1
                target = self._peek()
                if not isinstance(target, list):
                    raise SyntaxFault("syntax error near unexpected token `newline'")
                redirects.append((token, target))
                self._at += 1
            else:
                break
        if not argv and not redirects:
            raise SyntaxFault(f"syntax error near unexpected token `{self._peek() or 'newline'}'")
        return argv, redirects

    def _loop(self, process: Process, streams: Streams, *, run: bool) -> None:
        self._at += 1
        name = self._keyword()
        self._at += 1
        self._expect("in")
        words: list[str] = []
        while isinstance(token := self._peek(), list):
            words += expand(token, process)
            self._at += 1
        while self._peek() == ";":
            self._at += 1
        self._expect("do")
        start = self._at
        values: list[str | None] = [*words] if run and words else [None]
        for value in values:
            self._at = start
            if value is not None:
                process.env[name] = value
            self._sequence(process, streams, ("done",), run=run and value is not None)
        self._expect("done")

    def _condition(self, process: Process, streams: Streams, *, run: bool) -> None:
        self._at += 1
        self._sequence(process, streams, ("then",), run=run)
        chosen = run and process.code == 0
        self._expect("then")
        self._sequence(process, streams, ("else", "fi"), run=chosen)
        if self._keyword() == "else":
            self._at += 1
            self._sequence(process, streams, ("fi",), run=run and not chosen)
        self._expect("fi")

    def _launch(
        self, process: Process, words: list[Word], redirects: list[tuple[str, Word | None]], streams: Streams
    ) -> int:
        argv = [item for word in words for item in expand(word, process)]
        saves: list[tuple[str, bytearray, bool]] = []
        for operator, word in redirects:
            if operator == "2>&1":
                streams.err = streams.out
            elif operator in ("1>&2", ">&2"):
                streams.out = streams.err
            elif operator == "<<" and word is not None:
                streams.stdin = encoded(word[0][0])
            elif word is not None:
                path = process.files.resolve((expand(word, process) or [""])[0], process.cwd)
                if operator == "<":
                    content = process.files.read(path)
                    if path == "/dev/null":
                        content = b""
                    elif process.files.is_directory(path):
                        streams.stdin, content = b"", b""  # it opens, and cannot be read
                    if content is None:
                        streams.complain(process, f"bash: {path}: {process.files.unreadable(path)}")
                        return 1
                    streams.stdin = content
                    continue
                why = None if path == "/dev/null" else process.files.unwritable(path)
                if why is not None:
                    streams.complain(process, f"bash: line 1: {path}: {why}")
                    return 1
                buffer = bytearray()
                saves.append((path, buffer, operator.endswith(">>")))
                if operator.startswith("2"):
                    streams.err = buffer
                else:
                    streams.out = buffer
        while argv and re.fullmatch(r"[A-Za-z_]\w*=.*", argv[0], re.DOTALL):
            name, _, value = argv.pop(0).partition("=")
            process.env[name] = value
        try:
            code = self._run_command(process, argv, streams) if argv else 0
            return 1 if _too_much(process, saves, streams, argv) else code
        except Died as death:
            if death.pid == process.pid:
                raise
            streams.complain(process, _obituary(process, death, " ".join(argv)))
            return 128 + death.signal
        finally:
            process.steps.append((process.elapsed, len(process.written)))
            if process.background and isinstance(streams.out, str) | isinstance(streams.err, str):
                process.held = max(process.held, process.elapsed)
            for path, buffer, append in saves:
                if path != "/dev/null":
                    process.files.write(path, bytes(buffer), process.now(), append=append)


def _too_much(
    process: Process, saves: list[tuple[str, bytearray, bool]], streams: Streams, argv: list[str]
) -> bool:
    """Whether what a command writes into files does not fit there; it says so, and what does not fit is gone."""
    for path, buffer, append in saves:
        before = process.files.read(path) if append else None
        why = process.files.unwritable(path, len(before or b"") + len(buffer))
        if path != "/dev/null" and buffer and why is not None:
            if buffer is not streams.err:
                streams.complain(process, f"{argv[0] if argv else 'bash'}: write error: {why}")
            buffer.clear()
            return True
    return False


def _obituary(process: Process, death: Died, command: str) -> str:
    """What a shell writes about a child that a signal ended."""
    said = {2: "Interrupt", 9: "Killed", 11: "Segmentation fault", 15: "Terminated"}
    names = {signal.value: signal.name for signal in Signals}
    name = said.get(death.signal, names.get(death.signal, f"Unknown signal {death.signal}"))
    return f"{process.arguments[0]}: line 1: {death.pid:5} {name:<23} {command}"
