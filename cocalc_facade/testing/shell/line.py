"""A small shell: enough of bash to run a line, none of the host's commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .files import Files

OUTPUT_LIMIT = 40_000_000


class Killed(Exception):
    """The command ran out of time."""


class Leave(Exception):
    """`exit` was called."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class SyntaxFault(Exception):
    """The line is beyond this shell."""


@dataclass(slots=True)
class Process:
    """A command that runs on its own time: what it wrote, when, and how long it took."""

    files: Files
    cwd: str
    env: dict[str, str]
    started: float
    limit: float = float("inf")
    elapsed: float = 0.0
    written: list[tuple[float, str, bytes]] = field(default_factory=list)
    size: int = 0
    code: int = 0
    kill: Callable[[int], bool] | None = None

    def spend(self, seconds: float) -> None:
        """Let time pass, up to the limit at which the command is killed."""
        self.elapsed += seconds
        if self.elapsed > self.limit:
            self.elapsed = self.limit
            raise Killed

    def put(self, stream: str, data: bytes) -> None:
        """Write to `stdout` or `stderr`."""
        if not data:
            return
        self.size += len(data)
        if self.size > OUTPUT_LIMIT:
            raise Killed
        self.written.append((self.elapsed, stream, data))

    def output(self, stream: str, until: float = float("inf")) -> str:
        """What was written so far; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(data for at, name, data in self.written if name == stream and at <= until).decode(
            "utf-8", "replace"
        )

    def now(self) -> float:
        """The time on the server at which the command is."""
        return self.started + self.elapsed


# A word is a list of parts (text, quoting): "" plain, '"' in double quotes, "'" literal.
Word = list[tuple[str, str]]
Token = str | Word

OPERATORS = (
    "&&",
    "||",
    "2>&1",
    "1>&2",
    ">&2",
    "2>>",
    "2>",
    ">>",
    "1>",
    ">",
    "<",
    ";",
    "|",
    "\n",
    "&",
    "(",
    ")",
)


def tokens(line: str) -> Iterator[Token]:
    """The words and operators of a line."""
    at = 0
    while at < len(line):
        char = line[at]
        if char in " \t":
            at += 1
            continue
        if char == "#":
            at = (line.find("\n", at) + len(line) + 1) % (len(line) + 1) if "\n" in line[at:] else len(line)
            continue
        operator = next((op for op in OPERATORS if line.startswith(op, at)), None)
        if operator:
            yield ";" if operator == "\n" else operator
            at += len(operator)
            continue
        word, at = _word(line, at)
        yield word


def _word(line: str, at: int) -> tuple[Word, int]:
    word: Word = []
    plain = ""
    while at < len(line) and line[at] not in " \t\n;|&<>()":
        char = line[at]
        if char == "\\" and at + 1 < len(line):
            word.append((plain, ""))
            word.append((line[at + 1], "'"))
            plain, at = "", at + 2
        elif char in "'\"":
            end = _closing(line, at)
            word.append((plain, ""))
            word.append((line[at + 1 : end], char))
            plain, at = "", end + 1
        elif line.startswith("$((", at) or line.startswith("$(", at):
            raise SyntaxFault("command substitution is not supported by this stand-in")
        else:
            plain += char
            at += 1
    if plain or not word:
        word.append((plain, ""))
    return word, at


def _closing(line: str, at: int) -> int:
    quote, end = line[at], at + 1
    while end < len(line) and line[end] != quote:
        end += 2 if quote == '"' and line[end] == "\\" else 1
    if end >= len(line):
        raise SyntaxFault(f"unexpected EOF while looking for matching `{quote}'")
    return end


VARIABLE = re.compile(r"\$(\?|[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")


def expand(word: Word, process: Process) -> list[str]:
    """The words that a word becomes: variables filled in, unquoted ones split, patterns matched."""
    fields: list[str] = []
    current, quoted = "", any(kind for _, kind in word)
    for text, kind in word:
        if kind == "'":
            current += text
            continue
        value = VARIABLE.sub(lambda found: _variable(found[1], process), text)
        if kind == '"':
            current += re.sub(r'\\(["\\$`])', r"\1", value)
        elif value == text:
            current += value
        else:
            pieces = re.split(r"\s+", value)
            current += pieces[0]
            for piece in pieces[1:]:
                fields.append(current)
                current = piece
    if current or quoted:
        fields.append(current)
    return [name for item in fields for name in ([item] if quoted else _matches(item, process))]


def _variable(name: str, process: Process) -> str:
    return str(process.code) if name == "?" else process.env.get(name.strip("{}"), "")


def _matches(item: str, process: Process) -> list[str]:
    span = re.fullmatch(r"(.*)\{(\d+)\.\.(\d+)\}(.*)", item)
    if span:
        low, high = int(span[2]), int(span[3])
        if abs(high - low) <= 100_000:
            return [f"{span[1]}{i}{span[4]}" for i in range(low, high + 1)]
    if "/" in item or not set(item) & set("*?"):
        return [item]
    pattern = re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in item))
    return [
        name for name in process.files.names(process.cwd) if pattern.fullmatch(name) and name[0] != "."
    ] or [item]


@dataclass(slots=True)
class Streams:
    """Where a command reads from and writes to: a stream of the process, a buffer, or a file."""

    stdin: bytes = b""
    out: bytearray | str = "stdout"
    err: bytearray | str = "stderr"

    def write(self, process: Process, data: bytes) -> None:
        """Write to standard output."""
        self._put(process, self.out, data)

    def complain(self, process: Process, text: str) -> None:
        """Write a line to standard error."""
        self._put(process, self.err, text.encode() + b"\n")

    def _put(self, process: Process, target: bytearray | str, data: bytes) -> None:
        if isinstance(target, bytearray):
            target += data
            if len(target) > OUTPUT_LIMIT:
                raise Killed
        else:
            process.put(target, data)


class Line:
    """One parsed line that runs on a process."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._at = 0

    def run(self, process: Process, streams: Streams) -> int:
        """Run everything; the result is the exit code of the last command."""
        self._sequence(process, streams, (), run=True)
        if self._at < len(self._tokens):
            raise SyntaxFault(f"syntax error near unexpected token `{self._tokens[self._at]}'")
        return process.code

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _keyword(self) -> str:
        token = self._peek()
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
                process.code = _launch(process, argv, redirects, target)
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
            elif token in (">", ">>", "1>", "2>", "2>>", "<"):
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
    process: Process, words: list[Word], redirects: list[tuple[str, Word | None]], streams: Streams
) -> int:
    argv = [item for word in words for item in expand(word, process)]
    saves: list[tuple[str, bytearray, bool]] = []
    for operator, word in redirects:
        if operator == "2>&1":
            streams.err = streams.out
        elif operator in ("1>&2", ">&2"):
            streams.out = streams.err
        elif word is not None:
            path = process.files.resolve((expand(word, process) or [""])[0], process.cwd)
            if operator == "<":
                content = process.files.read(path)
                if content is None:
                    streams.complain(process, f"bash: {path}: No such file or directory")
                    return 1
                streams.stdin = content
                continue
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
        return run_command(process, argv, streams) if argv else 0
    finally:
        for path, buffer, append in saves:
            if path != "/dev/null":
                process.files.write(path, bytes(buffer), process.now(), append=append)


Command = Callable[[Process, list[str], Streams], int]
COMMANDS: dict[str, Command] = {}


def run_command(process: Process, argv: list[str], streams: Streams) -> int:
    """Run one command of a line; an unknown one ends with 127 as in bash."""
    command = COMMANDS.get(posixpath.basename(argv[0]))
    if command is None:
        streams.complain(process, f"bash: line 1: {argv[0]}: command not found")
        return 127
    return command(process, argv[1:], streams)


def run_line(process: Process, line: str, streams: Streams | None = None) -> int:
    """Run a line as `bash -c` would; the result is its exit code."""
    streams = streams or Streams()
    try:
        process.code = Line(line).run(process, streams)
    except Leave as left:
        process.code = left.code
    except SyntaxFault as fault:
        streams.complain(process, f"bash: -c: line 1: {fault}")
        process.code = 2
    return process.code
