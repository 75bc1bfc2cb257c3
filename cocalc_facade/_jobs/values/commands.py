"""What came of a command: its exit code and output, taken out of the server's answer, or the reason why it did not run."""

from __future__ import annotations

import json
import shlex
from typing import Any

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import CommandError, UnexpectedResponse, printable
from cocalc_facade._json.records import Record

from .shapes import an_object, integer, number, text

# A list of words is started by a shell that only waits: the server gives exit code 0 for a process that died by a signal, and a shell 128 and the
# signal. `exec` keeps the shell's own commands out. The trap lets that shell outlive a TERM to the whole group, and say how the command ended.
SHELL = (
    'trap : TERM; if type -P -- "$1" >/dev/null; then bash -c \'exec -- "$@"\' "$0" "$@"; exit $?; fi; '
    'printf "%s" "$0: no such command" >&2; exit 127'
)
NAME = "cocalc-facade"
BEGINNING = 60
MOST_SHOWN = 10_000
"""Characters of output that a line, and a page or terminal, show."""
MISSING = f"{NAME}: no such command"
NOT_FOUND = 127


def through_a_shell(args: tuple[str, ...]) -> dict[str, Any]:
    """Give the request that runs a list of words with its arguments as they are, and tells a death by signal."""
    return {"command": "bash", "args": ["-c", SHELL, NAME, *args]}


@attrs.frozen(repr=False)
class CompletedCommand(Record):
    """A command that ended, in the manner of `subprocess.CompletedProcess`.

    `returncode` is that of a shell: 128 and the signal, 137 for SIGKILL, for a list of words that a signal ended.
    `truncated` says that output beyond `max_output` was dropped; `seconds` and `job_id` are known for commands that ran as a job. `planned` says that
    nothing ran, because the client is in a dry run.
    """

    args: str | tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    truncated: bool = False
    seconds: float | None = None
    job_id: str | None = None
    planned: bool = False

    def check_returncode(self) -> None:
        """Raise CommandError unless the command exited with 0."""
        if self.returncode:
            words = self.stderr.strip().splitlines() or self.stdout.strip().splitlines()
            detail = f": {words[-1][:200]}" if words else ""
            raise CommandError(
                f"{shown(self.args)!r} exited with {self.returncode}{detail}",
                path="exec",
                exit_code=self.returncode,
                stderr=self.stderr,
                maybe_executed=True,
            )

    def __repr__(self) -> str:
        """Give one line; it shows the beginning of the output."""
        told = [f"{name}={_begun(part)!r}" for name, part in self._streams() if part]
        said = [f"returncode={self.returncode}", *told, *(["truncated"] if self.truncated else [])]
        return f"<CompletedCommand {shown(self.args)!r} {', '.join(said)}>"

    def __str__(self) -> str:
        """Give the output, then what was written to stderr, and what one should know besides; of very long output both ends."""
        parts = [_ends(part) for _, part in self._streams() if part]
        return "\n".join([*(part.removesuffix("\n") for part in parts), *self._remarks()])

    def _streams(self) -> tuple[tuple[str, str], ...]:
        return ("stdout", self.stdout), ("stderr", self.stderr)

    def _remarks(self) -> list[str]:
        said = []
        if self.truncated:
            said.append("[further output was dropped: max_output]")
        if self.returncode:
            said.append(f"[exit code {self.returncode}]")
        return said if said or self.stdout or self.stderr else ["[no output]"]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from html import escape

        style = "font-family: monospace; margin: 0"
        styles = (style, f"{style}; color: #b00020")
        streams = zip(self._streams(), styles, strict=True)
        parts = [
            f'<pre style="{style}">{escape(_ends(printable(part)))}</pre>'
            for (_, part), style in streams
            if part
        ]
        return "".join([*parts, *(f"<small>{escape(remark)}</small>" for remark in self._remarks())])


def _begun(output: str) -> str:
    return output if len(output) <= BEGINNING else f"{output[: BEGINNING - 1]}…"


def _ends(output: str) -> str:
    """Give output of a bounded length: of more than that, both ends, and how much is between them."""
    if len(output) <= MOST_SHOWN:
        return output
    half = MOST_SHOWN // 2
    left_out = counted(len(output) - 2 * half, "character")
    return f"{output[:half]}\n… [{left_out} left out] …\n{output[-half:]}"


def shown(args: str | tuple[str, ...]) -> str:
    """Give a command as one would type it, at most 100 characters."""
    line = args if isinstance(args, str) else shlex.join(args)
    return line if len(line) <= 100 else line[:97] + "..."


def completed(answer: Any, args: str | tuple[str, ...], limit: int) -> CompletedCommand:
    """Give what an answer says of a command that ended; raises CommandError when it could not be started."""
    answer = an_object(answer, "exec")
    stdout, cut_out = within(text(answer.get("stdout")) or "", limit)
    stderr, cut_err = within(text(answer.get("stderr")) or "", limit)
    code = integer(answer.get("exit_code"))
    if code is None:
        raise UnexpectedResponse("the answer holds no exit code", path="exec", maybe_executed=True)
    if code and (_not_spawned(stderr) or (code == NOT_FOUND and stderr == MISSING and not stdout)):
        raise CommandError(
            f"{shown(args)!r} could not be started: no such command, or no such directory to run it in",
            path="exec",
            exit_code=NOT_FOUND,
            stderr=stderr,
        )
    return CompletedCommand(
        args,
        code,
        stdout,
        stderr,
        cut_out or cut_err,
        number(answer.get("elapsed_s")),
        text(answer.get("job_id")),
        is_placeholder(answer),
    )


def clearer(error: CommandError, args: str | tuple[str, ...], seconds: float) -> CommandError:
    """Give the error that the server's long words for a killed or missing command mean."""
    if error.killed:
        return CommandError(
            f"{shown(args)!r} was killed after its timeout of {seconds:g} s",
            path="exec",
            hint="give a longer timeout=",
            killed=True,
            maybe_executed=True,
        )
    if error.stderr is not None and _not_spawned(error.stderr):
        return CommandError(
            f"{shown(args)!r} could not be started: no such command, or no such directory to run it in",
            path="exec",
            exit_code=NOT_FOUND,
            stderr=error.stderr,
        )
    return error


def asked(limit: int) -> int:
    """Give the `max_output` to ask for: one more than is wanted, since the server marks as cut what exactly fits."""
    return limit + 1


def within(output: str, limit: int) -> tuple[str, bool]:
    """Give at most `limit` characters of an output for which one more was asked, and say whether there was more.

    Where the server itself cut at `limit`, as for a job that somebody else started, output of exactly that length counts as cut.
    """
    kept, cut = untruncated(output, asked(limit))
    if not cut:
        kept, cut = untruncated(output, limit)
    if len(kept) * 2 > limit:  # else it is short enough, however many characters take two units
        units = kept.encode("utf-16-le", "surrogatepass")
        if len(units) > 2 * limit:
            kept, cut = units[: 2 * limit].decode("utf-16-le", "surrogatepass"), True
    return (_mended(kept) if cut else kept), cut


def _mended(kept: str) -> str:
    """Give text that ends in half a character, which nothing could write or print, with U+FFFD for the half."""
    return f"{kept[:-1]}\ufffd" if "\ud800" <= kept[-1:] <= "\udfff" else kept


def untruncated(output: str, limit: int) -> tuple[str, bool]:
    """Take off the words that the server puts after output it cut, and say whether it did.

    A command may print these words itself; they are the server's only behind output as long as the limit, which it counts in UTF-16 units.
    """
    mark = f" (truncated at {limit} characters)"
    if output.endswith(mark):
        kept = output.removesuffix(mark)
        if len(kept.encode("utf-16-le", "surrogatepass")) // 2 >= limit:
            return kept, True
    return output, False


def _not_spawned(stderr: str) -> bool:
    if not stderr.startswith("{"):
        return False
    try:
        found = json.loads(stderr)
    except ValueError:
        return False
    return (
        isinstance(found, dict)
        and found.get("code") == "ENOENT"
        and str(found.get("syscall")).startswith("spawn")
    )
